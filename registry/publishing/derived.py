"""Data that is computed from the bytes of a version and stored with its rule set.

Better rules can then compute it again without a change to the version itself (ADR 11).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from foundation.batches import BATCH_SIZE, in_batches
from foundation.clock import now
from foundation.text.markdown import RENDERER_VERSION, Rendered
from registry.analysis.model import ANALYZER_VERSION, Analysis, SecretSearch
from registry.examiner.records import DeriveRequest
from registry.examiner.rendered_file import (
    FILE_RENDERER_VERSION,
    ContentKey,
    RenderedFile,
    content_key,
)
from registry.examiner.tasks import Examiner
from registry.models import (
    FileView,
    Version,
    VersionAnalysis,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.package.checks.file import PackageFile
from registry.package.checks.secret_forms import (
    FORM_COUNT,
    SECRET_RULES_DATE,
    SECRET_RULES_VERSION,
)
from registry.package.findings import Finding
from registry.package.rule_set import RULE_SET
from registry.sandbox.examination import Examination

FILE_BATCH_SIZE = 50
"""Smaller, because each row has the whole text of a file."""


@dataclass(frozen=True, slots=True)
class DerivedData:
    """`renderings` has the HTML of the prose by the name of the document."""

    files: Sequence[PackageFile]
    findings: Sequence[Finding]
    renderings: dict[str, Rendered]
    analysis: Analysis
    rendered_files: Sequence[RenderedFile]


def derive_data(
    metadata: str,
    files: Sequence[PackageFile],
    findings: Sequence[Finding],
    examination: Examination,
) -> DerivedData:
    """Computes everything about the package that the session has checked.

    `metadata` is its manifest. This is slow, so it happens before a publish locks.
    """
    present = tuple(sorted(_rendered_contents(files)))
    answer = examination.call(Examiner.derive, DeriveRequest(metadata, present))
    analysis = answer.analysis.model_copy(update={"secret_search": _search_of_today()})
    return DerivedData(files, findings, answer.renderings, analysis, answer.rendered_files)


def _search_of_today() -> SecretSearch:
    # The check of the same session has searched the bytes; an error would have ended it.
    return SecretSearch(
        day=now().date(),
        rules=SECRET_RULES_VERSION,
        rules_since=SECRET_RULES_DATE,
        forms=FORM_COUNT,
    )


def _rendered_contents(files: Iterable[PackageFile]) -> set[ContentKey]:
    """Returns which contents of these files are stored already."""
    digests = [content_key(file)[0] for file in files]
    contents: set[ContentKey] = set()
    for batch in in_batches(digests):
        # Most files of an update are those of the version before, whose HTML is stored.
        views = FileView.objects.filter(sha256__in=batch, rule_set=FILE_RENDERER_VERSION)
        contents.update(views.values_list("sha256", "syntax"))
    return contents


def save_derived_data(version: Version, derived_data: DerivedData) -> None:
    """Stores all rows. The caller opens the transaction."""
    _save_files(version, derived_data.files)
    _save_findings(version, derived_data.findings)
    VersionRendering.objects.bulk_create(
        VersionRendering(
            version=version,
            rule_set=RENDERER_VERSION,
            document=document,
            html=rendering.html,
            is_cut=rendering.is_cut,
        )
        for document, rendering in derived_data.renderings.items()
    )
    VersionAnalysis.objects.create(
        version=version,
        rule_set=ANALYZER_VERSION,
        facts=derived_data.analysis.model_dump(mode="json", by_alias=True),
    )
    _save_rendered_files(derived_data.rendered_files)


def _save_files(version: Version, files: Sequence[PackageFile]) -> None:
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
            for file in files
        ),
        batch_size=BATCH_SIZE,
    )


def _save_findings(version: Version, findings: Sequence[Finding]) -> None:
    rule_set = str(RULE_SET)
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
            for ordering, finding in enumerate(findings)
        ),
        batch_size=BATCH_SIZE,
    )


def _save_rendered_files(rendered_files: Sequence[RenderedFile]) -> None:
    FileView.objects.bulk_create(
        (
            FileView(
                sha256=file.key[0],
                syntax=file.key[1],
                rule_set=FILE_RENDERER_VERSION,
                text=file.text,
                is_cut=file.is_cut,
                source_html=file.source_html,
                prose_html=file.prose_html,
            )
            for file in rendered_files
        ),
        batch_size=FILE_BATCH_SIZE,
        # Another publish may have stored the same content in the meantime; the rows are equal.
        ignore_conflicts=True,
    )
