"""The prose of a version as HTML: description, README, and files with links."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from foundation.sandbox.place import working_on
from foundation.text.markdown import Rendered, render_markdown
from foundation.text.markdown_anchors import fragment_of
from foundation.text.markdown_links import PackageLinks, Picture
from registry.examiner.records import README, file_document
from registry.package.checks.extensions import MARKDOWN, get_extension
from registry.package.checks.paths import fold_name
from registry.package.checks.pictures import PictureSize
from registry.package.checks.references import find_references, resolve_href
from registry.package.manifest.schema import MANIFEST
from registry.package.reader import Package

OWN_PAGE = re.compile(
    r"/agents/@[a-z0-9-]+/[a-z0-9-]+/versions/[0-9A-Za-z.+-]+/files(?:[/#][^\\?]*(?:\?view=.*)?)?"
    r"|/v1/agents/[a-z0-9-]+/[a-z0-9-]+/versions/[0-9A-Za-z.+-]+/files/[^?#\\]+"
)
PACKAGE_README = "readme.md"
MAX_LINKED_CHARACTERS = 400_000
"""Of files with links in one package; others are shown as plain source."""


def is_own_page(path: str) -> bool:
    """Whether a URL path is that of a version's file, its bytes, or the file list."""
    # A browser resolves `..` before it asks, and would leave the pages of the version.
    return OWN_PAGE.fullmatch(path) is not None and "/.." not in path


@dataclass(frozen=True, slots=True)
class PackagePages:
    """Addresses of the files and folders of a version.

    Names meet in any letter case and Unicode composition: a package has no two that differ in
    these alone.
    """

    pages: str
    contents: str
    files: Mapping[str, str]
    folders: Mapping[str, str]
    pictures: Mapping[str, PictureSize]

    @classmethod
    def of_version(
        cls,
        manifest: Mapping[str, Any],
        paths: Iterable[str],
        pictures: Mapping[str, PictureSize],
    ) -> "PackagePages":
        id_, version = manifest["id"], manifest["version"]
        paths = list(paths)
        return cls(
            f"/agents/{id_}/versions/{version}/files",
            f"/v1/agents/{str(id_).removeprefix('@')}/versions/{version}/files",
            {fold_name(path): path for path in paths},
            {fold_name(folder): folder for folder in _folders(paths)},
            pictures,
        )

    def links_of(self, source: str) -> PackageLinks:
        """Returns the links of the file at this path."""
        return _FileLinks(self, source)


def _folders(paths: Iterable[str]) -> set[str]:
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        # If a folder is known, so are those above it.
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


@dataclass(frozen=True, slots=True)
class _FileLinks:
    """Links of one file, relative to its folder."""

    package: PackagePages
    source: str

    def page(self, target: str) -> str:
        name = self._resolve(target)
        if name is None:
            return ""
        fragment = target.partition("#")[2]
        if file := self.package.files.get(name):
            return f"{self.package.pages}/{quote(file)}{_place(file, fragment)}"
        if name == fold_name("."):
            return self.package.pages
        folder = self.package.folders.get(name)
        return f"{self.package.pages}#in-{quote(folder)}" if folder else ""

    def picture(self, target: str) -> Picture | None:
        name = self._resolve(target)
        file = self.package.files.get(name) if name is not None else None
        size = self.package.pictures.get(file) if file else None
        return Picture(f"{self.package.contents}/{quote(file)}", *size) if file and size else None

    def _resolve(self, target: str) -> str | None:
        path = resolve_href(self.source, target)
        # A draft has no pages, so the links of its prose lead nowhere.
        return fold_name(path) if path is not None and self.package.files else None


def _place(path: str, fragment: str) -> str:
    """Returns the part of an address behind the path of a file's page."""
    # Line numbers are those of the source; a rendered page has none.
    if fragment[:1] == "L" and fragment[1:2].isdecimal():
        return f"?view=source#{quote(fragment)}"
    is_prose = get_extension(path) in MARKDOWN
    return f"#{fragment_of(fragment)}" if fragment and is_prose else ""


def render_documents(
    manifest: Mapping[str, Any], texts: Mapping[str, str], pages: PackagePages
) -> dict[str, Rendered]:
    """Render the description, and the README if there is one, by document name."""
    working_on(MANIFEST)
    description = render_markdown(
        str(manifest["description"]), links=pages.links_of(MANIFEST), id_prefix="about-"
    )
    documents = {"description": description}
    readme = find_readme(texts)
    if readme and texts[readme]:
        working_on(readme)
        documents[README] = render_markdown(texts[readme], links=pages.links_of(readme))
    return documents


def find_readme(paths: Iterable[str]) -> str | None:
    return next((path for path in paths if path.casefold() == PACKAGE_README), None)


def find_linked_files(package: Package) -> frozenset[str]:
    """Returns the paths of the markdown files that link to files of the package."""
    return frozenset(
        file.path
        for file in package.files
        if file.kind == "markdown" and has_links(file.path, package.texts.get(file.path, ""))
    )


def render_linked_files(
    package: Package, pages: PackagePages, linked_paths: Collection[str]
) -> Iterator[tuple[str, Rendered]]:
    """Render the markdown files that link to others, by document name.

    The HTML of other files is the same in each version, and stored once for all.
    """
    budget = MAX_LINKED_CHARACTERS
    # Files deep in the tree are read least, so the budget runs out for them first.
    for file in sorted(package.files, key=lambda file: (file.path.count("/"), file.path)):
        text = package.texts.get(file.path, "")
        is_readme = file.path.casefold() == PACKAGE_README
        if file.path not in linked_paths or is_readme or len(text) > budget:
            continue
        budget -= len(text)
        working_on(file.path)
        html = render_markdown(text, links=pages.links_of(file.path))
        yield file_document(file.path), html


def has_links(path: str, text: str) -> bool:
    """Whether a markdown file links to a file of its package."""
    # One is enough, and a file may have thousands.
    return bool(find_references(path, text, 1))
