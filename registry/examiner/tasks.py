"""The tasks that handle bytes of strangers. They run in the sandbox (ADR 22).

Each method takes one argument and open files. An instance serves one session, so `derive` can use
the package that `check` has read.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from foundation.sandbox.outputs import OutputFile
from foundation.sandbox.place import working_on
from foundation.text.markdown import Rendered, clean_html, render_markdown
from registry.analysis.diff.html import render_hunk
from registry.analysis.diff.summary import StoredDiff
from registry.analysis.diff.versions import diff_versions
from registry.analysis.facts import analyse
from registry.analysis.file_text import FileText
from registry.analysis.release_notes import extract_release_notes
from registry.examiner.file_html import render_files
from registry.examiner.prose import (
    PackagePages,
    find_linked_files,
    is_own_page,
    render_documents,
    render_linked_files,
)
from registry.examiner.records import (
    RELEASE_NOTES,
    CheckAnswer,
    CheckRequest,
    DeriveAnswer,
    DeriveRequest,
    DiffRequest,
    FileHunks,
    ImageToShrink,
    ManifestAnswer,
    ManifestIdentity,
    SentImage,
    SmallImage,
    UnpackRequest,
)
from registry.examiner.site_links import SiteLinks
from registry.examiner.small_images import shrink_image
from registry.package.archive.errors import ArchiveError
from registry.package.archive.unpack import unpack_files
from registry.package.checks.checked_image import CheckedAsset
from registry.package.checks.images import check_asset
from registry.package.checks.package import check_package, read_packaged_manifest
from registry.package.checks.paths import normalise_path
from registry.package.imports.records import Conversion, ImportAnswer, ImportRequest
from registry.package.imports.session import ImportSession
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import MANIFEST, ManifestError, ManifestStore, parse_manifest
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from registry.package.reader import Package, read_tarball

Files = Sequence[BinaryIO]

MAX_RELEASE_NOTES_BYTES = 20_000


class Examiner:
    """The tasks of one session."""

    def __init__(self) -> None:
        self._package: Package | None = None
        self._import = ImportSession()

    def plan_import(self, argument: ImportRequest, files: Files) -> ImportAnswer:
        """Finds what a package of a zip, a folder or a tar is made of."""
        return self._import.plan(argument, files)

    def convert_import(self, argument: ImportRequest, files: Files) -> Conversion:
        """Writes the package that was planned before to the output."""
        return self._import.convert(argument, files)

    def read_manifest(self, argument: str, files: Files) -> ManifestAnswer:
        """Parses an agent.json."""
        working_on(MANIFEST)
        try:
            manifest = parse_manifest(parse_json(argument))
        except StrictJsonError as error:
            return ManifestAnswer(syntax_error=str(error))
        except ManifestError as error:
            return ManifestAnswer(violations=error.violations)
        identity = ManifestIdentity(manifest.id, manifest.version, manifest.category)
        return ManifestAnswer(identity)

    def check(self, argument: CheckRequest, files: Files) -> CheckAnswer:
        """Reads a package and checks it with its images."""
        tarball, *streams = files
        package = self._package = read_tarball(tarball, argument.limits)
        images = argument.images
        manifest = read_packaged_manifest(package)[1]
        if manifest and argument.has_file_names:
            images = tuple(_with_store_path(image, manifest.store) for image in images)
        checked_assets = tuple(
            _check_image(image, stream, argument.limits)
            for image, stream in zip(images, streams, strict=True)
        )
        findings = check_package(
            package,
            claimed_manifest=None
            if argument.claimed_text is None
            else json.loads(argument.claimed_text),
            assets=checked_assets,
            categories=argument.categories,
            other_images=argument.other_images,
            limits=argument.limits,
        )
        return CheckAnswer(
            package.files,
            findings,
            checked_assets,
            _metadata(package),
            name=f"{manifest.id} {manifest.version}" if manifest else "",
            shop_keys=tuple(sorted(package.shop_keys)),
        )

    def derive(self, argument: DeriveRequest, files: Files) -> DeriveAnswer:
        """Computes what pages show of the package that was checked before."""
        package = self._package
        if package is None:
            raise RuntimeError("No package was checked in this session.")
        manifest: dict[str, Any] = json.loads(argument.metadata)
        texts = {
            path: FileText(text, path in package.truncated_texts)
            for path, text in package.texts.items()
        }
        paths = () if argument.is_draft else [file.path for file in package.files]
        pages = PackagePages.of_version(manifest, paths, package.pictures)
        renderings = render_documents(manifest, package.texts, pages)
        if argument.is_draft:
            return DeriveAnswer(renderings, analyse(manifest, package.files, texts), ())
        linked_paths = find_linked_files(package)
        unseen_by_path: dict[str, Sequence[int]] = {}
        present = set(argument.present)
        rendered_files = tuple(
            render_files(
                package, present=present, linked_paths=linked_paths, unseen_by_path=unseen_by_path
            )
        )
        renderings |= dict(render_linked_files(package, pages, linked_paths))
        renderings |= _render_release_notes(manifest, package, pages)
        analysis = analyse(manifest, package.files, texts, known_unseen=unseen_by_path)
        return DeriveAnswer(renderings, analysis, rendered_files)

    def unpack(self, argument: UnpackRequest, files: Files) -> bool:
        """Writes files of a package to the output. False if the package cannot be read."""
        tarball, output = files
        try:
            return unpack_files(tarball, OutputFile(output), argument.places, argument.limits)
        # The same file was read when it was uploaded, so these are no longer its bytes.
        except (ArchiveError, ValueError):
            return False

    def shrink(self, argument: tuple[ImageToShrink, ...], files: Files) -> tuple[SmallImage, ...]:
        """Makes small copies of images that were checked before."""
        copies = []
        for image, stream in zip(argument, files, strict=True):
            working_on(image.kind)
            copies.append(shrink_image(image, stream))
        return tuple(copies)

    def diff(self, argument: DiffRequest, files: Files) -> StoredDiff:
        """Compares two versions."""
        return diff_versions(
            argument.old, argument.new, argument.pairs, argument.unchanged_count, argument.texts
        )

    def render_hunks(
        self, argument: tuple[FileHunks, ...], files: Files
    ) -> tuple[tuple[str, ...], ...]:
        """Renders the hunks of each file as HTML."""
        return tuple(tuple(render_hunk(hunk) for hunk in hunks) for hunks in argument)

    def render_texts(self, argument: tuple[str, ...], files: Files) -> tuple[Rendered, ...]:
        """Renders texts whose links lead nowhere on this site."""
        return tuple(render_markdown(text) for text in argument)

    def render_site_texts(
        self, argument: tuple[tuple[str, str], ...], files: Files
    ) -> tuple[str, ...]:
        """Renders texts with links to pages of this site, each with a prefix of its ids."""
        links = SiteLinks()
        return tuple(
            render_markdown(text, links=links, id_prefix=prefix).html for prefix, text in argument
        )

    def clean_prose(self, argument: tuple[str, ...], files: Files) -> tuple[str, ...]:
        """Cleans HTML that another instance has rendered."""
        return tuple(clean_html(text, is_own_page=is_own_page) for text in argument)


def _with_store_path(image: SentImage, store: ManifestStore) -> SentImage:
    """Gives an image its path from the manifest; a browser sends a file name."""
    if image.kind == "icon":
        # There is at most one icon, so its file name on the author's disk does not matter.
        return replace(image, path=store.icon or image.path)
    if image.path in store.screenshots:
        return image
    file_name = normalise_path(image.path).rpartition("/")[2]
    paths = (path for path in store.screenshots if path.rpartition("/")[2] == file_name)
    return replace(image, path=next(paths, image.path))


def _check_image(image: SentImage, stream: BinaryIO, limits: PackageLimits) -> CheckedAsset:
    working_on(image.path)
    return check_asset(image.kind, image.path, stream, limits)


def _metadata(package: Package) -> str | None:
    try:
        return package.manifest_bytes.decode() if package.manifest_bytes is not None else None
    except UnicodeDecodeError:
        return None


def _render_release_notes(
    manifest: dict[str, Any], package: Package, pages: PackagePages
) -> dict[str, Rendered]:
    version = str(manifest.get("version", ""))
    notes = extract_release_notes(package.texts, version)
    if not notes:
        return {}
    # A page has the notes of several versions.
    html = render_markdown(
        notes,
        max_bytes=MAX_RELEASE_NOTES_BYTES,
        links=pages.links_of("CHANGELOG.md"),
        id_prefix=f"notes-{version}-",
    )
    return {RELEASE_NOTES: html}
