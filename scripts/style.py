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
    """
    accepted added affected allowed altered another answered anyone anything anywhere appended
    applied approved archived arrived asked asserted assigned attached awaited begun blocked
    born borrowed both bought broke broken built cached called cancelled caught changed checked
    chosen cited claimed cleaned clipped closed closing collected coloured combined committed
    compared compiled completed compressed computed confirmed converted copied counted covered
    crawled created curved decided declared decoded defined deleted delisted denied derived
    described disabled documented done doomed downloaded drawn drifted dropped each edited
    elsewhere emitted emptied enabled encoded ended enqueued enriched entered equipped escaped
    every everybody everyone everything examined excluded existed existing expanded expected
    expelled expired exported extended failed failing fetched filed filled filtered finished
    flushed folded following forced forged forgiving formatted former forwarded found generated
    given gone got granted grouped grown had handled hashed held hers hidden highlighted ignored
    imported included indexed inherited initialized inlined inserted inside inspected installed
    invented invited joined judged kept known latter left lent lifted limited linked listed
    loaded localized locked looked lost lowered made managed mapped marked meant measured
    mentioned merged mine missing mixed modified most moved moving named needed nobody
    normalised noted nothing notified numbered observed offered omitted one ones opened ordered
    others ours outdated outside owned packaged packed padded painted paired parked parsed
    passed paused picked pinned planned posted postponed prepared preserved pressed printed
    processed promoted proposed proved pruned published purchased pushed quoted raised ranked
    reached received recognised recounted refused rejected related released reloaded remaining
    remembered removed renamed rendered reopened repaired repeated replaced reported requested
    required reserved resolved rest restarted restored retagged retried reviewed revoked
    rewritten rising rolled running said same sampled saved scanned scheduled scoped scored
    seeded seen selected sent served settled several shared shortened shown signed skipped some
    somebody something somewhere spaced spelled spent stamped standing started stated stolen
    stopped stored stretched stripped submitted subscribed succeeded suggested supported
    suspended swapped synced tagged taken takes taught telling tested theirs then there these
    those thrown tied told took tracked trimmed truncated turned twice typed unchanged
    understood undone unescaped unexpired unfinished unknown unpacked unrated unread unreported
    unresolved unseen unsent unsorted unused updated uploaded used validated verified viewed
    visited waited waiting wanted weighted what whence where which whichever who whoever whole
    whose why withheld wrapped written wrote yanked yours
    """.split()
)
# Names that others have given: the JSON of the API and of packages, stored facts, and attributes of
# a library's classes.
NAMES_OF_OTHERS = {
    "clawstore/management/commands/recompute.py": {"missing"},
    "clawstore/ops/metric_files.py": {"used"},
    "clawstore/ops/worker.py": {"initialized"},
    "clawstore/studio/type_editing.py": {"disabled"},
    "foundation/desk/forms.py": {"required"},
    "foundation/immutable.py": {"generated", "hidden"},
    "foundation/sandbox/positional.py": {"whence"},
    "foundation/text/diff.py": {"added", "removed", "skipped"},
    "foundation/text/markdown_images.py": {"hidden"},
    "registry/agents/schemas.py": {"withheld"},
    "registry/analysis/diff/capabilities.py": {"required"},
    "registry/analysis/diff/files.py": {"unchanged"},
    "registry/analysis/model.py": {"hidden", "recognised", "required", "unseen"},
    "registry/analysis/summary.py": {"yours"},
    "registry/diffs/api.py": {"unchanged"},
    "registry/mirrors/schemas.py": {"withheld", "yanked"},
    "registry/package/manifest/json_schema.py": {"required"},
    "registry/package/manifest/schema.py": {"required"},
    "wordclaw/forms/definitions/schemas.py": {"required"},
    "registry/publishing/storage_keys.py": {"closed"},
    "registry/search/schemas.py": {"missing", "spelled"},
}
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
    words = NOT_NOUNS - NAMES_OF_OTHERS.get(str(path.relative_to(ROOT)), set())
    for node in ast.walk(tree):
        for name, line in bound_names(node):
            if name.strip("_") in words:
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
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name, node.lineno


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
