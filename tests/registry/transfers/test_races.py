"""Publishes and answers at the same moment as a transfer."""

import pytest

from foundation.actor import Actor
from registry.errors import AgentMoved
from registry.models import Agent, FormerAddress
from registry.transfers.actions import accept_transfer, cancel_transfer, offer_agent
from registry.transfers.errors import NameTaken, TransferClosed
from tests.support.races import run_at_once
from tests.support.uploads import publish

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("storage_folder"),
]


def test_publish_under_the_former_id_makes_no_second_agent(as_ada: Actor, as_grace: Actor) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent
    transfer = offer_agent(agent, to="grace", confirmation="@ada/coach", by=as_ada)

    results = run_at_once(
        [
            lambda: publish(as_ada, "@ada/coach", "1.1.0").version,
            lambda: accept_transfer(transfer.pk, by=as_grace).full_id,
        ]
    )

    assert results[1] == "@grace/coach"
    assert results[0] == "1.1.0" or isinstance(results[0], AgentMoved)
    assert [(row.pk, row.full_id) for row in Agent.objects.all()] == [(agent.pk, "@grace/coach")]


def test_publish_under_the_new_id_takes_the_name_or_is_refused(
    as_ada: Actor, as_grace: Actor
) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent
    transfer = offer_agent(agent, to="grace", confirmation="@ada/coach", by=as_ada)

    results = run_at_once(
        [
            lambda: publish(as_grace, "@grace/coach", "2.0.0").agent.pk,
            lambda: accept_transfer(transfer.pk, by=as_grace).full_id,
        ]
    )

    is_moved = results[1] == "@grace/coach"
    assert is_moved or isinstance(results[1], NameTaken)
    # Either a version of the agent that came, or one of another agent; never one of both.
    assert (results[0] == agent.pk) == is_moved
    assert FormerAddress.objects.exists() == is_moved


def test_offer_is_accepted_or_cancelled(as_ada: Actor, as_grace: Actor) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent
    transfer = offer_agent(agent, to="grace", confirmation="@ada/coach", by=as_ada)

    results = run_at_once(
        [
            lambda: accept_transfer(transfer.pk, by=as_grace).full_id,
            lambda: cancel_transfer(transfer.pk, by=as_ada).status,
        ]
    )

    assert sum(isinstance(result, TransferClosed) for result in results) == 1
    scope = Agent.objects.get().scope
    assert (scope == "grace") == (results[0] == "@grace/coach")
