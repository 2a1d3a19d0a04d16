"""Evidence for a decision on a report, in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Min, Q, When

from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.jobs.models import Job
from moderation.models import Appeal, Report
from registry.analysis.manifest_facts import read_declared_facts
from registry.analysis.model import Analysis
from registry.models import Agent, Version, VersionFile, VersionFinding
from reviews.models import Review

# Limits, because a hostile author decides how many rows there are.
FILES_SHOWN = 200
FINDINGS_SHOWN = 100
VERSIONS_SHOWN = 100
REPORTS_SHOWN = 100
REVIEWS_SHOWN = 10
EVENTS_SHOWN = 40
# The desk marks reports that wait for more than a day, and for more than three.
FRESH = timedelta(days=1)
LATE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class WaitingTime:
    """How long a report has waited, or waited until its decision."""

    waited: timedelta
    is_running: bool

    @property
    def state(self) -> str:
        """`fresh`, `waiting` or `late` while open, otherwise `done`."""
        if not self.is_running:
            return "done"
        return "fresh" if self.waited < FRESH else "waiting" if self.waited < LATE else "late"

    @property
    def in_words(self) -> str:
        """The time as text with its two largest units: ``3 d 4 h``."""
        minutes = int(self.waited.total_seconds() // 60)
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            return f"{days} d {hours} h"
        return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def clock_of(report: Report, moment: datetime | None = None) -> WaitingTime:
    until = report.resolved_at or moment or now()
    return WaitingTime(until - report.created_at, report.resolved_at is None)


@dataclass(frozen=True)
class Evidence:
    """Everything that a maintainer needs to decide on a report.

    ``version`` is the reported version, or else the agent's latest.
    """

    report: Report
    clock: WaitingTime
    agent: Agent
    version: Version | None
    facts: Analysis | None
    versions: list[Version]
    files: list[VersionFile]
    findings: list[VersionFinding]
    reports: list[Report]
    reviews: list[Review]
    events: list[AuditLog]

    @property
    def review_was_changed(self) -> bool:
        """Whether the reported review or its reply was edited after the report."""
        snapshot, review = self.report.review_snapshot, self.report.review
        if not snapshot or review is None:
            return False
        # Snapshots of early reports contain no reply.
        columns = [name for name in ("rating", "title", "body", "reply") if name in snapshot]
        return any(getattr(review, name) != snapshot[name] for name in columns)

    @property
    def on_the_agent(self) -> list[Report]:
        return [r for r in self.reports if r.agent_id == self.agent.pk]

    @property
    def on_the_author(self) -> list[Report]:
        return [
            r
            for r in self.reports
            if r.agent_id != self.agent.pk and r.agent.owner_user_id == self.agent.owner_user_id
        ]

    @property
    def by_the_reporter(self) -> list[Report]:
        return [r for r in self.reports if _same_reporter(r, self.report)]

    @property
    def reporters_record(self) -> dict[str, int]:
        """Number of other reports by this reporter, by status."""
        statuses = [r.status for r in self.by_the_reporter]
        return {status: statuses.count(status) for status in Report.Status.values}


def _same_reporter(report: Report, other: Report) -> bool:
    if other.reporter_user_id:
        return report.reporter_user_id == other.reporter_user_id
    # A report without a request has no hash, and an empty one equals all others.
    return bool(other.reporter_ip_hash) and report.reporter_ip_hash == other.reporter_ip_hash


def evidence_of(report: Report) -> Evidence:
    """The evidence for a report, which is loaded with its related rows."""
    agent = report.agent
    version_id: UUID | None = report.version_id or agent.latest_version_id
    versions = _versions(agent, version_id)
    version = next((v for v in versions if v.pk == version_id), None) or next(iter(versions), None)
    return Evidence(
        report=report,
        clock=clock_of(report),
        agent=agent,
        version=version,
        facts=read_declared_facts(version.its_manifest or version.manifest) if version else None,
        versions=versions,
        files=_files(version),
        findings=_findings(version),
        reports=_other_reports(report),
        reviews=list(
            Review.objects.about(agent.pk).with_reviewer().order_by("-created_at")[:REVIEWS_SHOWN]
        ),
        events=events_of(agent),
    )


def cached_evidence(report: Report) -> Evidence:
    """The evidence for a report, loaded once for each row object."""
    if not hasattr(report, "_evidence"):
        report._evidence = evidence_of(report)  # type: ignore[attr-defined]
    evidence: Evidence = report._evidence  # type: ignore[attr-defined]
    return evidence


def _versions(agent: Agent, version_id: UUID | None) -> list[Any]:
    """The newest versions, and the given one, which alone has its manifest."""
    # A hundred manifests would be megabytes.
    manifest = Case(When(pk=version_id, then=F("manifest")), default=None)
    versions = Version.objects.of(agent.pk).marked_withheld().annotate(its_manifest=manifest)
    is_other = Case(When(pk=version_id, then=0), default=1)
    newest = versions.defer("manifest").order_by(is_other, "-uploaded_at", "id")[:VERSIONS_SHOWN]
    return sorted(newest, key=lambda version: version.uploaded_at, reverse=True)


def _files(version: Version | None) -> list[VersionFile]:
    files = list(
        VersionFile.objects.filter(version=version).order_by("-rule_set", "path")[:FILES_SHOWN]
    )
    return [file for file in files if file.rule_set == files[0].rule_set]


def _findings(version: Version | None) -> list[VersionFinding]:
    rows = VersionFinding.objects.filter(version=version).order_by("-rule_set", "ordering", "id")
    findings = list(rows[:FINDINGS_SHOWN])
    return [finding for finding in findings if finding.rule_set == findings[0].rule_set]


def _other_reports(report: Report) -> list[Report]:
    """Reports about the author's agents and by the same reporter."""
    related = Q(agent__owner_user_id=report.agent.owner_user_id)
    if report.reporter_user_id:
        related |= Q(reporter_user_id=report.reporter_user_id)
    elif report.reporter_ip_hash:
        related |= Q(reporter_ip_hash=report.reporter_ip_hash)
    reports = (
        Report.objects.filter(related).exclude(pk=report.pk).select_related("agent", "version")
    )
    return list(reports.order_by("-created_at", "id")[:REPORTS_SHOWN])


def events_of(agent: Agent) -> list[AuditLog]:
    """Audit log of an agent, its versions and its reviews, newest first."""
    # The log has names instead of foreign keys, because it outlives what it describes.
    subjects = Q(entity_type="agent", entity_id=agent.full_id)
    subjects |= Q(entity_type="version", entity_id__startswith=f"{agent.full_id}@")
    subjects |= Q(entity_type="review", entity_id__startswith=f"{agent.full_id} by ")
    events = AuditLog.objects.filter(subjects).select_related("user")
    return list(events.order_by("-created_at", "id")[:EVENTS_SHOWN])


@dataclass(frozen=True, slots=True)
class DeskQueue:
    """Numbers of open reports and appeals, with their longest waiting times."""

    reports: int
    oldest_report: WaitingTime | None
    appeals: int
    oldest_appeal: WaitingTime | None
    failed_jobs: int


def desk_queue() -> DeskQueue:
    reports = Report.objects.still_open().aggregate(n=Count("pk"), since=Min("created_at"))
    appeals = Appeal.objects.still_open().aggregate(n=Count("pk"), since=Min("created_at"))
    failed = Job.objects.filter(status=Job.Status.FAILED).count()
    return DeskQueue(
        reports["n"], _running(reports["since"]), appeals["n"], _running(appeals["since"]), failed
    )


def _running(since: datetime | None) -> WaitingTime | None:
    return None if since is None else WaitingTime(now() - since, is_running=True)
