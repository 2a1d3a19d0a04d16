"""POST /v1/updates: what somebody's installs can move to."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from registry.agents.actions import delist_agent
from registry.models import Agent, Channel, Version
from tests.conftest import Api
from tests.support.factories import make_agent, make_user, make_version

ID = "@ada/coach"


def versions(owner: User, *numbers: str, name: str = "coach") -> Agent:
    """``!1.0.0`` is a yanked one."""
    agent = make_agent(owner, name)
    for number in numbers:
        marks = {"yanked_at": now(), "yanked_by_user": owner} if number[0] == "!" else {}
        make_version(agent, number.lstrip("!"), **marks)
    return agent


def asked(api: Api, *installs: tuple[str, str], key: str = "") -> list[dict[str, Any]]:
    body = {"installs": [{"id": full_id, "version": version} for full_id, version in installs]}
    answer = api.post("/v1/updates", body, key=key)
    assert answer.status_code == 200, answer.content
    assert answer.json().keys() == {"updates"}
    updates: list[dict[str, Any]] = answer.json()["updates"]
    return updates


@pytest.mark.parametrize(
    ("published", "installed", "to", "yanked"),
    [
        (["1.0.0"], "1.0.0", None, False),
        (["1.0.0", "1.1.0", "2.0.0"], "1.0.0", "2.0.0", False),
        (["1.0.0", "1.1.0"], "1.1.0", None, False),
        (["1.9.0", "1.10.0"], "1.9.0", "1.10.0", False),
        (["1.0.0", "!1.1.0"], "1.0.0", None, False),
        (["1.0.0", "1.1.0", "!1.2.0"], "1.0.0", "1.1.0", False),
        (["!1.0.0", "1.1.0"], "1.0.0", "1.1.0", True),
        (["1.0.0", "!1.1.0"], "1.1.0", "1.0.0", True),
        (["!1.0.0"], "1.0.0", None, False),
        (["!1.0.0", "!1.1.0"], "1.0.0", None, False),
        (["1.0.0", "2.0.0-rc.1"], "1.0.0", None, False),
        (["!1.0.0", "2.0.0-rc.1"], "1.0.0", None, False),
        (["1.0.0-rc.1", "1.0.0"], "1.0.0-rc.1", "1.0.0", False),
        (["1.0.0-rc.1", "1.0.0-rc.2"], "1.0.0-rc.1", "1.0.0-rc.2", False),
        (["1.0.0-rc.2", "1.0.0-rc.10"], "1.0.0-rc.2", "1.0.0-rc.10", False),
        (["1.0.0-rc.1", "!1.0.0-rc.2"], "1.0.0-rc.1", None, False),
        (["1.0.0", "2.0.0-rc.1"], "2.0.0-rc.1", None, False),
        (["1.0.0", "2.0.0-rc.1", "2.0.0-rc.2"], "2.0.0-rc.1", "2.0.0-rc.2", False),
        (["1.0.0", "!2.0.0-rc.1"], "2.0.0-rc.1", "1.0.0", True),
        (["1.0.0+a"], "1.0.0+a", None, False),
        (["1.0.0"], "0.9.0", None, False),
        (["1.0.0"], "9.9.9", None, False),
        (["1.0.0", "2.0.0"], "garbage", None, False),
        (["1.0.0", "2.0.0"], "", None, False),
        (["1.0.0", "2.0.0"], "1.0.0 ", None, False),
        (["1.0.0", "2.0.0"], "1.0.0\0", None, False),
        (["1.0.0", "2.0.0"], "9" * 5000, None, False),
    ],
)
def test_what_an_install_can_move_to(
    api: Api, ada: User, published: list[str], installed: str, to: str | None, yanked: bool
) -> None:
    versions(ada, *published)

    channel = "beta" if to and "-" in to else "community"
    expected = {"id": ID, "from": installed, "to": to, "channel": channel, "yanked": yanked}
    assert asked(api, (ID, installed)) == ([expected] if to else [])


def test_the_channel_is_that_of_the_target(api: Api, ada: User) -> None:
    agent = versions(ada, "1.0.0")
    make_version(agent, "2.0.0", channel=Channel.OFFICIAL)

    assert asked(api, (ID, "1.0.0"))[0]["channel"] == "official"


def test_an_id_comes_back_as_it_was_sent(api: Api, ada: User) -> None:
    versions(ada, "1.0.0", "2.0.0")

    assert asked(api, ("@Ada/COACH", "1.0.0"))[0]["id"] == "@Ada/COACH"


def test_each_install_is_answered_in_its_order(api: Api, ada: User, grace: User) -> None:
    versions(ada, "1.0.0", "2.0.0")
    versions(ada, "1.0.0", name="steady")
    versions(grace, "1.0.0", "3.0.0")

    found = asked(
        api,
        ("@grace/coach", "1.0.0"),
        ("@ada/steady", "1.0.0"),
        (ID, "1.0.0"),
        (ID, "1.0.0"),
        ("@nobody/coach", "1.0.0"),
    )

    assert [(update["id"], update["to"]) for update in found] == [
        ("@grace/coach", "3.0.0"),
        (ID, "2.0.0"),
        (ID, "2.0.0"),
    ]


@pytest.mark.parametrize(
    "full_id",
    ["", "@", "/", "@/", "ada/coach", "@ada", "@ada/", "@ada/coach/x", "x" * 4000, "🦞", "@ada/%"],
)
def test_an_id_that_is_none_has_no_update(api: Api, ada: User, full_id: str) -> None:
    versions(ada, "1.0.0", "2.0.0")

    assert asked(api, (full_id, "1.0.0")) == []


def test_a_nul_in_an_id_is_refused(api: Api, ada: User) -> None:
    versions(ada, "1.0.0", "2.0.0")
    for full_id in ("@ada/coach\0", "\0", "@\0/\0"):
        answer = api.post("/v1/updates", {"installs": [{"id": full_id, "version": "1.0.0"}]})
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid_body"


def test_name_and_scope_may_be_missing_or_null(api: Api, ada: User) -> None:
    versions(ada, "1.0.0", "2.0.0")
    install = {"id": ID, "version": "1.0.0"}

    for more in ({}, {"name": "coach", "scope": "ada"}, {"name": None}, {"unknown": [1]}):
        answer = api.post("/v1/updates", {"installs": [install | more]})
        assert len(answer.json()["updates"]) == 1
    wrong = api.post("/v1/updates", {"installs": [install | {"name": 5}]})
    assert wrong.status_code == 422


def test_no_installs_have_no_updates(api: Api) -> None:
    assert asked(api) == []


def test_a_delisted_agent_has_nothing_to_offer(
    api: Api, ada: User, root: User, as_root: Actor, key_for: Any
) -> None:
    versions(ada, "1.0.0", "2.0.0")
    versions(ada, "1.0.0", "2.0.0", name="other")
    delist_agent(Agent.objects.get(name="coach"), reason="Spam.", by=as_root)

    body = {"installs": [{"id": ID, "version": "1.0.0"}]}
    alone = api.post("/v1/updates", body)
    assert (alone.status_code, alone.json()["error"]["code"]) == (410, "agent_delisted")
    assert alone.json()["error"]["details"] == {"reason": "Spam."}
    both = asked(api, (ID, "1.0.0"), ("@ada/other", "1.0.0"))
    assert [update["id"] for update in both] == ["@ada/other"]
    assert asked(api, (ID, "1.0.0"), key=key_for(ada, "read")) == []


def test_no_agent_is_read_that_nobody_asked_about(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody's coach and everybody's planner are there; each person has one of them."""
    owners = [make_user(f"user{number}") for number in range(6)]
    for owner in owners:
        for name in ("coach", "planner"):
            versions(owner, "1.0.0", "1.1.0", name=name)
    wanted = [f"@{o.username}/{('coach', 'planner')[n % 2]}" for n, o in enumerate(owners)]
    read: list[str] = []
    from_db = Agent.from_db.__func__

    def noted(cls: type[Agent], db: Any, columns: Any, values: Any) -> Agent:
        agent: Agent = from_db(cls, db, columns, values)
        read.append(agent.full_id)
        assert "description" in agent.get_deferred_fields()
        return agent

    monkeypatch.setattr(Agent, "from_db", classmethod(noted))

    assert len(asked(api, *((full_id, "1.0.0") for full_id in wanted))) == 6
    assert sorted(read) == sorted(wanted)


def test_200_scopes_in_one_question(api: Api, ada: User) -> None:
    """As many conditions as a question can have; the databases take it."""
    versions(ada, "1.0.0", "1.1.0")
    strangers = [(f"@stranger-{number}/coach", "1.0.0") for number in range(199)]

    with CaptureQueriesContext(connection) as queries:
        found = asked(api, (ID, "1.0.0"), *strangers)

    assert [update["to"] for update in found] == ["1.1.0"]
    assert len(queries) <= 2


@pytest.mark.once
def test_200_installs_cost_as_many_queries_as_one(api: Api) -> None:
    owners = [make_user(f"user{number}") for number in range(4)]
    installs = []
    for owner in owners:
        for number in range(50):
            versions(owner, "1.0.0", name=f"agent-{number}")
            installs.append((f"@{owner.username}/agent-{number}", "1.0.0"))
    rows = Version.objects.filter(agent__name__in=[f"agent-{n}" for n in range(0, 50, 2)])
    for row in list(rows):
        make_version(row.agent, "1.1.0")

    with CaptureQueriesContext(connection) as one:
        assert len(asked(api, installs[0])) == 1
    with CaptureQueriesContext(connection) as many:
        assert len(asked(api, *installs)) == 100

    assert len(one) == len(many) <= 2


def test_201_installs_are_too_many(api: Api) -> None:
    body = {"installs": [{"id": ID, "version": "1.0.0"}] * 201}

    answer = api.post("/v1/updates", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_body")


def test_a_dead_credential_asks_like_nobody(api: Api, ada: User) -> None:
    versions(ada, "1.0.0", "2.0.0")

    assert len(asked(api, (ID, "1.0.0"), key="claw_dead")) == 1
