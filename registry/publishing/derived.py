"""What is computed once from a version's bytes and kept beside it, by rule set."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from foundation.batches import BATCH_SIZE, in_batches
from foundation.text.markdown import RENDERER_VERSION, Rendered, render_markdown
from registry.analysis.facts import FileText, analyse
from registry.analysis.model import ANALYZER_VERSION, Analysis
from registry.analysis.release_notes import extract_release_notes
from registry.files.rendered import (
    FILE_RENDERER_VERSION,
    ContentKey,
    RenderedFile,
    content_key,
    render_files,
)
from registry.models import (
    FileView,
    Version,
    VersionAnalysis,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.package.checks.file import PackageFile
from registry.package.findings import Finding
from registry.package.manifest.schema import RULE_SET
from registry.package.reader import Package
from registry.publishing.prose import render_documents

RELEASE_NOTES = "release_notes"
SHOWN_NOTES = 20_000
"""Bytes of release notes that are shown."""


@dataclass(frozen=True, slots=True)
class Computed:
    files: Sequence[PackageFile]
    findings: Sequence[Finding]
    renderings: dict[str, Rendered]
    analysis: Analysis
    views: Sequence[RenderedFile]


def compute(document: object, package: Package, findings: Sequence[Finding]) -> Computed:
    """Before any lock is taken: rendering is the slow part of a publish."""
    manifest = cast(dict[str, Any], document)
    texts = {
        path: FileText(text, path in package.truncated_texts)
        for path, text in package.texts.items()
    }
    return Computed(
        package.files,
        findings,
        render_documents(manifest, package.texts, {file.path for file in package.files})
        | _release_notes(manifest, package.texts),
        analyse(manifest, package.files, texts),
        tuple(render_files(package, present=_known_contents(package.files))),
    )


def _release_notes(manifest: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Rendered]:
    """What the package's own CHANGELOG.md says of this version."""
    notes = extract_release_notes(texts, str(manifest.get("version", "")))
    if not notes:
        return {}
    rendered = render_markdown(notes, max_bytes=SHOWN_NOTES)
    # Their headings stand on one page with those of the README.
    html = rendered.html.replace(' id="readme-', ' id="notes-')
    return {RELEASE_NOTES: replace(rendered, html=html.replace('"#readme-', '"#notes-'))}


def _known_contents(files: Iterable[PackageFile]) -> set[ContentKey]:
    """Of these files, the contents that have a view already: most of a version is in the last."""
    hashes = [content_key(file)[0] for file in files]
    known: set[ContentKey] = set()
    for batch in in_batches(hashes):
        views = FileView.objects.filter(sha256__in=batch, rule_set=FILE_RENDERER_VERSION)
        known.update(views.values_list("sha256", "syntax"))
    return known


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
        batch_size=BATCH_SIZE,
    )
    VersionFinding.objects.bulk_create(
        (
            VersionFinding(version=version, rule_set=rules, ordering=place, **_columns(finding))
            for place, finding in enumerate(computed.findings)
        ),
        batch_size=BATCH_SIZE,
    )
    VersionRendering.objects.bulk_create(
        VersionRendering(
            version=version,
            rule_set=RENDERER_VERSION,
            document=document,
            html=rendered.html,
            is_cut=rendered.is_cut,
        )
        for document, rendered in computed.renderings.items()
    )
    VersionAnalysis.objects.create(
        version=version,
        rule_set=ANALYZER_VERSION,
        facts=computed.analysis.model_dump(mode="json", by_alias=True),
    )
    keep_views(computed.views)


def keep_views(views: Sequence[RenderedFile]) -> None:
    """Another publish may have kept the same contents meanwhile: they are equal."""
    FileView.objects.bulk_create(
        (
            FileView(
                sha256=view.key[0],
                syntax=view.key[1],
                rule_set=FILE_RENDERER_VERSION,
                text=view.text,
                is_cut=view.is_cut,
                source_html=view.source_html,
                prose_html=view.prose_html,
            )
            for view in views
        ),
        batch_size=50,
        ignore_conflicts=True,
    )


def _columns(finding: Finding) -> dict[str, Any]:
    return {"line": None} | finding.as_json()
