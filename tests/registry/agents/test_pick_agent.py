"""Maintainers' picks."""

import pytest

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.refusals import Refusal
from registry.agents.actions import pick_agent, unpick_agent
from registry.models import Agent, AgentPick
from tests.support.factories import make_agent


def test_pick_is_recorded_with_its_reason(coach: Agent, root: User, as_root: Actor) -> None:
    assert pick_agent(coach, reason="  Reads\nwell ", by=as_root)
    assert not pick_agent(coach, reason="Again", by=as_root)

    pick = AgentPick.objects.get()
    assert (pick.agent_id, pick.reason, pick.picked_by_user_id) == (coach.pk, "Reads well", root.pk)
    assert unpick_agent(coach, reason="Old", by=as_root)
    assert not unpick_agent(coach, by=as_root)

    events = AuditLog.objects.filter(action__contains="picked").order_by("pk")
    picks = sorted((event.action, event.entity_id, event.details["reason"]) for event in events)
    assert picks == [
        ("agent.picked", "@ada/coach", "Reads well"),
        ("agent.unpicked", "@ada/coach", "Old"),
    ]
    assert not AgentPick.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "reason", "code"),
    [
        ("ada", "Mine", "forbidden"),
        ("grace", "Nice", "forbidden"),
        ("root", " ", "invalid_body"),
        ("root", "x" * 201, "invalid_body"),
    ],
)
def test_pick_without_permission_or_with_an_invalid_reason_is_refused(
    coach: Agent,
    role: str,
    reason: str,
    code: str,
    as_ada: Actor,
    as_grace: Actor,
    as_root: Actor,
) -> None:
    by = {"ada": as_ada, "grace": as_grace, "root": as_root}[role]

    with pytest.raises(Refusal) as refusal:
        pick_agent(coach, reason=reason, by=by)

    assert refusal.value.code == code
    assert not AgentPick.objects.exists()


@pytest.mark.once
def test_maintainer_may_not_pick_their_own_agent(as_root: Actor, root: User) -> None:
    own = make_agent(root)

    with pytest.raises(Refusal) as refusal:
        pick_agent(own, reason="Mine", by=as_root)

    assert refusal.value.code == "own_agent"
