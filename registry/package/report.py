"""What there is to say about a package on disk: the same judgement as on the server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.package.archive.folder import open_folder
from registry.package.checks.images import Asset, AssetKind, inspect_asset
from registry.package.checks.package import check_package, read_packaged_manifest
from registry.package.findings import Finding, finding
from registry.package.limits import PackageLimits
from registry.package.manifest.categories import CATEGORIES
from registry.package.manifest.schema import Manifest
from registry.package.reader import Package, PackageFile, open_tarball


@dataclass(frozen=True)
class Verdict:
    """`ok` when no finding is an error; `manifest` is None when agent.json breaks its rules."""

    manifest: Manifest | None
    findings: tuple[Finding, ...]
    files: tuple[PackageFile, ...]

    @property
    def ok(self) -> bool:
        return all(found.severity != "error" for found in self.findings)


def judge(path: Path, limits: PackageLimits | None = None) -> Verdict:
    """Judges a folder or a tarball. OSError when it cannot be read."""
    limits = limits or PackageLimits()
    package = open_path(path, limits)
    manifest = read_packaged_manifest(package)[1]
    assets, missing = _assets(path, manifest, limits) if path.is_dir() else ([], [])
    findings = check_package(
        package, claimed=None, assets=assets, categories=CATEGORIES, extra=missing, limits=limits
    )
    return Verdict(manifest, findings, package.files)


def open_path(path: Path, limits: PackageLimits) -> Package:
    if path.is_dir():
        return open_folder(path, limits)
    with path.open("rb") as stream:
        return open_tarball(stream, limits)


def _assets(
    root: Path, manifest: Manifest | None, limits: PackageLimits
) -> tuple[list[Asset], list[Finding]]:
    """The pictures that the manifest names, and those that are not there."""
    assets: list[Asset] = []
    missing: list[Finding] = []
    for kind, path in _named_pictures(manifest) if manifest else ():
        place = root / path
        if place.is_file() and place.resolve().is_relative_to(root.resolve()):
            with place.open("rb") as stream:
                assets.append(inspect_asset(kind, path, stream, limits))
        else:
            message = f"store names the {kind} {path}, which is not there."
            missing.append(finding("broken_reference", "agent.json", message))
    return assets, missing


def _named_pictures(manifest: Manifest) -> Iterator[tuple[AssetKind, str]]:
    if manifest.store.icon:
        yield "icon", manifest.store.icon
    for path in manifest.store.screenshots:
        yield "screenshot", path


def as_json(verdict: Verdict) -> str:
    """The verdict for programs."""
    shown = {
        "ok": verdict.ok,
        "id": verdict.manifest.id if verdict.manifest else None,
        "version": verdict.manifest.version if verdict.manifest else None,
        "findings": [found.as_json() for found in verdict.findings],
        "files": [
            {"path": file.path, "size": file.size, "sha256": file.sha256, "kind": file.kind}
            for file in verdict.files
        ],
    }
    return json.dumps(shown, indent=2, ensure_ascii=False)


def as_text(verdict: Verdict) -> str:
    """The verdict for people: a line for every finding, then the summary."""
    return "\n".join([*map(_line, verdict.findings), _summary(verdict)])


def _line(found: Finding) -> str:
    place = f"{found.path}:{found.line}" if found.line else found.path or "-"
    return f"{found.severity:<7}  {found.code}  {place}  {found.message}"


def _summary(verdict: Verdict) -> str:
    errors = sum(found.severity == "error" for found in verdict.findings)
    warnings = sum(found.severity == "warning" for found in verdict.findings)
    counted = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
    if not verdict.ok or not verdict.manifest:
        return f"Refused: {counted}."
    size = sum(file.size for file in verdict.files)
    files = _counted(len(verdict.files), "file")
    agent = f"{verdict.manifest.id} {verdict.manifest.version}"
    return f"Accepted: {counted}. {agent}, {files}, {_counted(size, 'byte')}."


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
