"""Reads of requests to the maintainers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from clawstore.intake.models import OpenedReport, StoreRequest
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.text.input import read_uuid
from moderation.models import Report
from profiles.models import Scope
from registry.agents.former_addresses import former_ids_of, present_ids
from registry.models import Agent, FormerAddress
from registry.rules.co_maintainers import agents_of, co_maintained_scopes
from registry.rules.identifiers import AGENT_ID, scope_and_name
from wordclaw.content.models import ContentItemVersion, ContentReference
from wordclaw.forms.models import FormSubmission
from wordclaw.forms.submissions.queries import SHOWS, SentField, sent_data, sent_fields
from wordclaw.policy.models import Domain, DomainKind
from wordclaw.policy.rules import may_role
from wordclaw.workflow.models import ReviewTask

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


def report_of(submission: FormSubmission) -> Report | None:
    """Return the report that a maintainer opened from a submission."""
    links = OpenedReport.objects.filter(submission=submission).select_related("report__agent")
    link = links.first()
    return link.report if link is not None else None


def agent_of(data: dict[str, Any]) -> Agent | None:
    """Return the agent that a submission names, delisted or not."""
    reference = data.get("agent")
    full_id = reference.get("agent", "") if isinstance(reference, dict) else ""
    if not isinstance(full_id, str) or not AGENT_ID.match(full_id):
        return None
    scope, name = scope_and_name(present_ids([full_id]).get(full_id, full_id))
    agents = Agent.objects.select_related("owner_user", "latest_version")
    agent: Agent | None = agents.filter(scope=scope, name=name).first()
    return agent


def person_of(data: dict[str, Any]) -> User | None:
    """Return the holder of the scope that a submission names in the field ``name``."""
    name = data.get("name")
    if not isinstance(name, str):
        return None
    scope_name = name.strip().removeprefix("@").partition("/")[0].lower()
    scope = Scope.objects.filter(name=scope_name).select_related("holder").first()
    return scope.holder if scope else None


def own_requests(user_id: UUID | None) -> Q:
    """Return the condition for requests about an agent or a scope of a user."""
    agents = Agent.objects.filter(agents_of(user_id, path="")).only("scope", "name")
    names = [agent.full_id for agent in agents]
    addresses = FormerAddress.objects.filter(agent__in=[agent.pk for agent in agents])
    names += [address.full_id for address in addresses]
    scopes = [*co_maintained_scopes(user_id)]
    scopes += Scope.objects.filter(holder_id=user_id).values_list("name", flat=True)
    references = ContentReference.objects.filter(kind="agent", target__in=names, version=1)
    versions = ContentItemVersion.objects.filter(version=1, item__domain__kind=DomainKind.STORE)
    # A claim names a scope as a person writes it.
    is_named = Q(pk__in=[])
    for scope in scopes:
        is_named |= Q(data__name__istartswith=f"@{scope}/") | Q(data__name__iexact=f"@{scope}")
        is_named |= Q(data__name__iexact=scope)
    return Q(item__in=references.values("item")) | Q(
        item__in=versions.filter(is_named).values("item")
    )


def hidden_submissions(domain: Domain, by: Actor, role: str) -> QuerySet[FormSubmission] | None:
    """Return the requests that a member of the store must not read, or None.

    Those to be decided are for members who decide. A request about an agent or a name of a member
    is for others.
    """
    if domain.kind != DomainKind.STORE:
        return None
    rows: QuerySet[FormSubmission] = FormSubmission.objects.filter(domain=domain)
    if not may_role(role, "content.review"):
        return rows.exclude(form__transition=None)
    return rows.filter(own_requests(by.user_id))


def hidden_items(domain: Domain, by: Actor, role: str) -> Any:
    """Return the IDs of the items of `hidden_submissions`, as a query, or None."""
    rows = hidden_submissions(domain, by, role)
    return None if rows is None else rows.order_by().values("item_id")


def hides(domain: Domain, by: Actor, role: str, kind: str, resource_id: str) -> bool:
    """Whether an item, a submission, a review or a file belongs to a hidden request."""
    if domain.kind != DomainKind.STORE or kind not in HIDDEN_PARTS:
        return False
    rows = hidden_submissions(domain, by, role)
    condition = HIDDEN_PARTS[kind](read_uuid(resource_id))
    return rows is not None and rows.filter(condition).exists()


HIDDEN_PARTS: dict[str, Callable[[UUID], Q]] = {
    "content_item": lambda key: Q(item_id=key),
    "form_submission": lambda key: Q(pk=key),
    "review_task": lambda key: Q(item__in=ReviewTask.objects.filter(pk=key).values("item")),
    "asset": lambda key: Q(
        item__in=ContentReference.objects.filter(target_asset_id=key).values("item")
    ),
}


def requests_about(agent: Agent) -> list[StoreRequest]:
    """Return the requests that name an agent, newest first."""
    names = [agent.full_id, *former_ids_of(agent)]
    references = ContentReference.objects.filter(kind="agent", target__in=names, version=1)
    rows = store_requests().filter(item_id__in=references.values("item_id"))
    return list(rows.order_by("-created_at", "id")[:MAX_REQUESTS])
