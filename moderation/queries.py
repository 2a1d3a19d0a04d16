"""Queries about reports and appeals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.rules import suspended_id_of
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.paging import Ordering, Sort
from foundation.refusals import InvalidParameter
from foundation.text.input import read_uuid
from moderation.errors import DecisionNotFound, ReportNotFound
from moderation.models import Appeal, Report, ReportQuerySet
from moderation.rules import REVERSALS, is_by_publisher, own_matter
from profiles.queries import scope_of
from registry.agents.former_addresses import former_ids_of
from registry.agents.queries import find_agent_by_any_id
from registry.errors import AgentNotFound
from registry.models import Agent, FormerAddress
from registry.rules.identifiers import id_and_number
from registry.rules.permissions import MAINTAINER, require_moderator
from wordclaw.content.models import ContentItem

# Oldest first, so that no report waits for ever behind newer ones.
OLDEST_FIRST: Ordering = (Sort("created_at"), Sort("id"))
# Later, the same words may be about something that happened again.
DUPLICATE_WINDOW = timedelta(hours=1)


def refuse_reader(by: Actor) -> None:
    """Raise unless the actor may read the report queue.

    The queue covers all agents, so a key bound to one agent does not open it.
    """
    require_moderator(by)


def report_queue(status: str | None, *, by: Actor) -> ReportQuerySet:
    """Reports with a status (default: open), oldest first. Raises InvalidParameter."""
    refuse_reader(by)
    status = Report.Status.OPEN if status is None else status
    if status not in Report.Status.values:
        raise InvalidParameter(
            f"status must be one of: {', '.join(Report.Status.values)}.", parameter="status"
        )
    reports: ReportQuerySet = Report.objects.filter(status=status).marked_party(by.user_id)
    return reports.order_by(*[sort.order_by() for sort in OLDEST_FIRST])


def next_report(report: Report) -> UUID | None:
    """The id of the open report after this one in the queue, or of the first."""
    urgency = 0 if report.reason == Report.Reason.MALICIOUS else 1
    queue = Report.objects.still_open().in_queue_order().exclude(pk=report.pk)
    later = Q(urgency__gt=urgency) | Q(urgency=urgency, created_at__gte=report.created_at)
    ids = queue.filter(later).values_list("pk", flat=True)
    next_id: UUID | None = ids.first() or queue.values_list("pk", flat=True).first()
    return next_id


def same_report(
    agent_id: UUID,
    *,
    version_id: UUID | None,
    review_id: UUID | None,
    reason: str,
    details: str | None,
    by: Actor,
) -> Report | None:
    """An open report by the same reporter with the same text, filed within an hour."""
    reporter = Q(reporter_user_id=by.user_id)
    # All visitors without an account have the same empty user id.
    if not by.is_known:
        reporter &= Q(reporter_ip_hash=by.address_hash)
    about = Q(agent_id=agent_id, version_id=version_id, review_id=review_id)
    reports = Report.objects.still_open().filter(
        reporter,
        about,
        reason=reason,
        details=details,
        created_at__gt=now() - DUPLICATE_WINDOW,
    )
    return reports.order_by("created_at", "id").first()


def report_for_receipt(report_id: UUID) -> Report:
    """A report with its agent, version and reporter. Raises ReportNotFound."""
    reports = Report.objects.select_related("agent", "version", "reporter_user")
    report: Report | None = reports.defer("version__manifest").filter(pk=report_id).first()
    if report is None:
        raise ReportNotFound
    return report


@dataclass(frozen=True, slots=True)
class DecisionSubject:
    """The subject of an event: an agent, a version or a text, or a person."""

    agent: Agent | None
    number: str = ""
    text: ContentItem | None = None


def subject_of(event: AuditLog) -> DecisionSubject:
    """The subject of an event, from its entity id: ``@scope/name@1.0.0`` or a login."""
    if event.entity_type == "content_item":
        items = ContentItem.objects.select_related("domain", "content_type")
        return DecisionSubject(None, text=items.filter(pk=read_uuid(event.entity_id)).first())
    if event.entity_type not in ("agent", "version"):
        return DecisionSubject(None)
    full_id, number = id_and_number(event.entity_id)
    try:
        return DecisionSubject(find_agent_by_any_id(full_id), number)
    except AgentNotFound:
        return DecisionSubject(None)


def is_in_force(event: AuditLog) -> bool:
    """Whether the decision was neither repeated nor reversed later."""
    kinds = [event.action, REVERSALS[event.action]]
    matches = AuditLog.objects.filter(
        entity_type=event.entity_type, entity_id__in=_ids_of_subject(event), action__in=kinds
    )
    last = matches.order_by("-created_at", "-id").first()
    return last is not None and last.pk == event.pk


def _ids_of_subject(event: AuditLog) -> list[str]:
    """The id of an event's subject, and those that its agent had before and after."""
    subject = subject_of(event)
    if subject.agent is None:
        return [event.entity_id]
    suffix = f"@{subject.number}" if subject.number else ""
    ids = (subject.agent.full_id, *former_ids_of(subject.agent))
    return [f"{full_id}{suffix}" for full_id in ids]


def find_decision(event_id: str | UUID, user: User) -> tuple[AuditLog, DecisionSubject]:
    """A maintainer's decision about a user or their agent. Raises DecisionNotFound."""
    event = AuditLog.objects.filter(pk=read_uuid(event_id), action__in=REVERSALS).first()
    if event is None:
        raise DecisionNotFound
    subject = subject_of(event)
    # The id comes from the address and may be that of any event.
    if not _concerns(event, subject, user) or is_by_publisher(event, user.pk):
        raise DecisionNotFound
    return event, subject


def _concerns(event: AuditLog, subject: DecisionSubject, user: User) -> bool:
    if subject.agent:
        return subject.agent.owner_user_id == user.pk
    if subject.text:
        # The holder answers for the scope, as for its agents; other members do not appeal.
        return subject.text.domain.name == scope_of(user.pk)
    return (event.entity_type, event.entity_id) == ("user", user.username)


TITLES = {
    "version.yanked": _("%(name)s was yanked"),
    "version.unyanked": _("%(name)s is no longer yanked"),
    "version.withheld": _("%(name)s was withheld"),
    "version.withholding_lifted": _("%(name)s is no longer withheld"),
    "agent.delisted": _("%(name)s was delisted"),
    "agent.relisted": _("%(name)s is listed again"),
    "content_item.taken_down": _("%(name)s was taken down"),
    "content_item.hold_lifted": _("%(name)s may be published again"),
    "account.suspended": _("The account @%(name)s was suspended"),
    "account.suspension_lifted": _("The account @%(name)s is no longer suspended"),
}


def title_of(event: AuditLog) -> str:
    """A decision in one sentence, for the affected author."""
    # The id of a text says nothing to its author.
    name = event.details.get("title") or event.entity_id
    return str(TITLES[event.action]) % {"name": name}


@dataclass(frozen=True, slots=True)
class AuthorDecision:
    """A decision as the affected author sees it, with their appeal."""

    event: AuditLog
    in_force: bool
    appeal: Appeal | None

    @property
    def title(self) -> str:
        return title_of(self.event)

    @property
    def reason(self) -> str:
        return self.event.details.get("reason") or ""

    @property
    def may_be_appealed(self) -> bool:
        return self.in_force and self.appeal is None


MAX_DECISIONS = 100


def decisions_about(user: User) -> list[AuthorDecision]:
    """Decisions of maintainers about a user and their agents, newest first."""
    subjects = Q(entity_type="user", entity_id=user.username)
    for scope in set(Agent.objects.filter(owner_user=user).values_list("scope", flat=True)):
        subjects |= Q(entity_type__in=["agent", "version"], entity_id__startswith=f"@{scope}/")
    addresses = FormerAddress.objects.filter(agent__owner_user=user)
    for address in addresses:
        subjects |= Q(entity_type="agent", entity_id=address.full_id)
        subjects |= Q(entity_type="version", entity_id__startswith=f"{address.full_id}@")
    domain = scope_of(user.pk)
    if domain is not None:
        subjects |= Q(entity_type="content_item", details__domain=domain)
    events = AuditLog.objects.filter(
        subjects, action__in=[*REVERSALS, *REVERSALS.values()]
    ).order_by("-created_at", "-id")
    decisions = _with_force(list(events.select_related("appeal")))
    return [d for d in decisions if not is_by_publisher(d.event, user.pk)][:MAX_DECISIONS]


def decision_about(event_id: str, user: User) -> AuthorDecision | None:
    """The decision of an event about a user, or None if it is about someone else."""
    try:
        event, _subject = find_decision(event_id, user)
    except DecisionNotFound:
        return None
    appeal = Appeal.objects.filter(decision=event).first()
    return AuthorDecision(event, is_in_force(event), appeal)


def _with_force(newest_first: list[AuditLog]) -> Iterable[AuthorDecision]:
    subjects: set[tuple[str, str]] = set()
    for event in newest_first:
        kind = REVERSALS.get(event.action, event.action)
        is_last = (kind, event.entity_id) not in subjects
        subjects.add((kind, event.entity_id))
        if event.action in REVERSALS:
            yield AuthorDecision(event, is_last, getattr(event, "appeal", None))


def appellant_of(token: str) -> User | None:
    """The suspended user of an appeal link, or None if it is invalid."""
    user_id = suspended_id_of(token)
    user: User | None = User.objects.filter(pk=user_id).first() if user_id else None
    return user if user and user.is_suspended else None


def has_other_judges(appeal: Appeal, *, actor: Actor) -> bool:
    """Whether another active maintainer without a relation to it could decide."""
    judges = (m for m in User.objects.with_role(MAINTAINER) if not actor.is_user(m.pk))
    return any(own_matter(appeal, judge.pk) is None for judge in judges)
