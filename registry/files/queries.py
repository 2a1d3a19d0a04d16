"""Files of a version: the list, the tree, a file's page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol
from unicodedata import normalize

from django.db.models import Case, Exists, QuerySet, Subquery, Value, When
from rapidfuzz.distance import Indel
from rapidfuzz.process import extract

from foundation.text.markdown import RENDERER_VERSION
from registry.agents.queries import refuse_withheld
from registry.analysis.model import Analysis, PromptFile
from registry.analysis.syntaxes import syntax_of
from registry.errors import FileNotInPackage
from registry.examiner.records import file_document
from registry.examiner.rendered_file import FILE_RENDERER_VERSION
from registry.models import FileView, Version, VersionFile
from registry.package.rule_set import RULE_SET

MAX_DEPTH = 8
"""Deepest level that the page indents."""
MAX_COMPARED, MAX_SIMILAR = 2_000, 5
MIN_SIMILARITY = 0.6


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A row of the file tree: a file, or a folder (then without ``file``)."""

    name: str
    path: str
    depth: int
    file: VersionFile | None = None
    prompt: PromptFile | None = None


@dataclass(frozen=True, slots=True)
class FilePage:
    """A file of a version. ``view`` is None if its text is not stored.

    ``prose_html`` is "" if the file is no markdown, or too long to be rendered.
    """

    file: VersionFile
    view: FileView | None
    prompt: PromptFile | None
    prose_html: str = ""

    @property
    def line_count(self) -> int:
        return self.view.text.removesuffix("\n").count("\n") + 1 if self.view else 0


class FactWithPath(Protocol):
    @property
    def path(self) -> str: ...


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The first facts of a kind about a file; ``has_more``: it may have more."""

    items: list[FactWithPath]
    has_more: bool


def list_files(version: Version) -> QuerySet[VersionFile]:
    """The version's files by path; none after an import without packages.

    After an upgrade they are those of the rules before, until `recompute` has run. Raises
    `VersionWithheld` for a withheld version: a file name can be the reason for withholding.
    """
    refuse_withheld(version)
    of_version = VersionFile.objects.filter(version=version)
    # The newest is looked for only if there are none of today: a version has up to 10,000 files.
    newest = Subquery(of_version.order_by("-id").values("rule_set")[:1])
    is_of_today = Exists(of_version.filter(rule_set=str(RULE_SET)))
    rule_set = Case(When(is_of_today, then=Value(str(RULE_SET))), default=newest)
    return of_version.filter(rule_set=rule_set).order_by("path")


def build_tree(files: QuerySet[VersionFile], analysis: Analysis | None) -> list[TreeRow]:
    """The tree of files sorted by path, each folder before its content."""
    prompts = _prompt_files(analysis)
    rows: list[TreeRow] = []
    open_folders: list[str] = []
    for file in files:
        *folders, name = file.path.split("/")
        levels = zip(open_folders, folders, strict=False)
        shared_levels = list(takewhile(lambda level: level[0] == level[1], levels))
        for depth in range(len(shared_levels), len(folders)):
            path = "/".join(folders[: depth + 1])
            rows.append(TreeRow(folders[depth], path, min(depth, MAX_DEPTH)))
        open_folders = folders
        depth = min(len(folders), MAX_DEPTH)
        rows.append(TreeRow(name, file.path, depth, file, prompts.get(file.path)))
    return rows


def find_file(version: Version, path: str) -> VersionFile:
    """The file at a path, in any Unicode composition.

    A keyboard types another composition than macOS stores. Raises `FileNotInPackage` or
    `VersionWithheld`.
    """
    files = list_files(version)
    file = files.filter(path=path).first()
    if file is None and not path.isascii():
        name = normalize("NFC", path)
        paths = files.values_list("path", flat=True)
        spelling = next(
            (candidate for candidate in paths if normalize("NFC", candidate) == name), path
        )
        file = files.filter(path=spelling).first()
    if file is None:
        raise FileNotInPackage
    return file


def similar_files(scope: str, name: str, version: str, path: str) -> list[str]:
    """The paths of a version that an address with an unknown path may have meant.

    They are in the folder of that name, or have a similar path.
    """
    files = VersionFile.objects.filter(
        version__agent__scope=scope.lower(),
        version__agent__name=name.lower(),
        version__version=version,
        rule_set=str(RULE_SET),
    )
    paths = list(files.order_by("path").values_list("path", flat=True)[:MAX_COMPARED])
    paths_inside = [
        candidate for candidate in paths if candidate.startswith(f"{path.rstrip('/')}/")
    ]
    if paths_inside:
        return paths_inside[:MAX_SIMILAR]
    closest = extract(
        path.lower(),
        {candidate: candidate.lower() for candidate in paths},
        scorer=Indel.normalized_similarity,
        score_cutoff=MIN_SIMILARITY,
        limit=MAX_SIMILAR,
    )
    return [candidate for _, _, candidate in closest]


def find_file_page(version: Version, path: str, analysis: Analysis | None) -> FilePage:
    file = find_file(version, path)
    view = FileView.objects.filter(
        sha256=file.sha256, syntax=syntax_of(file.path), rule_set=FILE_RENDERER_VERSION
    ).first()
    prompt = _prompt_files(analysis).get(file.path)
    return FilePage(file, view, prompt, _find_prose(version, file, view))


def facts_of_file(path: str, facts: Sequence[FactWithPath], total: int) -> FileFacts:
    """The facts about one file, from the listed ones of a version that has ``total``."""
    counts = Counter(fact.path for fact in facts)
    # Each file has the same share of the list.
    is_cut = total > len(facts) and counts[path] == max(counts.values(), default=0)
    return FileFacts([fact for fact in facts if fact.path == path], is_cut)


def _find_prose(version: Version, file: VersionFile, view: FileView | None) -> str:
    """Returns the HTML of a markdown file, which may have links to its version."""
    if view is None or view.prose_html or file.kind != "markdown":
        return view.prose_html if view else ""
    rows = version.versionrenderings.filter(
        document=file_document(file.path), rule_set=RENDERER_VERSION
    )
    return rows.values_list("html", flat=True).first() or ""


def _prompt_files(analysis: Analysis | None) -> dict[str, PromptFile]:
    return {file.path: file for file in analysis.prompt.files} if analysis else {}
