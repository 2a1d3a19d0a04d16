"""What is computed once from a version's bytes and kept beside it, by rule set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from registry.models import Version, VersionFile, VersionFinding, VersionRendering
from registry.publishing.findings import Finding
from registry.publishing.manifest import RULE_SET
from registry.publishing.package import Package, PackageFile
from registry.rendering import RENDERER, Rendered, renderings_of

BATCH = 500


@dataclass(frozen=True, slots=True)
class Computed:
    files: Sequence[PackageFile]
    findings: Sequence[Finding]
    renderings: dict[str, Rendered]


def compute(document: object, package: Package, findings: Sequence[Finding]) -> Computed:
    """Before any lock is taken: rendering is the slow part of a publish."""
    manifest = cast(dict[str, Any], document)
    return Computed(package.files, findings, renderings_of(manifest, package.texts))


def keep_computed(version: Version, computed: Computed) -> None:
    """Write it in the transaction that adds the version (or in a recomputation's own)."""
    rules = str(RULE_SET)
    VersionFile.objects.bulk_create(
        (
            VersionFile(
                version=version,
                rule_set=rules,
                path=file.path,
                kind=file.kind,
                size_bytes=file.size,
                sha256=file.sha256,
            )
            for file in computed.files
        ),
        batch_size=BATCH,
    )
    VersionFinding.objects.bulk_create(
        (
            VersionFinding(version=version, rule_set=rules, ordering=place, **_columns(finding))
            for place, finding in enumerate(computed.findings)
        ),
        batch_size=BATCH,
    )
    VersionRendering.objects.bulk_create(
        VersionRendering(
            version=version,
            rule_set=RENDERER,
            document=document,
            html=rendered.html,
            is_cut=rendered.is_cut,
        )
        for document, rendered in computed.renderings.items()
    )


def _columns(finding: Finding) -> dict[str, Any]:
    return {"line": None} | finding.as_json()
