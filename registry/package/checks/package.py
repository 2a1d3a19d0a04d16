"""Checks that need more than one file: manifest, named files, images, links."""

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence

from registry.package.checks.checked_image import CheckedAsset
from registry.package.checks.paths import fold_name, make_printable, normalise_path
from registry.package.checks.references import join_folder
from registry.package.findings import Finding, FindingList, missing_image_text, new_finding
from registry.package.limits import LIMITS, PackageLimits
from registry.package.manifest.fields import WORKSPACE_FILES
from registry.package.manifest.line_numbers import line_numbers
from registry.package.manifest.schema import (
    MANIFEST,
    Manifest,
    ManifestError,
    format_path,
    parse_manifest,
)
from registry.package.manifest.strict_json import StrictJsonError, parse_json
from registry.package.reader import Package


def check_package(
    package: Package,
    *,
    claimed_manifest: Manifest | object | None,
    assets: Sequence[CheckedAsset],
    categories: Collection[str],
    other_images: Collection[str] | None = None,
    limits: PackageLimits = LIMITS,
) -> tuple[Finding, ...]:
    """Returns all findings of a package, errors first, then by path and line.

    `claimed_manifest` is the agent.json that was sent beside the package: a JSON value, a manifest,
    or None if none was sent. `other_images` are the paths of images besides `assets`; None if it is
    not known which images there are.
    """
    findings = FindingList(limits.findings)
    findings.dropped_count = package.dropped_count
    findings.extend(package.findings)
    document, manifest, manifest_findings = read_packaged_manifest(package)
    findings.extend(manifest_findings)
    if claimed_manifest is not None and package.manifest_bytes is not None:
        packaged_manifest = manifest if isinstance(claimed_manifest, Manifest) else document
        if not is_same_json(claimed_manifest, packaged_manifest):
            message = f"The {MANIFEST} in the package differs from the metadata sent with it."
            findings.add("manifest_mismatch", MANIFEST, message)
    findings.extend(_check_category(package, document, categories))
    if manifest:
        findings.extend(_check_mapped_files(package, manifest))
    findings.extend(_check_assets(assets, manifest))
    if manifest and other_images is not None:
        paths = {normalise_path(asset.path) for asset in assets}.union(other_images)
        findings.extend(_check_missing_images(package, manifest, paths))
    findings.extend(_check_references(package, manifest, limits))
    return findings.in_order()


def read_packaged_manifest(
    package: Package,
) -> tuple[object, Manifest | None, tuple[Finding, ...]]:
    """Returns agent.json as a JSON value, as a manifest, and the findings about it.

    The value is None if the file is missing or is not JSON; the manifest is None if it has faults.
    """
    if package.manifest_bytes is None:
        # If reading stopped early, agent.json may come later in the archive.
        is_missing = package.is_complete and all(file.path != MANIFEST for file in package.files)
        message = f"There is no {MANIFEST} at the root of the package.{_wrapped_hint(package)}"
        missing_finding = new_finding("manifest_missing", MANIFEST, message)
        return None, None, (missing_finding,) if is_missing else ()
    try:
        document = parse_json(package.manifest_bytes)
    except StrictJsonError as error:
        return None, None, (new_finding("schema_error", MANIFEST, f"Not JSON: {error}"),)
    try:
        return document, parse_manifest(document), ()
    except ManifestError as error:
        lines = _manifest_lines(package)
        findings = tuple(
            new_finding(
                violation.code,
                MANIFEST,
                f"{violation.path or MANIFEST} {violation.message}.",
                _find_line(violation.path, lines),
            )
            for violation in error.violations
        )
        return document, None, findings


def _wrapped_hint(package: Package) -> str:
    """Says what to do if the package has one folder more around it than it should."""
    folders = [
        file.path.removesuffix(f"/{MANIFEST}")
        for file in package.files
        if file.path.endswith(f"/{MANIFEST}")
    ]
    if not folders:
        return ""
    folder = make_printable(min(folders, key=len))
    return f" There is one in {folder}: pack the contents of that folder, not the folder."


def _manifest_lines(package: Package) -> dict[str, int]:
    """Returns the line of each value of agent.json by path; it must be valid JSON."""
    text = (package.manifest_bytes or b"").decode()
    return {format_path(path): line for path, line in line_numbers(text).items()}


def _find_line(path: str, lines: Mapping[str, int]) -> int:
    """Returns the line of a value, or of the object that lacks it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)


def is_same_json(first: object, second: object) -> bool:
    """Returns whether two JSON values are equal: 1 equals 1.0, but not true."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(
            is_same_json(first[key], second[key]) for key in first
        )
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(is_same_json, first, second))
    return bool(first == second)


def _check_category(
    package: Package, document: object, categories: Collection[str]
) -> Iterator[Finding]:
    # Read from the JSON value: even if the manifest has other faults, the author should see this
    # one at the same time.
    category = document.get("category") if isinstance(document, dict) else None
    if isinstance(category, str) and category not in categories:
        choices = ", ".join(categories)
        message = f"category {make_printable(category)!r} does not exist. Choose from: {choices}."
        line = _find_line("category", _manifest_lines(package))
        yield new_finding("schema_error", MANIFEST, message, line)


def _check_mapped_files(package: Package, manifest: Manifest) -> Iterator[Finding]:
    if not package.is_complete:
        return
    paths = {file.path for file in package.files}
    mappings = (
        ("entrypoint_missing", "entrypoints", manifest.openclaw.entrypoints),
        ("template_missing", "templates", manifest.openclaw.templates),
    )
    for code, key, mapping in mappings:
        for target, path in mapping.items():
            if path not in paths:
                message = f"openclaw.{key} maps {target} to this file, which is not in the package."
                yield new_finding(code, path, message)


def _check_assets(assets: Sequence[CheckedAsset], manifest: Manifest | None) -> Iterator[Finding]:
    for asset in assets:
        yield from asset.findings
        if manifest is None:
            continue
        store = manifest.store
        key = "icon" if asset.kind == "icon" else "screenshots"
        paths = (store.icon,) if asset.kind == "icon" else store.screenshots
        if normalise_path(asset.path) not in paths:
            message = f"store.{key} in {MANIFEST} does not name this {asset.kind}."
            yield new_finding("asset_invalid", asset.path, message)


def _check_missing_images(
    package: Package, manifest: Manifest, present_paths: Collection[str]
) -> Iterator[Finding]:
    """Warns about images that agent.json names and that are not there."""
    lines, store = _manifest_lines(package), manifest.store
    images = [("icon", "store.icon", store.icon)] if store.icon else []
    images += [
        ("screenshot", f"store.screenshots[{index}]", path)
        for index, path in enumerate(store.screenshots)
    ]
    for kind, key, path in images:
        if path not in present_paths:
            line = _find_line(key, lines)
            message = missing_image_text(kind, make_printable(path))
            yield new_finding("broken_reference", MANIFEST, message, line)


def _check_references(
    package: Package, manifest: Manifest | None, limits: PackageLimits
) -> Iterator[Finding]:
    """Warns about links to files that are neither in package nor workspace."""
    if not package.is_complete:
        return
    paths = _list_paths(package)
    targets = _workspace_targets(manifest) if manifest else {}
    workspace = set(map(fold_name, WORKSPACE_FILES.union(*targets.values())))
    # Only the folder of a name matters: a thousand names in one folder are one place.
    folders = {
        source: {posixpath.dirname(name) for name in names} for source, names in targets.items()
    }
    work = 0
    for reference in package.references:
        # A file that is installed under another name has other neighbours there.
        if fold_name(reference.target) in paths:
            continue
        work += 1 + len(folders.get(reference.source, ()))
        if work > limits.link_resolutions:
            message = "The package has too many links to nowhere to check all its links."
            yield new_finding("too_many_findings", "", message)
            return
        places = {join_folder(f, reference.href) for f in folders.get(reference.source, ())}
        if workspace.isdisjoint(fold_name(place) for place in places if place):
            message = f"The link {make_printable(reference.href)} points to no file in the package."
            yield new_finding("broken_reference", reference.source, message, reference.line)


def _list_paths(package: Package) -> set[str]:
    """Returns the paths of all files and of the folders that contain them.

    They are folded, because pages find a file in any letter case and Unicode composition.
    """
    paths = {"."}
    for file in package.files:
        path = fold_name(file.path)
        while path and path not in paths:
            paths.add(path)
            path = path.rpartition("/")[0]
    return paths


def _workspace_targets(manifest: Manifest) -> dict[str, set[str]]:
    """Returns the names that a file gets in the workspace, by its path in the package."""
    targets: dict[str, set[str]] = {}
    for mapping in (manifest.openclaw.entrypoints, manifest.openclaw.templates):
        for target, path in mapping.items():
            targets.setdefault(path, set()).add(target)
    return targets
