"""Find a row of the desk by its name, its id or a key."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from clawstore.intake.queries import own_requests
from foundation.access.models import ApiKey
from foundation.access.rules import digest, visible_prefix
from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.audit.search import audit_condition
from foundation.desk.admin import list_url, row_url
from foundation.text.input import read_uuid
from moderation.models import Appeal, Report
from registry.models import Agent, Category, FormerAddress, Version
from registry.rules.co_maintainers import agents_of
from registry.rules.identifiers import id_and_number, scope_and_name
from reviews.models import Review
from wordclaw.forms.models import FormSubmission
from wordclaw.policy.actions import STORE

# Enough to tell keys apart; the length of the visible prefix is a matter of the access rules.
SHORTEST_PREFIX = 6


def keys_named(text: str) -> list[UUID]:
    """The ids of the API keys that a text names: a prefix, an id or a whole key.

    A prefix may be longer than the part that is stored, and end in dots.
    """
    condition = Q(pk=read_uuid(text)) | Q(key_hash=digest(text))
    if len(text) >= SHORTEST_PREFIX:
        condition |= Q(key_prefix__startswith=visible_prefix(text.rstrip("….")))
    return list(ApiKey.objects.filter(condition).values_list("pk", flat=True)[:50])


def _agent(name: str) -> QuerySet[Agent]:
    scope, agent_name = scope_and_name(name.lower())
    addresses = FormerAddress.objects.filter(scope=scope, name=agent_name)
    return Agent.objects.filter(
        Q(scope=scope, name=agent_name) | Q(pk__in=addresses.values("agent"))
    )


def _version(name: str) -> QuerySet[Version]:
    full_id, number = id_and_number(name)
    return Version.objects.filter(agent__in=_agent(full_id), version=number).defer("manifest")


def _review(name: str) -> QuerySet[Review]:
    full_id, _separator, login = name.rpartition(" by ")
    return Review.objects.filter(
        agent__in=_agent(full_id), reviewer_user__username=login.removeprefix("@")
    )


def _by_id(model: type[Model]) -> Callable[[str], QuerySet[Any]]:
    return lambda text: model._default_manager.filter(pk=read_uuid(text))


# What an entry of the audit log can be about, each with the rows of a name.
KINDS: dict[str, Callable[[str], QuerySet[Any]]] = {
    "version": _version,
    "agent": _agent,
    "user": lambda name: User.objects.filter(username=name.lower().removeprefix("@")),
    "review": _review,
    "report": _by_id(Report),
    "appeal": _by_id(Appeal),
    "event": _by_id(AuditLog),
    "api_key": lambda text: ApiKey.objects.filter(pk__in=keys_named(text)),
    "category": lambda slug: Category.objects.filter(pk=slug),
}


def find_page(text: str) -> str:
    """The address of the one row that a text names, or "".

    ``kind:name`` names a row of that kind, as entries of the audit log do.
    """
    kind, separator, name = text.partition(":")
    kinds = [kind] if separator and kind in KINDS else list(KINDS)
    for kind_name in kinds:
        # Two rows are enough to know that the name is ambiguous.
        rows = list(KINDS[kind_name](name if len(kinds) == 1 else text)[:2])
        if len(rows) == 1:
            return row_url(rows[0])
    return ""


def events_shown_to(user_id: UUID | None, events: QuerySet[AuditLog]) -> QuerySet[AuditLog]:
    """The events without those that name who reported the reader (ADR 25)."""
    agents = Agent.objects.filter(agents_of(user_id, path="")).only("scope", "name")
    names = [agent.full_id for agent in agents]
    # Reports about a review accuse its writer, who owns no agent that the event names.
    reports = Report.objects.marked_party(user_id).filter(review_snapshot__isnull=False)
    reports = reports.filter(is_party=True)  # type: ignore[misc]
    ids = [str(pk) for pk in reports.values_list("pk", flat=True)]
    for condition in (Q(details__agent__in=names), Q(entity_id__in=ids)):
        events = events.exclude(condition, action="report.filed")
    # Nor those that name who sent a request about the reader's agent or name.
    requests = FormSubmission.objects.filter(own_requests(user_id), domain__name=STORE)
    items = [str(pk) for pk in requests.values_list("item", flat=True)]
    events = events.exclude(entity_type="content_item", entity_id__in=items)
    return events.exclude(details__contentItem__in=items)


def is_in_log(text: str, *, reader_id: UUID | None) -> bool:
    """Whether an entry of the audit log that the reader may see fits a search."""
    events = events_shown_to(reader_id, AuditLog.objects.all())
    return bool(text) and events.filter(audit_condition(text, keys_of=keys_named)).exists()


@dataclass(frozen=True, slots=True)
class Matches:
    """A list of the desk, with the number of its rows that fit a search."""

    label: Any
    address: str
    count: int


# A count beyond it says nothing more, and takes longer.
MAX_COUNT = 100


def list_matches(text: str) -> list[Matches]:
    """The lists of the desk that have rows for a search; none for an empty one."""
    if not text:
        return []
    agents = Q()
    # Each word may be in another column: a full id is in none of them.
    for word in text.split():
        agents &= (
            Q(scope__icontains=word) | Q(name__icontains=word) | Q(display_name__icontains=word)
        )
    people = Q(username__icontains=text) | Q(name__icontains=text) | Q(email__icontains=text)
    searches: list[tuple[Any, str, QuerySet[Any], dict[str, str]]] = [
        (_("Agents"), "registry_agent", Agent.objects.filter(agents), {}),
        (_("People"), "accounts_user", User.objects.filter(people), {}),
        (
            _("Reports"),
            "moderation_report",
            Report.objects.filter(details__icontains=text),
            {"status": "all"},
        ),
        (
            _("Appeals"),
            "moderation_appeal",
            Appeal.objects.filter(text__icontains=text),
            {"status": "all"},
        ),
        (
            _("API keys"),
            "access_apikey",
            ApiKey.objects.filter(Q(pk__in=keys_named(text)) | Q(name__icontains=text)),
            {},
        ),
    ]
    matches = [
        Matches(label, list_url(model, q=text, **query), rows[:MAX_COUNT].count())
        for label, model, rows, query in searches
    ]
    return [match for match in matches if match.count]
