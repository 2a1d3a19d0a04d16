"""Check the style rules of docs/STYLE.md that no linter knows.

Use: python scripts/style.py [PATH ...]. Without a path it checks the whole project. Prints one
line per violation and exits with 1 if there are any.
"""

import ast
import re
import subprocess
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FUNCTION = 50
LONGEST_MODULE = 400
LONGEST_SUMMARY = 80
LONGEST_TEMPLATE_LINE = 120
LONGEST_TEMPLATE = 60

# A variable is a noun. These are bare participles and pronouns, which say nothing of the value.
NOT_NOUNS = frozenset(
    {
        "said",
        "found",
        "held",
        "shown",
        "kept",
        "known",
        "asked",
        "told",
        "wanted",
        "one",
        "ones",
        "made",
        "seen",
        "most",
        "given",
        "whole",
        "mine",
        "taken",
        "standing",
        "judged",
        "stored",
        "counted",
        "theirs",
        "ours",
        "others",
        "another",
        "nobody",
        "whoever",
        "whichever",
        "nothing",
        "waited",
        "somebody",
        "what",
        "who",
        "chosen",
        "named",
        "typed",
        "sent",
        "got",
        "left",
        "gone",
        "meant",
        "looked",
        "noted",
        "former",
        "latter",
        "filled",
        "stamped",
        "retagged",
        "rest",
        "both",
        "which",
        "whose",
        "same",
        "some",
        "every",
        "had",
        "written",
        "rendered",
        "parsed",
        "received",
        "loaded",
        "joined",
        "combined",
        "marked",
        "grouped",
        "escaped",
        "understood",
        "offered",
        "answered",
        "tested",
        "clipped",
        "drawn",
        "covered",
        "paired",
        "shortened",
        "folded",
        "built",
        "mixed",
    }
)
# Modules that may use `re`, which backtracks, with the most characters that they pass to it; 0:
# only the project's own texts. All others use foundation.text.expressions, which is linear in any
# text. tests/foundation/text/test_expressions.py times the expressions of these modules (ADR 21).
MODULES_WITH_RE = {
    "clawstore/ops/json_log.py": 100_000,
    "clawstore/ops/static.py": 0,
    "clawstore/web/require_sign_in.py": 10_000,
    "foundation/access/rules.py": 1_000,
    "foundation/accounts/models.py": 1_000,
    "foundation/audit/middleware.py": 10_000,
    "foundation/text/expressions.py": 0,
    "foundation/text/stems.py": 40,
    "foundation/text/terms.py": 40_000,
    "foundation/web/compression.py": 10_000,
    "foundation/web/template_digest.py": 0,
    "profiles/rules.py": 1_000,
    "registry/downloads/bots.py": 10_000,
    "registry/embeds/drawing.py": 0,
    "registry/embeds/typesetting.py": 1_000,
    "registry/search/intents.py": 256,
    "registry/examiner/prose.py": 10_000,
    "registry/downloads/export.py": 10_000,
    "registry/publishing/multipart.py": 10_000,
    "registry/publishing/storage_keys.py": 10_000,
    "registry/rules/identifiers.py": 10_000,
    "registry/search/query.py": 1_000,
}
WITHOUT_RULE_FOR_RE = {"tests", "devtools", "scripts"}
# Words for nobody in particular, anywhere in a comment, a docstring or a document: the noun is
# user, visitor, author, operator, maintainer or caller.
NO_ACTORS = re.compile(r"\b(?:who(?:m|so)?ever|whom|(?:no|some|every|any)body)\b", re.IGNORECASE)
# Texts that quote these words, or are about them.
WITH_NO_ACTORS = {"docs/STYLE.md", "scripts/style.py"}
# Subjects that are no nouns: a reader has to work out who or what acts.
NOT_SUBJECTS = re.compile(
    r"^(?:Who|Whoever|Whom|Whose|Nobody|Somebody|Everybody|What|Whatever|That it|Of)\b"
)


def main() -> int:
    prefixes = [str((Path.cwd() / path).resolve()) for path in sys.argv[1:]] or [str(ROOT)]
    violations = [
        f"{path.relative_to(ROOT)}:{line}: {message}"
        for path, line, message in sorted(all_violations())
        if any(str(path).startswith(prefix) for prefix in prefixes)
    ]
    print("\n".join(violations))
    kinds = Counter(violation.split(": ")[1].split(" ")[0] for violation in violations)
    if violations:
        print(f"{len(violations)} violations: {dict(kinds)}", file=sys.stderr)
    return 1 if violations else 0


def tracked(*patterns: str) -> list[Path]:
    """The project's files that match a pattern, new ones included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def all_violations() -> Iterator[tuple[Path, int, str]]:
    classes: dict[str, list[tuple[Path, int]]] = defaultdict(list)
    for path in tracked("*.py"):
        parts = path.relative_to(ROOT).parts
        if "migrations" in parts or parts[0] == "demo":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        is_test = parts[0] == "tests"
        if parts[0] not in WITHOUT_RULE_FOR_RE and "/".join(parts) not in MODULES_WITH_RE:
            yield from ((path, line, message) for line, message in backtracking(tree))
        for line, message in module_violations(path, tree, is_test=is_test):
            yield path, line, message
        if not is_test:
            # Nested classes are named with their outer class; Django requires `Command`.
            for node in tree.body:
                if isinstance(node, ast.ClassDef) and node.name != "Command":
                    classes[node.name].append((path, node.lineno))
    for name, places in classes.items():
        for path, line in places if len(places) > 1 else ():
            yield path, line, f"class {name} has a name that another class has, too"
    yield from template_violations()
    yield from document_violations()
    yield from decision_violations()


def module_violations(path: Path, tree: ast.Module, *, is_test: bool) -> Iterator[tuple[int, str]]:
    length = len(path.read_text(encoding="utf-8").splitlines())
    if length > LONGEST_MODULE and not is_test:
        yield 1, f"module has {length} lines, at most {LONGEST_MODULE}"
    yield from comment_violations(path)
    for node in ast.walk(tree):
        for name, line in bound_names(node):
            if name.lstrip("_") in NOT_NOUNS:
                yield line, f"variable {name} is not a noun"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield node.lineno, f"function {node.name} has {lines} lines"
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from docstring_violations(node)


def backtracking(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Imports of modules whose expressions backtrack, or that translate into such."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if not {"re", "regex", "fnmatch", "glob"}.isdisjoint(names):
            yield node.lineno, "re backtracks: use foundation.text.expressions, or MODULES_WITH_RE"


def bound_names(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Names that a node binds: variables, attributes, loop variables and parameters."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, node.lineno
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr, node.lineno
    elif isinstance(node, ast.arg):
        yield node.arg, node.lineno


def docstring_violations(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[int, str]]:
    docstring = ast.get_docstring(node)
    if docstring is None:
        return
    line = node.body[0].lineno
    summary = docstring.splitlines()[0]
    if len(summary) > LONGEST_SUMMARY:
        yield line, f"docstring begins with {len(summary)} characters, at most {LONGEST_SUMMARY}"
    if NOT_SUBJECTS.match(summary):
        yield line, f"docstring begins with {summary.split()[0]!r}"
    if match := NO_ACTORS.search(docstring):
        yield line, f"docstring says {match[0]!r}"


def comment_violations(path: Path) -> Iterator[tuple[int, str]]:
    if str(path.relative_to(ROOT)) in WITH_NO_ACTORS:
        return
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and (match := NO_ACTORS.search(token.string)):
                yield token.start[0], f"comment says {match[0]!r}"


def document_violations() -> Iterator[tuple[Path, int, str]]:
    for path in tracked(
        "docs/*.md", "docs/**/*.md", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"
    ):
        if str(path.relative_to(ROOT)) in WITH_NO_ACTORS:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := NO_ACTORS.search(line):
                yield path, number, f"document says {match[0]!r}"


def template_violations() -> Iterator[tuple[Path, int, str]]:
    for path in tracked("templates/*.html", "templates/**/*.html"):
        lines = path.read_text(encoding="utf-8").splitlines()
        if len(lines) > LONGEST_TEMPLATE:
            yield path, 1, f"template has {len(lines)} lines, at most {LONGEST_TEMPLATE}"
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_TEMPLATE_LINE:
                yield path, number, f"template line has {len(line)} characters"
            if match := NO_ACTORS.search(line):
                yield path, number, f"template says {match[0]!r}"


def decision_violations() -> Iterator[tuple[Path, int, str]]:
    numbers: dict[str, list[Path]] = defaultdict(list)
    for path in tracked("docs/adr/*.md"):
        numbers[path.name[:4]].append(path)
    for number, paths in numbers.items():
        for path in paths if len(paths) > 1 else ():
            yield path, 1, f"ADR number {number} is used twice"


if __name__ == "__main__":
    sys.exit(main())
