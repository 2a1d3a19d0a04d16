"""What the desk shows of a report: everything that a decision needs, in a constant number of
queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Min, Q, When

from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.jobs.models import Job
from moderation.models import Appeal, Report
from registry.analysis.facts import analyse
from registry.analysis.model import Analysis
from registry.models import Agent, Version, VersionFile, VersionFinding
from reviews.models import Review

FILES_SHOWN = 200
FINDINGS_SHOWN = 100
VERSIONS_SHOWN = 100
REPORTS_SHOWN = 100
REVIEWS_SHOWN = 10
EVENTS_SHOWN = 40
FRESH = timedelta(days=1)
LATE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a report has waited, or waited until it was decided."""

    waited: timedelta
    is_running: bool

    @property
    def state(self) -> str:
        """fresh, waiting or late while it runs; else done."""
        if not self.is_running:
            return "done"
        return "fresh" if self.waited < FRESH else "waiting" if self.waited < LATE else "late"

    @property
    def in_words(self) -> str:
        """``3 d 4 h``: the two biggest parts."""
        minutes = int(self.waited.total_seconds() // 60)
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            return f"{days} d {hours} h"
        return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def clock_of(report: Report, moment: datetime | None = None) -> Clock:
    until = report.resolved_at or moment or now()
    return Clock(until - report.created_at, report.resolved_at is None)


@dataclass(frozen=True)
class Evidence:
    """``version`` is the reported one, else the one that the agent's page speaks of."""

    report: Report
    clock: Clock
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
        """Whether the reported review, or the owner's answer to it, says something else by now."""
        told, review = self.report.review_snapshot, self.report.review
        if not told or review is None:
            return False
        # Early reports did not keep the answer.
        columns = [name for name in ("rating", "title", "body", "reply") if name in told]
        return any(getattr(review, name) != told[name] for name in columns)

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
        """How the other reports by this reporter ended, by status."""
        ended = [r.status for r in self.by_the_reporter]
        return {status: ended.count(status) for status in Report.Status.values}


def _same_reporter(one: Report, other: Report) -> bool:
    if other.reporter_user_id:
        return one.reporter_user_id == other.reporter_user_id
    return bool(other.reporter_ip_hash) and one.reporter_ip_hash == other.reporter_ip_hash


def evidence_of(report: Report) -> Evidence:
    """The report comes with its agent, owner, version, review and reporter."""
    agent = report.agent
    wanted: UUID | None = report.version_id or agent.latest_version_id
    versions = _versions(agent, wanted)
    version = next((v for v in versions if v.pk == wanted), None) or next(iter(versions), None)
    return Evidence(
        report=report,
        clock=clock_of(report),
        agent=agent,
        version=version,
        facts=analyse(version.its_manifest or version.manifest, (), {}) if version else None,
        versions=versions,
        files=_files(version),
        findings=_findings(version),
        reports=_other_reports(report),
        reviews=list(
            Review.objects.about(agent.pk).with_reviewer().order_by("-created_at")[:REVIEWS_SHOWN]
        ),
        events=events_of(agent),
    )


def _versions(agent: Agent, wanted: UUID | None) -> list[Any]:
    """The newest, and the wanted one wherever it stands. Of a hundred manifests one is read."""
    one = Case(When(pk=wanted, then=F("manifest")), default=None)
    versions = Version.objects.of(agent.pk).marked_withheld().annotate(its_manifest=one)
    is_other = Case(When(pk=wanted, then=0), default=1)
    found = versions.defer("manifest").order_by(is_other, "-uploaded_at", "id")[:VERSIONS_SHOWN]
    return sorted(found, key=lambda version: version.uploaded_at, reverse=True)


def _files(version: Version | None) -> list[VersionFile]:
    found = list(
        VersionFile.objects.filter(version=version).order_by("-rule_set", "path")[:FILES_SHOWN]
    )
    return [file for file in found if file.rule_set == found[0].rule_set]


def _findings(version: Version | None) -> list[VersionFinding]:
    found = VersionFinding.objects.filter(version=version).order_by("-rule_set", "ordering", "id")
    shown = list(found[:FINDINGS_SHOWN])
    return [finding for finding in shown if finding.rule_set == shown[0].rule_set]


def _other_reports(report: Report) -> list[Report]:
    """On the agent, on whatever else its author publishes, and by the same reporter."""
    related = Q(agent__owner_user_id=report.agent.owner_user_id)
    if report.reporter_user_id:
        related |= Q(reporter_user_id=report.reporter_user_id)
    elif report.reporter_ip_hash:
        related |= Q(reporter_ip_hash=report.reporter_ip_hash)
    others = Report.objects.filter(related).exclude(pk=report.pk).select_related("agent", "version")
    return list(others.order_by("-created_at", "id")[:REPORTS_SHOWN])


def events_of(agent: Agent) -> list[AuditLog]:
    """What the audit log says of an agent, its versions and its reviews, the newest first."""
    of_it = Q(entity_type="agent", entity_id=agent.full_id)
    of_it |= Q(entity_type="version", entity_id__startswith=f"{agent.full_id}@")
    of_it |= Q(entity_type="review", entity_id__startswith=f"{agent.full_id} by ")
    events = AuditLog.objects.filter(of_it).select_related("user")
    return list(events.order_by("-created_at", "id")[:EVENTS_SHOWN])


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a maintainer, and how long the oldest of it has."""

    reports: int
    oldest_report: Clock | None
    appeals: int
    oldest_appeal: Clock | None
    failed_jobs: int


def what_waits() -> Waiting:
    reports = Report.objects.still_open().aggregate(n=Count("pk"), since=Min("created_at"))
    appeals = Appeal.objects.still_open().aggregate(n=Count("pk"), since=Min("created_at"))
    failed = Job.objects.filter(status=Job.Status.FAILED).count()
    return Waiting(
        reports["n"], _running(reports["since"]), appeals["n"], _running(appeals["since"]), failed
    )


def _running(since: datetime | None) -> Clock | None:
    return None if since is None else Clock(now() - since, is_running=True)
