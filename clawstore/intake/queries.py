"""Reads of requests to the maintainers."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from clawstore.intake.models import StoreRequest
from registry.models import Agent
from registry.rules.identifiers import AGENT_ID, scope_and_name
from wordclaw.content.models import ContentItemVersion, ContentReference
from wordclaw.forms.models import FormSubmission
from wordclaw.forms.submissions.queries import SHOWS, SentField, sent_data, sent_fields
from wordclaw.policy.models import DomainKind

MAX_REQUESTS = 50
"""Requests about an agent that a page lists."""


@dataclass(frozen=True, slots=True)
class RequestDetails:
    """The fields of a request, and the agent that it names."""

    fields: list[SentField]
    agent: Agent | None


def store_requests() -> QuerySet[StoreRequest]:
    """Return the submissions of the store's forms, without those set apart.

    ``sent`` is the data that was sent.
    """
    rows: QuerySet[StoreRequest] = StoreRequest.objects.filter(
        domain__kind=DomainKind.STORE, is_set_apart=False
    )
    versions = ContentItemVersion.objects.filter(item=OuterRef("item"), version=1)
    rows = rows.annotate(sent=Subquery(versions.values("data")[:1]))
    relations = ("form__content_type__domain", "domain", "item", "task", "submitter")
    return rows.select_related(*relations).defer("item__data")


def count_open_requests() -> int:
    count: int = store_requests().filter(SHOWS["open"]).count()
    return count


def details_of(submission: FormSubmission) -> RequestDetails:
    """Return what was sent with a request, and the agent that it names, if it exists."""
    data = sent_data([submission]).get(submission.pk, {})
    return RequestDetails(sent_fields(submission.form, data), agent_of(data))


def agent_of(data: dict[str, Any]) -> Agent | None:
    """Return the agent that a submission names, delisted or not."""
    reference = data.get("agent")
    full_id = reference.get("agent", "") if isinstance(reference, dict) else ""
    if not isinstance(full_id, str) or not AGENT_ID.match(full_id):
        return None
    scope, name = scope_and_name(full_id)
    agents = Agent.objects.select_related("owner_user", "latest_version")
    agent: Agent | None = agents.filter(scope=scope, name=name).first()
    return agent


def requests_about(agent: Agent) -> list[StoreRequest]:
    """Return the requests that name an agent, newest first."""
    references = ContentReference.objects.filter(kind="agent", target=agent.full_id, version=1)
    rows = store_requests().filter(item_id__in=references.values("item_id"))
    return list(rows.order_by("-created_at", "id")[:MAX_REQUESTS])
