"""Data that is computed from the bytes of a version and stored with its rule set.

Better rules can then compute it again without a change to the version itself (ADR 11).
"""

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

FILE_BATCH_SIZE = 50
"""Smaller, because each row has the whole text of a file."""
RELEASE_NOTES = "release_notes"
MAX_RELEASE_NOTES_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class DerivedData:
    """`renderings` has the HTML of the prose by the name of the document."""

    files: Sequence[PackageFile]
    findings: Sequence[Finding]
    renderings: dict[str, Rendered]
    analysis: Analysis
    rendered_files: Sequence[RenderedFile]


def derive_data(document: object, package: Package, findings: Sequence[Finding]) -> DerivedData:
    """Computes everything. This is slow, so it happens before a publish locks."""
    manifest = cast(dict[str, Any], document)
    paths = {file.path for file in package.files}
    return DerivedData(
        files=package.files,
        findings=findings,
        renderings=render_documents(manifest, package.texts, paths)
        | _render_release_notes(manifest, package.texts),
        analysis=analyse_package(document, package),
        rendered_files=tuple(render_files(package, present=_rendered_contents(package.files))),
    )


def analyse_package(document: object, package: Package) -> Analysis:
    texts = {
        path: FileText(text, path in package.truncated_texts)
        for path, text in package.texts.items()
    }
    return analyse(cast(dict[str, Any], document), package.files, texts)


def _render_release_notes(
    manifest: dict[str, Any], texts: Mapping[str, str]
) -> dict[str, Rendered]:
    notes = extract_release_notes(texts, str(manifest.get("version", "")))
    if not notes:
        return {}
    rendered = render_markdown(notes, max_bytes=MAX_RELEASE_NOTES_BYTES)
    # The README is on the same page, so the ids of the headings must differ.
    html = rendered.html.replace(' id="readme-', ' id="notes-')
    return {RELEASE_NOTES: replace(rendered, html=html.replace('"#readme-', '"#notes-'))}


def _rendered_contents(files: Iterable[PackageFile]) -> set[ContentKey]:
    """Returns which contents of these files are stored already."""
    digests = [content_key(file)[0] for file in files]
    contents: set[ContentKey] = set()
    for batch in in_batches(digests):
        views = FileView.objects.filter(sha256__in=batch, rule_set=FILE_RENDERER_VERSION)
        contents.update(views.values_list("sha256", "syntax"))
    return contents


def save_derived_data(version: Version, derived: DerivedData) -> None:
    """Stores all rows. The caller opens the transaction."""
    rule_set = str(RULE_SET)
    VersionFile.objects.bulk_create(
        (
            VersionFile(
                version=version,
                rule_set=rule_set,
                path=file.path,
                kind=file.kind,
                size_bytes=file.size,
                sha256=file.sha256,
            )
            for file in derived.files
        ),
        batch_size=BATCH_SIZE,
    )
    VersionFinding.objects.bulk_create(
        (
            VersionFinding(
                version=version,
                rule_set=rule_set,
                ordering=ordering,
                code=finding.code,
                severity=finding.severity,
                path=finding.path,
                line=finding.line,
                message=finding.message,
            )
            for ordering, finding in enumerate(derived.findings)
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
        for document, rendered in derived.renderings.items()
    )
    VersionAnalysis.objects.create(
        version=version,
        rule_set=ANALYZER_VERSION,
        facts=derived.analysis.model_dump(mode="json", by_alias=True),
    )
    _save_rendered_files(derived.rendered_files)


def _save_rendered_files(rendered_files: Sequence[RenderedFile]) -> None:
    FileView.objects.bulk_create(
        (
            FileView(
                sha256=rendered.key[0],
                syntax=rendered.key[1],
                rule_set=FILE_RENDERER_VERSION,
                text=rendered.text,
                is_cut=rendered.is_cut,
                source_html=rendered.source_html,
                prose_html=rendered.prose_html,
            )
            for rendered in rendered_files
        ),
        batch_size=FILE_BATCH_SIZE,
        # Another publish may have stored the same content in the meantime; the rows are equal.
        ignore_conflicts=True,
    )
