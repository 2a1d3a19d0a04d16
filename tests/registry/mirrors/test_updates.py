"""POST /v1/updates: updates for installed agents."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from registry.agents.actions import delist_agent, withhold_version
from registry.models import Agent, Channel, Version
from registry.publishing.publish import publish_version
from tests.support.factories import make_agent, make_user, make_version
from tests.support.http import Api
from tests.support.packages import manifest
from tests.support.uploads import upload

ID = "@ada/coach"


def make_agent_with_versions(owner: User, *numbers: str, name: str = "coach") -> Agent:
    """``!1.0.0`` makes a yanked version."""
    agent = make_agent(owner, name)
    for number in numbers:
        marks = {"yanked_at": now(), "yanked_by_user": owner} if number[0] == "!" else {}
        make_version(agent, number.lstrip("!"), **marks)
    return agent


def get_updates(api: Api, *installs: tuple[str, str], key: str = "") -> list[dict[str, Any]]:
    body = {"installs": [{"id": full_id, "version": version} for full_id, version in installs]}
    answer = api.post("/v1/updates", body, key=key)
    assert answer.status_code == 200, answer.content
    assert answer.json().keys() == {"updates"}
    updates: list[dict[str, Any]] = answer.json()["updates"]
    return updates


@pytest.mark.once
@pytest.mark.parametrize(
    ("numbers", "installed_version", "to", "is_yanked"),
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
def test_update_depends_on_the_installed_version(
    api: Api, ada: User, numbers: list[str], installed_version: str, to: str | None, is_yanked: bool
) -> None:
    make_agent_with_versions(ada, *numbers)

    channel = "beta" if to and "-" in to else "community"
    expectation = {
        "id": ID,
        "from": installed_version,
        "to": to,
        "channel": channel,
        "yanked": is_yanked,
    }
    expectation["capabilities"] = []
    changes = f"/agents/{ID}/changes/{installed_version}...{to}"
    expectation["changesUrl"] = settings.BASE_URL + changes
    assert get_updates(api, (ID, installed_version)) == ([expectation] if to else [])


@pytest.mark.once
def test_update_has_the_channel_of_its_target(api: Api, ada: User) -> None:
    agent = make_agent_with_versions(ada, "1.0.0")
    make_version(agent, "2.0.0", channel=Channel.OFFICIAL)

    assert get_updates(api, (ID, "1.0.0"))[0]["channel"] == "official"


@pytest.mark.once
def test_id_is_returned_in_the_case_of_the_request(api: Api, ada: User) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")

    assert get_updates(api, ("@Ada/COACH", "1.0.0"))[0]["id"] == "@Ada/COACH"


def test_updates_have_the_order_of_the_installs(api: Api, ada: User, grace: User) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")
    make_agent_with_versions(ada, "1.0.0", name="steady")
    make_agent_with_versions(grace, "1.0.0", "3.0.0")

    updates = get_updates(
        api,
        ("@grace/coach", "1.0.0"),
        ("@ada/steady", "1.0.0"),
        (ID, "1.0.0"),
        (ID, "1.0.0"),
        ("@nobody/coach", "1.0.0"),
    )

    assert [(update["id"], update["to"]) for update in updates] == [
        ("@grace/coach", "3.0.0"),
        (ID, "2.0.0"),
        (ID, "2.0.0"),
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    "full_id",
    ["", "@", "/", "@/", "ada/coach", "@ada", "@ada/", "@ada/coach/x", "x" * 4000, "🦞", "@ada/%"],
)
def test_malformed_id_has_no_update(api: Api, ada: User, full_id: str) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")

    assert get_updates(api, (full_id, "1.0.0")) == []


def test_id_with_a_nul_character_is_refused(api: Api, ada: User) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")
    for full_id in ("@ada/coach\0", "\0", "@\0/\0"):
        answer = api.post("/v1/updates", {"installs": [{"id": full_id, "version": "1.0.0"}]})
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "invalid_body"


@pytest.mark.once
def test_name_and_scope_are_optional(api: Api, ada: User) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")
    install = {"id": ID, "version": "1.0.0"}

    for additions in ({}, {"name": "coach", "scope": "ada"}, {"name": None}, {"unknown": [1]}):
        answer = api.post("/v1/updates", {"installs": [install | additions]})
        assert len(answer.json()["updates"]) == 1
    wrong = api.post("/v1/updates", {"installs": [install | {"name": 5}]})
    assert wrong.status_code == 422


@pytest.mark.once
def test_empty_request_has_no_updates(api: Api) -> None:
    assert get_updates(api) == []


@pytest.mark.once
def test_delisted_agent_has_no_updates(
    api: Api, ada: User, root: User, as_root: Actor, key_for: Any
) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")
    make_agent_with_versions(ada, "1.0.0", "2.0.0", name="other")
    delist_agent(Agent.objects.get(name="coach"), reason="Spam.", by=as_root)

    body = {"installs": [{"id": ID, "version": "1.0.0"}]}
    response_for_one = api.post("/v1/updates", body)
    assert (response_for_one.status_code, response_for_one.json()["error"]["code"]) == (
        410,
        "agent_delisted",
    )
    assert response_for_one.json()["error"]["details"] == {"reason": "Spam."}
    updates = get_updates(api, (ID, "1.0.0"), ("@ada/other", "1.0.0"))
    assert [update["id"] for update in updates] == ["@ada/other"]
    assert get_updates(api, (ID, "1.0.0"), key=key_for(ada, "read")) == []


def test_only_requested_agents_are_loaded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every owner has a coach and a planner; one of the two is requested."""
    owners = [make_user(f"user{number}") for number in range(6)]
    for owner in owners:
        for name in ("coach", "planner"):
            make_agent_with_versions(owner, "1.0.0", "1.1.0", name=name)
    requested_ids = [f"@{o.username}/{('coach', 'planner')[n % 2]}" for n, o in enumerate(owners)]
    read: list[str] = []
    from_db = Agent.from_db.__func__

    def record_load(cls: type[Agent], db: Any, columns: Any, values: Any) -> Agent:
        agent: Agent = from_db(cls, db, columns, values)
        read.append(agent.full_id)
        assert "description" in agent.get_deferred_fields()
        return agent

    monkeypatch.setattr(Agent, "from_db", classmethod(record_load))

    assert len(get_updates(api, *((full_id, "1.0.0") for full_id in requested_ids))) == 6
    assert sorted(read) == sorted(requested_ids)


def test_200_scopes_take_six_queries(api: Api, ada: User) -> None:
    """Both databases accept a query with that many conditions."""
    make_agent_with_versions(ada, "1.0.0", "1.1.0")
    strangers = [(f"@stranger-{number}/coach", "1.0.0") for number in range(199)]

    with CaptureQueriesContext(connection) as queries:
        updates = get_updates(api, (ID, "1.0.0"), *strangers)

    assert [update["to"] for update in updates] == ["1.1.0"]
    # One of them asks for agents that have left these ids, one for where versions came from.
    assert len(queries) <= 6


@pytest.mark.once
def test_48_installs_take_as_many_queries_as_one(api: Api) -> None:
    owners = [make_user(f"user{number}") for number in range(4)]
    installs = []
    for owner in owners:
        for number in range(12):
            make_agent_with_versions(owner, "1.0.0", name=f"agent-{number}")
            installs.append((f"@{owner.username}/agent-{number}", "1.0.0"))
    rows = Version.objects.filter(agent__name__in=[f"agent-{n}" for n in range(0, 12, 2)])
    for row in list(rows):
        make_version(row.agent, "1.1.0")

    with CaptureQueriesContext(connection) as single:
        assert len(get_updates(api, installs[0])) == 1
    with CaptureQueriesContext(connection) as many:
        assert len(get_updates(api, *installs)) == 24

    assert len(single) == len(many) <= 5


@pytest.mark.once
def test_update_lists_what_the_new_version_asks_for(
    api: Api, as_ada: Actor, as_root: Actor
) -> None:
    secret = {"key": "STRIPE_KEY", "prompt": "To bill", "required": True, "target": "env"}
    document = manifest(id="@ada/coach", version="1.0.0")
    publish_version(upload(document), by=as_ada)
    asking = document | {"version": "1.1.0", "setup": {"secrets": [secret]}}
    skill = {"skills/quiet/SKILL.md": "---\nname: quiet\n---\nBe quiet.\n"}
    publish_version(upload(asking, files=skill), by=as_ada)

    capabilities = get_updates(api, (ID, "1.0.0"))[0]["capabilities"]

    assert [(c["kind"], c["name"], c["path"], c["grows"]) for c in capabilities] == [
        ("secret", "STRIPE_KEY", "agent.json", True),
        ("bundled_skill", "quiet", "skills/quiet/SKILL.md", True),
        ("prompt", "", "", True),
    ]

    agent = Agent.objects.get()
    withhold_version(agent, "1.0.0", reason="malware", text="Malware.", by=as_root)
    assert get_updates(api, (ID, "1.0.0"))[0]["capabilities"] is None


@pytest.mark.once
def test_201_installs_are_refused(api: Api) -> None:
    body = {"installs": [{"id": ID, "version": "1.0.0"}] * 201}

    answer = api.post("/v1/updates", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_body")


@pytest.mark.once
def test_invalid_key_is_treated_as_anonymous(api: Api, ada: User) -> None:
    make_agent_with_versions(ada, "1.0.0", "2.0.0")

    assert len(get_updates(api, (ID, "1.0.0"), key="claw_dead")) == 1
