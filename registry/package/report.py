"""Reports whether the server would accept a package on disk."""

import json
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from registry.package.checks.checked_image import AssetKind, CheckedAsset
from registry.package.checks.file import PackageFile
from registry.package.checks.images import check_asset
from registry.package.checks.package import check_package, read_packaged_manifest
from registry.package.findings import Finding
from registry.package.limits import LIMITS, PackageLimits
from registry.package.manifest.categories import CATEGORIES
from registry.package.manifest.schema import Manifest
from registry.package.reader import Package, read_folder, read_tarball


@dataclass(frozen=True)
class PackageReport:
    """`manifest` is None if agent.json is missing or has faults.

    `has_unchecked_images`: agent.json names images, which only a folder has.
    """

    manifest: Manifest | None
    findings: tuple[Finding, ...]
    files: tuple[PackageFile, ...]
    has_unchecked_images: bool = False

    @property
    def is_accepted(self) -> bool:
        return not any(finding.is_error for finding in self.findings)


def check_path(path: Path, limits: PackageLimits = LIMITS) -> PackageReport:
    """Checks a package folder or a tarball. Raises OSError if it cannot be read.

    The icon and the screenshots are checked in a folder only: the client sends them beside the
    tarball, not in it.
    """
    package = read_package(path, limits)
    manifest = read_packaged_manifest(package)[1]
    assets = _check_store_images(path, manifest, limits) if manifest and path.is_dir() else []
    findings = check_package(
        package,
        claimed_manifest=None,
        assets=assets,
        categories=CATEGORIES,
        other_images=() if path.is_dir() else None,
        limits=limits,
    )
    has_unchecked_images = _has_images(manifest) and not path.is_dir()
    return PackageReport(manifest, findings, package.files, has_unchecked_images)


def read_package(path: Path, limits: PackageLimits) -> Package:
    if path.is_dir():
        return read_folder(path, limits)
    with path.open("rb") as stream:
        return read_tarball(stream, limits)


def _has_images(manifest: Manifest | None) -> bool:
    return manifest is not None and bool(manifest.store.icon or manifest.store.screenshots)


def _check_store_images(
    root: Path, manifest: Manifest, limits: PackageLimits
) -> list[CheckedAsset]:
    """Returns the images that the manifest names and that are there."""
    images: list[tuple[AssetKind, str]] = [("screenshot", p) for p in manifest.store.screenshots]
    if manifest.store.icon:
        images.insert(0, ("icon", manifest.store.icon))
    assets: list[CheckedAsset] = []
    for kind, path in images:
        # The path has composed letters; the disk may have others.
        names = (root / path, root / normalize("NFD", path))
        file = next((name for name in names if name.is_file()), names[0])
        # A symbolic link may lead out of the folder.
        if file.is_file() and file.resolve().is_relative_to(root.resolve()):
            with file.open("rb") as stream:
                assets.append(check_asset(kind, path, stream, limits))
    return assets


def format_json(report: PackageReport) -> str:
    document = {
        "ok": report.is_accepted,
        "id": report.manifest.id if report.manifest else None,
        "version": report.manifest.version if report.manifest else None,
        "findings": [finding.as_json() for finding in report.findings],
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256, "kind": file.kind}
            for file in report.files
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def format_text(report: PackageReport) -> str:
    """Returns a line for each finding, and a summary."""
    lines = []
    for finding in report.findings:
        place = f"{finding.path}:{finding.line}" if finding.line else finding.path or "-"
        lines.append(f"{finding.severity:<7}  {finding.code}  {place}  {finding.message}")
    return "\n".join([*lines, _summary(report)])


def _summary(report: PackageReport) -> str:
    error_count = sum(finding.is_error for finding in report.findings)
    warning_count = len(report.findings) - error_count
    counts = f"{_count(error_count, 'error')}, {_count(warning_count, 'warning')}"
    if not report.is_accepted or not report.manifest:
        return f"Refused: {counts}."
    size = sum(file.size for file in report.files)
    contents = f"{_count(len(report.files), 'file')}, {_count(size, 'byte')}"
    summary = f"Accepted: {counts}. {report.manifest.id} {report.manifest.version}, {contents}."
    if report.has_unchecked_images:
        # The client sends them beside the tarball.
        summary += "\nNot checked: the images of store, which no tarball has. Check the folder."
    return summary


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
