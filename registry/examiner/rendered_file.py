"""The HTML of a package's text, and the key under which it is stored."""

from dataclasses import dataclass

from foundation.text.markdown import RENDERER_VERSION
from registry.analysis.source_html import SOURCE_HTML_VERSION
from registry.analysis.syntaxes import syntax_of
from registry.package.checks.file import PackageFile

FILE_RENDERER_VERSION = f"{RENDERER_VERSION}.{SOURCE_HTML_VERSION}"
ContentKey = tuple[str, str]
"""SHA-256 and syntax: the same bytes under another file name may have other colours."""


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A text and its HTML.

    ``prose_html`` is empty if it is no markdown, too long, or links to files of its version.
    """

    key: ContentKey
    text: str
    is_cut: bool
    source_html: str
    prose_html: str


def content_key(file: PackageFile) -> ContentKey:
    return file.sha256, syntax_of(file.path)
