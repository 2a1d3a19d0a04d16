"""The pages of a package's texts: made once for each content, before any lock is taken."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from registry.analysis.source_html import SOURCE_HTML_VERSION, render_source, syntax_of
from registry.package.reader import Package, PackageFile
from registry.rendering import RENDERER, render_markdown

VIEW_RULES = f"{RENDERER}.{SOURCE_HTML_VERSION}"
# Bytes of one package that are rendered as prose, and characters that are coloured. What is beyond
# is shown as plain source: a publish must not take minutes because a package is all markdown.
MOST_PROSE = 400_000
MOST_COLOURED = 200_000

Content = tuple[str, str]
"""SHA-256 and syntax."""


@dataclass(frozen=True, slots=True)
class View:
    content: Content
    text: str
    is_cut: bool
    source_html: str
    prose_html: str


def content_of(file: PackageFile) -> Content:
    return file.sha256, syntax_of(file.path)


def views_of(package: Package, *, present: Collection[Content]) -> Iterator[View]:
    """The views of all texts that are not ``present`` yet, each content once."""
    done = set(present)
    prose, coloured = MOST_PROSE, MOST_COLOURED
    for file in _workspace_first(package.files):
        text = package.texts.get(file.path)
        if text is None or content_of(file) in done:
            continue
        done.add(content_of(file))
        is_prose = file.kind == "markdown" and len(text) <= prose
        prose -= len(text) if is_prose else 0
        may_colour = len(text) <= coloured
        coloured -= len(text) if may_colour else 0
        yield View(
            content=content_of(file),
            text=text,
            is_cut=file.path in package.texts_cut,
            source_html=render_source(text, syntax_of(file.path), coloured=may_colour),
            prose_html=render_markdown(text).html if is_prose else "",
        )


def _workspace_first(files: Iterable[PackageFile]) -> list[PackageFile]:
    """The shallow ones first: what is deep down is the first to be shown plain."""
    return sorted(files, key=lambda file: (file.path.count("/"), file.path))
