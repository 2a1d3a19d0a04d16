"""Agents and versions as subjects of offers, and the gate before their texts.

The label, the list of files, the versions and the reviews of a paid agent are public, so that
readers can judge it. What is sold are its package and the texts in it.
"""

from django.db import transaction
from django.urls import reverse

from foundation.actor import ANONYMOUS, Actor
from registry.agents.former_addresses import former_ids_of
from registry.agents.listing import version_summary
from registry.agents.prices import AGENT, AGENT_VERSION, price_columns
from registry.agents.revisions import bump_listing
from registry.models import Agent, AgentVector, StoredRow, Version
from registry.rules.co_maintainers import is_of
from registry.rules.identifiers import AGENT_ID, scope_and_name
from registry.search_index.actions import index_agents
from wordclaw.payments.access.actions import open_for_page, open_gate
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.access.queries import FREE, Access, may_read
from wordclaw.payments.offers.queries import active_offers
from wordclaw.payments.subjects import DomainSubject, Gate, SaleSubject, SaleSubjectType


def version_gate(agent: Agent, number: str, by: Actor) -> Gate:
    """Return the gate before one version; its own offers go before those of the agent."""
    return Gate(
        domain_name=agent.scope,
        subjects=((AGENT_VERSION, f"{agent.full_id}@{number}"), (AGENT, agent.full_id)),
        is_free_for_reader=lambda: reads_freely(agent, by),
        version=number,
        is_counted_hourly=True,
        former_subjects=_former_subjects(agent, number),
    )


def _former_subjects(agent: Agent, number: str) -> tuple[DomainSubject, ...]:
    """Return what was sold of an agent under its former ids: buyers keep it."""
    return tuple(
        subject
        for full_id in former_ids_of(agent)
        for scope in (scope_and_name(full_id)[0],)
        for subject in ((scope, AGENT_VERSION, f"{full_id}@{number}"), (scope, AGENT, full_id))
    )


def reads_freely(agent: Agent, by: Actor) -> bool:
    """Whether the agent is the reader's own.

    A key that is bound to another agent reads as a visitor does.
    Maintainers read packages at the desk, where it is logged.
    """
    if by.bound_to and by.bound_to not in (agent.full_id, f"@{agent.scope}"):
        return False
    return by.user_id is not None and is_of(agent, by.user_id)


def open_version(agent: Agent, number: str, reader: Reader) -> Access:
    """Return the right to the bytes of a version, and use one read of the hour.

    No query for an agent without offers. Raises what `open_gate` raises.
    """
    if not agent.has_offers:
        return FREE
    return open_gate(version_gate(agent, number, reader.by), reader)


def open_version_page(agent: Agent, number: str, reader: Reader) -> Access:
    """Like `open_version` without an invoice: a page shows the price instead."""
    if not agent.has_offers:
        return FREE
    return open_for_page(version_gate(agent, number, reader.by), reader)


def may_read_version(agent: Agent, number: str, reader: Reader) -> Access:
    """Return whether a reader may read the texts of a version; nothing is used up."""
    if not agent.has_offers:
        return FREE
    return may_read(version_gate(agent, number, reader.by), reader)


def has_price(agent: Agent, number: str) -> bool:
    """Whether a version has a price, for whatever reader."""
    return agent.has_offers and bool(
        active_offers(agent.scope, version_gate(agent, number, ANONYMOUS).subjects)
    )


def find_agent_subject(domain_name: str, subject_id: str) -> SaleSubject | None:
    agent = _agent_of(domain_name, subject_id)
    if agent is None:
        return None
    return SaleSubject(
        id=agent.full_id,
        title=agent.display_name,
        path=reverse("agent", args=[agent.scope, agent.name]),
        is_readable=not agent.is_delisted and agent.versions.offered().exists(),
    )


def find_version_subject(domain_name: str, subject_id: str) -> SaleSubject | None:
    full_id, number = split_version_id(subject_id)
    agent = _agent_of(domain_name, full_id)
    versions = Version.objects.filter(agent=agent, version=number)
    version = versions.first() if agent else None
    if agent is None or version is None:
        return None
    return SaleSubject(
        id=f"{agent.full_id}@{number}",
        title=f"{agent.display_name} {number}",
        path=reverse("version", args=[agent.scope, agent.name, number]),
        # A yanked version stays readable for its buyers, but has no new ones.
        is_readable=not agent.is_delisted and versions.offered().exists(),
    )


def split_version_id(subject_id: str) -> tuple[str, str]:
    """Return ``@scope/name`` and the version of ``@scope/name@1.0.0``."""
    full_id, _, number = subject_id.rpartition("@")
    return full_id, number


def _agent_of(domain_name: str, full_id: str) -> Agent | None:
    """Return an agent of a domain, delisted or not; None for any other."""
    full_id = full_id.lower()
    if not AGENT_ID.fullmatch(full_id):
        return None
    scope, name = scope_and_name(full_id)
    agents = Agent.objects.filter(scope=scope, name=name)
    agent: Agent | None = agents.first() if scope == domain_name else None
    return agent


@transaction.atomic
def update_agent_price(domain_name: str, subject_id: str) -> None:
    """Store the price of an agent after a change of its offers."""
    agent = _agent_of(domain_name, subject_id)
    if agent is None:
        return
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    summary = version_summary(agent.pk)
    shown_id = summary.shown_id if summary else None
    shown_versions = Version.objects.filter(pk=shown_id) if shown_id else Version.objects.none()
    number = shown_versions.values_list("version", flat=True).first() or ""
    columns = price_columns([agent], {agent.pk: number})[agent.pk]
    Agent.objects.filter(pk=agent.pk).update(**columns)
    StoredRow.objects.filter(agent=agent).delete()
    bump_listing(agent.pk)
    # Words of texts that have a price find nothing, because a search would tell which they are.
    index_agents([agent.pk])
    AgentVector.objects.filter(agent=agent).update(model="")


def update_version_price(domain_name: str, subject_id: str) -> None:
    update_agent_price(domain_name, split_version_id(subject_id)[0])


AGENT_SUBJECT = SaleSubjectType(
    name=AGENT, find=find_agent_subject, offer_changed=update_agent_price
)
VERSION_SUBJECT = SaleSubjectType(
    name=AGENT_VERSION, find=find_version_subject, offer_changed=update_version_price
)
