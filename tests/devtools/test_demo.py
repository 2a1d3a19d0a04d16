"""What the demo catalogue brings besides agents: somebody who picks some of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from clawstore.home.queries import front_of_shop
from devtools.demo import DEMO, NotInProduction, add_picks, load_demo
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.agents.actions import unpick_agent
from registry.models import AgentPick
from tests.support.uploads import publish

CATALOGUE = json.loads((DEMO / "catalogue.json").read_text(encoding="utf-8"))
PICKS = [
    {"id": "@ada/coach", "reason": "It asks for nothing."},
    {"id": "@ada/planner", "reason": "It plans."},
]


def picked() -> list[tuple[str, str]]:
    return [
        (f"@{pick.row.scope}/{pick.row.name}", pick.pick.reason) for pick in front_of_shop().picks
    ]


@pytest.fixture
def agents(as_ada: Actor) -> None:
    for pick in PICKS:
        publish(as_ada, pick["id"])


def test_picks_stand_on_the_first_page_and_are_made_once(agents: None, as_root: Actor) -> None:
    for _ in range(2):
        add_picks(PICKS, by=as_root)

        assert picked() == [(pick["id"], pick["reason"]) for pick in reversed(PICKS)]
        assert AuditLog.objects.filter(action="agent.picked").count() == 2


def test_a_pick_that_was_taken_back_stays_so(agents: None, as_root: Actor) -> None:
    add_picks(PICKS, by=as_root)
    unpick_agent(AgentPick.objects.get(reason="It plans.").agent, by=as_root)

    add_picks(PICKS, by=as_root)

    assert picked() == [("@ada/coach", "It asks for nothing.")]


def test_the_catalogue_picks_what_is_there_and_nobodys_own() -> None:
    longest = AgentPick._meta.get_field("reason").max_length
    people = {user["login"] for user in CATALOGUE["users"]}

    assert CATALOGUE["maintainer"] in people
    assert len(CATALOGUE["picks"]) == 3
    for pick in CATALOGUE["picks"]:
        scope, name = pick["id"].removeprefix("@").split("/")
        assert Path(DEMO, scope, name).is_dir()
        assert scope != CATALOGUE["maintainer"]
        assert 0 < len(pick["reason"]) <= (longest or 0)


@pytest.mark.django_db
def test_never_in_production(settings: Any) -> None:
    settings.IN_DEVELOPMENT = False

    with pytest.raises(NotInProduction):
        load_demo()

    assert AgentPick.objects.count() == 0
