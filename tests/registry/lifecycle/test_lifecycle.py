"""Publishers deprecate and archive their agents."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from clawstore.reactions import REACTIONS
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.jobs.actions import run_due_jobs
from registry.errors import NotOwner
from registry.lifecycle.actions import (
    archive_agent,
    deprecate_agent,
    deprecate_version,
    unarchive_agent,
    undeprecate_agent,
    undeprecate_version,
)
from registry.lifecycle.errors import InvalidSuccessor, TooManyDeprecations
from registry.mirrors.actions import append_recent_events
from registry.models import Agent
from registry.publishing.errors import AgentArchived
from registry.rules.lengths import MAX_DEPRECATED_VERSIONS
from tests.support.http import Api, client_of, status_and_code
from tests.support.page import Page
from tests.support.uploads import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
COACH = "/v1/agents/ada/coach"


def page_of(response: HttpResponse) -> Page:
    return Page(response.content.decode())


@pytest.fixture
def agent(as_ada: Actor) -> Agent:
    publish(as_ada, "@ada/planner", "1.0.0", tagline="Plans the harvest of a garden")
    publish(as_ada, "@ada/coach", "1.0.0", tagline="Plans the harvest of a garden")
    return publish(as_ada, "@ada/coach", "1.1.0", tagline="Plans the harvest of a garden").agent


@pytest.mark.once
def test_deprecation_is_on_the_page_in_lists_and_in_the_api(
    agent: Agent, as_ada: Actor, api: Api
) -> None:
    deprecate_agent(agent, reason="No longer kept.", successor="@Ada/Planner", by=as_ada)

    detail = api.get(COACH).json()
    deprecation = detail["deprecation"]
    assert (deprecation["reason"], deprecation["successor"]) == ("No longer kept.", "@ada/planner")
    assert detail["deprecatedAt"] == deprecation["since"]
    assert api.get(f"{COACH}/versions/1.0.0").json()["deprecation"] == deprecation
    page = page_of(Client().get("/agents/@ada/coach"))
    assert "advises against using this agent" in page.text
    assert "/agents/@ada/planner" in page.links()
    assert "Deprecated" in page_of(Client().get("/agents?q=@ada/coach")).text

    assert undeprecate_agent(agent, by=as_ada)
    assert not undeprecate_agent(agent, by=as_ada)
    assert not {"deprecation", "deprecatedAt"} & api.get(COACH).json().keys()


@pytest.mark.once
def test_retired_agent_ranks_below_an_equal_one(agent: Agent, as_ada: Actor, api: Api) -> None:
    def ranking() -> list[str]:
        return [item["name"] for item in api.get("/v1/agents?q=harvest+garden").json()["items"]]

    first_name, second_name = ranking()
    first = Agent.objects.get(name=first_name)
    archive_agent(first, by=as_ada)
    assert ranking() == [second_name, first_name]
    # A name that is typed still comes first.
    items = api.get(f"/v1/agents?q={first_name}").json()["items"]
    assert items[0]["name"] == first_name
    unarchive_agent(first, by=as_ada)
    assert ranking() == [first_name, second_name]


@pytest.mark.once
def test_deprecated_version_is_marked_alone(agent: Agent, as_ada: Actor, api: Api) -> None:
    deprecate_version(agent, "1.0.0", reason="Loses notes.", by=as_ada)

    versions = api.get(f"{COACH}/versions").json()["items"]
    reasons = {row["version"]: row.get("deprecation", {}).get("reason") for row in versions}
    assert reasons == {"1.1.0": None, "1.0.0": "Loses notes."}
    assert "deprecation" not in api.get(COACH).json()
    assert "Loses notes." in page_of(Client().get("/agents/@ada/coach/versions")).text
    assert "Loses notes." in page_of(Client().get("/agents/@ada/coach/versions/1.0.0")).text
    assert "Loses notes." not in page_of(Client().get("/agents/@ada/coach")).text
    assert undeprecate_version(agent, "1.0.0", by=as_ada)
    assert "Loses notes." not in page_of(Client().get("/agents/@ada/coach/versions/1.0.0")).text


@pytest.mark.once
def test_update_check_names_deprecated_installs(agent: Agent, as_ada: Actor, api: Api) -> None:
    installs = [
        {"id": "@ada/coach", "version": "1.0.0"},
        {"id": "@ada/planner", "version": "1.0.0"},
    ]

    assert api.post("/v1/updates", {"installs": installs}).json().keys() == {"updates"}
    deprecate_version(agent, "1.0.0", reason="Loses notes.", by=as_ada)
    deprecate_agent(
        Agent.objects.get(name="planner"), reason="Old.", successor="@ada/coach", by=as_ada
    )
    assert api.post("/v1/updates", {"installs": installs}).json()["deprecated"] == [
        {"id": "@ada/coach", "version": "1.0.0", "reason": "Loses notes.", "successor": None},
        {"id": "@ada/planner", "version": "1.0.0", "reason": "Old.", "successor": "@ada/coach"},
    ]


def test_archived_agent_refuses_versions_until_it_ends(agent: Agent, as_ada: Actor) -> None:
    assert archive_agent(agent, by=as_ada)
    assert not archive_agent(agent, by=as_ada)

    with pytest.raises(AgentArchived):
        publish(as_ada, "@ada/coach", "1.2.0")
    assert "it gets no more versions" in page_of(Client().get("/agents/@ada/coach")).text
    unarchive_agent(agent, by=as_ada)
    assert publish(as_ada, "@ada/coach", "1.2.0").version == "1.2.0"


@pytest.mark.once
def test_only_publishers_may(agent: Agent, as_grace: Actor, root: User) -> None:
    for by in (as_grace, Actor(user=root, door="page")):
        for action in (undeprecate_agent, archive_agent, unarchive_agent):
            with pytest.raises(NotOwner):
                action(agent, by=by)
        with pytest.raises(NotOwner):
            deprecate_agent(agent, reason="Mine is better.", by=by)
    assert client_of(root).get("/publish/agents/@ada/coach/lifecycle").status_code == 404


@pytest.mark.once
@pytest.mark.parametrize("successor", ["planner", "@ada/coach", "@ada/nothing", "@a/b\0", "@/"])
def test_successor_is_another_listed_agent(agent: Agent, as_ada: Actor, successor: str) -> None:
    with pytest.raises(InvalidSuccessor):
        deprecate_agent(agent, reason="Old.", successor=successor, by=as_ada)


@pytest.mark.once
def test_deprecated_versions_have_a_limit(agent: Agent, as_ada: Actor) -> None:
    entry = {"reason": "Old.", "since": "2026-01-01T00:00:00.000Z"}
    full = {f"0.0.{number}": entry for number in range(MAX_DEPRECATED_VERSIONS)}
    Agent.objects.filter(pk=agent.pk).update(deprecated_versions=full)

    with pytest.raises(TooManyDeprecations):
        deprecate_version(agent, "1.0.0", reason="Old.", by=as_ada)


@pytest.mark.once
def test_key_deprecates_and_archives(
    agent: Agent, ada: User, api: Api, key_for: Callable[..., str]
) -> None:
    key = key_for(ada, "agents:yank")
    body = {"reason": "Old.", "successor": "@ada/planner"}

    answer = api.post(f"{COACH}/deprecate", body, key=key).json()
    assert (answer["ok"], answer["deprecation"]["successor"]) == (True, "@ada/planner")
    changes = [
        api.post(f"{COACH}/{path}", body, key=key).json()["changes"]
        for path in (
            *("undeprecate", "undeprecate", "archive", "archive", "unarchive"),
            *("versions/1.0.0/deprecate", "versions/1.0.0/undeprecate"),
        )
    ]
    assert changes == [1, 0, 1, 0, 1, 1, 1]
    assert status_and_code(api.post(f"{COACH}/deprecate", {}, key=key))[0] == 422
    refusal = api.post(f"{COACH}/archive", key=key_for(ada, "agents:publish"))
    assert status_and_code(refusal) == (403, "insufficient_scope")


@pytest.mark.once
def test_page_deprecates_and_keeps_what_was_typed(
    agent: Agent, ada_client: Client, as_ada: Actor
) -> None:
    address = "/publish/agents/@ada/coach/lifecycle"

    refusal = ada_client.post(address, {"reason": "My words.", "successor": "@ada/nothing"})
    assert refusal.status_code == 422
    assert "@ada/nothing is not listed here." in page_of(refusal).text
    assert "My words." in page_of(refusal).text
    values = {"reason": "My words.", "successor": "@ada/planner", "version": "1.0.0"}
    refusal = ada_client.post(address, values)
    assert refusal.status_code == 422
    assert "Only the agent as a whole has a successor." in page_of(refusal).text
    assert ada_client.post(address, {"reason": "Old.", "version": "1.0.0"}).status_code == 302
    assert ada_client.post(address, {"reason": "Gone."}).status_code == 302
    page = page_of(ada_client.get(address))
    assert "Old." in page.text
    assert "Gone." in page.text
    ada_client.post(f"{address}/archive", {"version": "1.0.0"})
    agent.refresh_from_db()
    assert agent.deprecated_versions.keys() == {"1.0.0"}
    ada_client.post(f"{address}/undeprecate", {"version": "1.0.0"})
    agent.refresh_from_db()
    assert (agent.deprecated_versions, agent.deprecation_reason) == ({}, "Gone.")
    assert agent.archived_at is not None
    assert ada_client.post(f"{address}/nonsense").status_code == 404


@pytest.mark.once
def test_mirrors_learn_of_it(agent: Agent, as_ada: Actor, api: Api) -> None:
    deprecate_agent(agent, reason="Old.", by=as_ada)
    deprecate_version(agent, "1.0.0", reason="Old.", by=as_ada)
    run_due_jobs()
    append_recent_events()

    entries = [(row["kind"], row["version"]) for row in api.get("/v1/changes").json()["items"]]
    assert entries[-2:] == [("agent.deprecated", None), ("version.deprecated", "1.0.0")]


def test_repeated_deprecations_tell_followers_once(agent: Agent, as_ada: Actor) -> None:
    for reason in ("Old.", "Old.", "Older."):
        deprecate_agent(agent, reason=reason, by=as_ada)
        deprecate_version(agent, "1.0.0", reason=reason, by=as_ada)

    events = AuditLog.objects.filter(action__contains="deprecat")
    actions = sorted(events.values_list("action", flat=True))
    assert actions == [
        "agent.deprecated",
        "agent.deprecation_changed",
        "version.deprecated",
        "version.deprecation_changed",
    ]
    assert not any(action in REACTIONS for action in actions if action.endswith("_changed"))


@pytest.mark.once
def test_successor_is_named_with_the_reason_of_a_version(
    agent: Agent, as_ada: Actor, api: Api
) -> None:
    deprecate_agent(agent, reason="Old.", successor="@ada/planner", by=as_ada)
    deprecate_version(agent, "1.0.0", reason="Loses notes.", by=as_ada)

    deprecation = api.get(f"{COACH}/versions/1.0.0").json()["deprecation"]
    assert (deprecation["reason"], deprecation["successor"]) == ("Loses notes.", "@ada/planner")
    page = page_of(Client().get("/agents/@ada/coach/versions/1.0.0")).text
    assert "Loses notes." in page
    assert "Old." in page
