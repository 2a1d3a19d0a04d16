"""The rules that need more than one file: the manifest, what it names, what was claimed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from registry.package.checks.images import Asset
from registry.package.checks.paths import printable, without_dot_slash
from registry.package.checks.references import resolve
from registry.package.findings import Finding, FindingList, finding
from registry.package.limits import PackageLimits
from registry.package.manifest.fields import WORKSPACE_FILES
from registry.package.manifest.json_lines import lines_of_json
from registry.package.manifest.schema import (
    Manifest,
    ManifestInvalid,
    ManifestNotJson,
    path_of,
    read_manifest,
)
from registry.package.manifest.strict_json import parse_json
from registry.package.reader import MANIFEST, Package


def check_package(
    package: Package,
    *,
    claimed: Manifest | object | None,
    assets: Sequence[Asset],
    categories: Collection[str],
    extra: Iterable[Finding] = (),
    limits: PackageLimits | None = None,
) -> tuple[Finding, ...]:
    """Everything that is wrong with the package, errors first, then by path and line.

    `claimed` is what the upload said that agent.json holds: a JSON value, a manifest, or None when
    nothing was said. `extra` are findings made elsewhere, to be sorted in.
    """
    found = FindingList((limits or PackageLimits()).findings)
    found.dropped = package.dropped
    found.extend(package.findings)
    found.extend(extra)
    document, manifest, problems = read_packaged_manifest(package)
    found.extend(problems)
    if claimed is not None and package.manifest_bytes is not None:
        found.extend(_mismatch(claimed, document, manifest))
    found.extend(_unknown_category(package, document, categories))
    if manifest:
        found.extend(_missing_files(package, manifest))
    found.extend(_bad_assets(assets, manifest))
    found.extend(_broken_references(package, manifest))
    return found.in_order()


def read_packaged_manifest(
    package: Package,
) -> tuple[object, Manifest | None, tuple[Finding, ...]]:
    """The package's agent.json as a JSON value and as a manifest, and why not, where it is not."""
    if package.manifest_bytes is None:
        missing = package.complete and all(file.path != MANIFEST for file in package.files)
        message = f"There is no {MANIFEST} at the root of the package."
        return None, None, (finding("manifest_missing", MANIFEST, message),) if missing else ()
    try:
        document = parse_json(package.manifest_bytes)
    except ManifestNotJson as refusal:
        return None, None, (finding("schema_error", MANIFEST, f"Not JSON: {refusal}"),)
    try:
        return document, read_manifest(document), ()
    except ManifestInvalid as refusal:
        return document, None, tuple(_violations(package, refusal))


def _violations(package: Package, refusal: ManifestInvalid) -> Iterator[Finding]:
    lines = _lines(package)
    for error in refusal.errors:
        message = f"{error.path or 'agent.json'} {error.message}."
        yield finding("schema_error", MANIFEST, message, _line_of(error.path, lines))


def _lines(package: Package) -> dict[str, int]:
    """By the path of a value in agent.json, which is known to be JSON, the line that it is on."""
    text = (package.manifest_bytes or b"").decode()
    return {path_of(steps): line for steps, line in lines_of_json(text).items()}


def _line_of(path: str, lines: Mapping[str, int]) -> int:
    """Of a value, or, where it is the value that is missing, of what should have it."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path, 1)


def same_json(one: object, other: object) -> bool:
    """True for equal JSON values: 1 and 1.0 are one number, 1 and true are not equal."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)


def _mismatch(claimed: object, document: object, manifest: Manifest | None) -> Iterator[Finding]:
    packaged = manifest if isinstance(claimed, Manifest) else document
    if not same_json(claimed, packaged):
        message = f"The package's {MANIFEST} differs from the metadata sent with it."
        yield finding("manifest_mismatch", MANIFEST, message)


def _unknown_category(
    package: Package, document: object, categories: Collection[str]
) -> Iterator[Finding]:
    """Whatever else is wrong with the manifest, so that an author hears of all at once."""
    category = document.get("category") if isinstance(document, dict) else None
    if isinstance(category, str) and category not in categories:
        message = f"category {printable(category)!r} does not exist."
        yield finding("schema_error", MANIFEST, message, _line_of("category", _lines(package)))


def _missing_files(package: Package, manifest: Manifest) -> Iterator[Finding]:
    """Mapped paths that are not in the package; a package that was not read to its end passes."""
    if not package.complete:
        return
    present = {file.path for file in package.files}
    maps = (
        ("entrypoint_missing", manifest.openclaw.entrypoints),
        ("template_missing", manifest.openclaw.templates),
    )
    for code, mapped in maps:
        for target, path in mapped.items():
            if path not in present:
                yield finding(code, path, f"{target} names a file that is not in the package.")


def _bad_assets(assets: Sequence[Asset], manifest: Manifest | None) -> Iterator[Finding]:
    for asset in assets:
        yield from asset.findings
        if manifest and without_dot_slash(asset.path) not in _named_in_store(manifest, asset):
            message = f"The {asset.kind} is not named in store."
            yield finding("asset_invalid", asset.path, message)


def _named_in_store(manifest: Manifest, asset: Asset) -> tuple[str | None, ...]:
    return (manifest.store.icon,) if asset.kind == "icon" else manifest.store.screenshots


def _broken_references(package: Package, manifest: Manifest | None) -> Iterator[Finding]:
    """Links to files that are neither in the package nor, once installed, in the workspace."""
    if not package.complete:
        return
    present = _with_folders(package)
    targets = _targets(manifest) if manifest else {}
    workspace = WORKSPACE_FILES.union(*targets.values())
    for reference in package.references:
        names = targets.get(reference.source, set())
        installed = {resolve(name, reference.named) for name in names}
        if reference.target not in present and workspace.isdisjoint(installed):
            message = f"The link to {printable(reference.named)} leads to no file in the package."
            yield finding("broken_reference", reference.source, message, reference.line)


def _with_folders(package: Package) -> set[str]:
    """The paths of the files and of the folders that they are in."""
    present = {"."}
    for file in package.files:
        path = file.path
        while path and path not in present:
            present.add(path)
            path = path.rpartition("/")[0]
    return present


def _targets(manifest: Manifest) -> dict[str, set[str]]:
    """Path in the package → the names that the file gets in the workspace."""
    targets: dict[str, set[str]] = {}
    for mapped in (manifest.openclaw.entrypoints, manifest.openclaw.templates):
        for target, path in mapped.items():
            targets.setdefault(path, set()).add(target)
    return targets
