"""Evidence for a decision on a report, in a constant number of queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Case, Count, Min, Q, When

from foundation.accounts.models import Suspension
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.jobs.models import Job
from moderation.citations import (
    Excerpt,
    find_citations,
    find_quotes,
    locate_quotes,
    make_excerpt,
)
from moderation.models import Appeal, Report
from moderation.queries import subject_of
from registry.agents.former_addresses import former_ids_of
from registry.examiner.rendered_file import FILE_RENDERER_VERSION
from registry.inspection.queries import InspectedPackage, find_views
from registry.models import Agent, FileView, Version, VersionWithholding
from reviews.models import Review

# Limits, because a hostile author decides how many rows there are.
QUOTING_FILES = 3
VERSIONS_SHOWN = 100
REPORTS_SHOWN = 100
REVIEWS_SHOWN = 10
EVENTS_SHOWN = 40
# The desk marks reports that wait for more than a day, and for more than three.
WAITING_AFTER = timedelta(days=1)
LATE_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class WaitingTime:
    """How long a report has waited, or waited until its decision."""

    duration: timedelta
    is_running: bool

    @property
    def state(self) -> str:
        """`fresh`, `waiting` or `late` while open, otherwise `done`."""
        if not self.is_running:
            return "done"
        return (
            "fresh"
            if self.duration < WAITING_AFTER
            else "waiting"
            if self.duration < LATE_AFTER
            else "late"
        )

    @property
    def in_words(self) -> str:
        """The time as text with its two largest units: ``3 d 4 h``."""
        minutes = int(self.duration.total_seconds() // 60)
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            return f"{days} d {hours} h"
        return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def waiting_time_of(report: Report, moment: datetime | None = None) -> WaitingTime:
    end = report.resolved_at or moment or now()
    return WaitingTime(end - report.created_at, report.resolved_at is None)


@dataclass(frozen=True)
class Evidence:
    """Everything that a maintainer needs to decide on a report.

    ``version`` is the reported version, or else the agent's latest.
    """

    report: Report
    clock: WaitingTime
    agent: Agent
    version: Version | None
    versions: list[Version]
    withholdings: dict[UUID, VersionWithholding]
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
    def open_on_the_agent(self) -> int:
        """Number of other open reports about the agent."""
        return sum(r.status == Report.Status.OPEN for r in self.on_the_agent)

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


def _same_reporter(report: Report, other_report: Report) -> bool:
    if other_report.reporter_user_id:
        return report.reporter_user_id == other_report.reporter_user_id
    # A report without a request has no hash, and an empty one equals all others.
    return (
        bool(other_report.reporter_ip_hash)
        and report.reporter_ip_hash == other_report.reporter_ip_hash
    )


def evidence_of(report: Report) -> Evidence:
    """The evidence for a report, which is loaded with its related rows."""
    agent = report.agent
    version_id: UUID | None = report.version_id or agent.latest_version_id
    versions = _versions(agent, version_id)
    return Evidence(
        report=report,
        clock=waiting_time_of(report),
        agent=agent,
        version=next((v for v in versions if v.pk == version_id), None)
        or next(iter(versions), None),
        versions=versions,
        withholdings=_withholdings(agent),
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


def _versions(agent: Agent, version_id: UUID | None) -> list[Version]:
    """The newest versions, and the given one."""
    # Without the manifests: a hundred of them would be megabytes.
    versions = Version.objects.of(agent.pk).marked_withheld().select_related("yanked_by_user")
    is_other = Case(When(pk=version_id, then=0), default=1)
    newest = versions.defer("manifest").order_by(is_other, "-uploaded_at", "id")[:VERSIONS_SHOWN]
    for version in newest:
        # The measures of a version need its agent, which is here already.
        version.agent = agent
    return sorted(newest, key=lambda version: version.uploaded_at, reverse=True)


def _withholdings(agent: Agent) -> dict[UUID, VersionWithholding]:
    """The withholdings in force, by version."""
    rows = VersionWithholding.objects.in_force().filter(version__agent=agent)
    return {row.version_id: row for row in rows.select_related("withheld_by_user")}


def appealed_version(appeal: Appeal) -> Version | None:
    """The version that the decision was about; None for an agent and for an account."""
    subject = subject_of(appeal.decision)
    if subject.agent is None or not subject.number:
        return None
    version: Version | None = (
        Version.objects.of(subject.agent.pk)
        .marked_withheld()
        .defer("manifest")
        .filter(version=subject.number)
        .first()
    )
    if version is not None:
        version.agent = subject.agent
    return version


def excerpts_of(report: Report, package: InspectedPackage) -> list[Excerpt]:
    """The lines of a package that a report names or quotes; two queries."""
    hashes = {file.path: file.sha256 for file in package.files}
    citations = find_citations(report.details, hashes.keys())
    quotes = find_quotes(report.details)
    cited_hashes = {hashes[citation.path] for citation in citations}
    texts = {sha256: view.text for sha256, view in find_views(sorted(cited_hashes)).items()}
    if quotes:
        quoting = reduce(or_, (Q(text__contains=quote) for quote in quotes))
        views = FileView.objects.filter(
            quoting, sha256__in=hashes.values(), rule_set=FILE_RENDERER_VERSION
        )
        texts |= dict(views.values_list("sha256", "text")[:QUOTING_FILES])
    by_path = {path: texts[sha256] for path, sha256 in hashes.items() if sha256 in texts}
    places = [*citations, *locate_quotes(quotes, by_path)]
    return [
        make_excerpt(citation, by_path[citation.path])
        if citation.path in by_path
        else Excerpt(citation, [])
        for citation in dict.fromkeys(places)
    ]


def _other_reports(report: Report) -> list[Report]:
    """Reports about the author's agents and by the same reporter."""
    is_related = Q(agent__owner_user_id=report.agent.owner_user_id)
    if report.reporter_user_id:
        is_related |= Q(reporter_user_id=report.reporter_user_id)
    elif report.reporter_ip_hash:
        is_related |= Q(reporter_ip_hash=report.reporter_ip_hash)
    reports = (
        Report.objects.filter(is_related).exclude(pk=report.pk).select_related("agent", "version")
    )
    return list(reports.order_by("-created_at", "id")[:REPORTS_SHOWN])


def events_of(agent: Agent) -> list[AuditLog]:
    """Audit log of an agent, its versions and its reviews, newest first."""
    # The log has names instead of foreign keys, because it outlives what it describes.
    subjects = Q(pk__in=[])
    for full_id in (agent.full_id, *former_ids_of(agent)):
        subjects |= Q(entity_type="agent", entity_id=full_id)
        subjects |= Q(entity_type="version", entity_id__startswith=f"{full_id}@")
        subjects |= Q(entity_type="review", entity_id__startswith=f"{full_id} by ")
    events = AuditLog.objects.filter(subjects).select_related("user")
    return list(events.order_by("-created_at", "id")[:EVENTS_SHOWN])


@dataclass(frozen=True, slots=True)
class DeskQueue:
    """The work that waits for maintainers, with the longest waiting times."""

    reports: int
    malware: int
    oldest_report: WaitingTime | None
    appeals: int
    oldest_appeal: WaitingTime | None
    failed_jobs: int
    withheld_versions: int
    suspended_accounts: int


def desk_queue() -> DeskQueue:
    malware = Count("pk", filter=Q(reason=Report.Reason.MALICIOUS))
    reports = Report.objects.still_open().aggregate(
        n=Count("pk"), malware=malware, since=Min("created_at")
    )
    appeals = Appeal.objects.still_open().aggregate(n=Count("pk"), since=Min("created_at"))
    return DeskQueue(
        reports=reports["n"],
        malware=reports["malware"],
        oldest_report=_running(reports["since"]),
        appeals=appeals["n"],
        oldest_appeal=_running(appeals["since"]),
        failed_jobs=Job.objects.filter(status=Job.Status.FAILED).count(),
        withheld_versions=VersionWithholding.objects.in_force().count(),
        suspended_accounts=Suspension.objects.in_force().count(),
    )


DECISIONS_SHOWN = 12


def latest_decisions() -> list[AuditLog]:
    """The last events of the desk, newest first."""
    events = AuditLog.objects.filter(door="admin").select_related("user")
    return list(events.order_by("-created_at", "id")[:DECISIONS_SHOWN])


def _running(since: datetime | None) -> WaitingTime | None:
    return None if since is None else WaitingTime(now() - since, is_running=True)
