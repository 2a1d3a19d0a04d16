"""GET /v1/agents/{scope}/{name} and /v1/categories."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import iso
from registry.agents.actions import delist_agent, relist_agent, yank_version
from registry.models import Agent, AgentTag, Version
from tests.support.http import Api, status_and_code
from tests.support.packages import manifest
from tests.support.uploads import publish

PLANNER = "/v1/agents/ada/planner"


@pytest.mark.once
def test_detail_has_all_fields(api: Api, ada: User, as_ada: Actor) -> None:
    version = publish(as_ada, tags=["z", "a", "m"], homepage="https://example.org/")
    agent = Agent.objects.get()

    assert api.get(PLANNER).json() == {
        "id": str(agent.pk),
        "scope": "ada",
        "name": "planner",
        "displayName": "Planner",
        "tagline": "Plans a day",
        "category": "productivity",
        "license": "MIT",
        "downloadCount": 0,
        "avgRating": None,
        "reviewCount": 0,
        "createdAt": iso(agent.created_at),
        "updatedAt": iso(agent.updated_at),
        "description": "# Planner\n\nPlans a day.",
        "homepage": "https://example.org/",
        "repository": None,
        "tags": ["a", "m", "z"],
        "latestVersion": {
            "id": str(version.pk),
            "version": "1.0.0",
            "channel": "community",
            "manifest": manifest(tags=["z", "a", "m"], homepage="https://example.org/"),
            "tarballSha256": version.tarball_sha256,
            "tarballSizeBytes": version.tarball_size_bytes,
            "downloadCount": 0,
            "uploadedAt": iso(version.uploaded_at),
            "yankedAt": None,
        },
        "owner": {"githubLogin": "ada", "displayName": "Ada Lovelace", "avatarUrl": None},
    }


@pytest.mark.once
@pytest.mark.parametrize("path", ["Ada/Planner", "ADA/PLANNER", "@ada/planner", "%40Ada/planner"])
def test_scope_and_name_match_in_any_case(api: Api, as_ada: Actor, path: str) -> None:
    publish(as_ada)

    assert api.get(f"/v1/agents/{path}").json()["name"] == "planner"


@pytest.mark.parametrize(
    "path", ["ada/plan", "grace/planner", "ada/planner%20", "ada/%25", "ada/🦞", "x/" + "y" * 4000]
)
def test_an_unknown_agent_is_not_found(api: Api, as_ada: Actor, path: str) -> None:
    publish(as_ada)

    for tail in ("", "/versions", "/versions/1.0.0", "/versions/1.0.0/tarball"):
        assert status_and_code(api.get(f"/v1/agents/{path}{tail}")) == (404, "agent_not_found")


def test_latest_is_null_without_a_stable_version(api: Api, as_ada: Actor) -> None:
    publish(as_ada, version="1.0.0-beta")
    assert api.get(PLANNER).json()["latestVersion"] is None

    publish(as_ada)
    assert api.get(PLANNER).json()["latestVersion"]["version"] == "1.0.0"
    yank_version(Agent.objects.get(), "1.0.0", reason=None, by=as_ada)
    assert api.get(PLANNER).json()["latestVersion"] is None


@pytest.mark.once
def test_delisted_agent_is_visible_to_owner_and_maintainers_only(
    api: Api, ada: User, grace: User, root: User, as_ada: Actor, as_root: Actor, key_for: Any
) -> None:
    publish(as_ada)
    delist_agent(Agent.objects.get(), reason="Spam.", by=as_root)

    bound_elsewhere = key_for(ada, "read", bound_to="@ada/other")
    for key in ("", key_for(grace, "read"), "claw_dead", bound_elsewhere):
        answer = api.get(PLANNER, key=key)
        assert status_and_code(answer) == (410, "agent_delisted")
        assert answer.json()["error"]["details"] == {"reason": "Spam."}
    for user in (ada, root):
        assert api.get(PLANNER, key=key_for(user, "read")).json()["name"] == "planner"
    assert api.get("/v1/agents").json()["items"] == []
    assert api.get("/v1/agents?channel=beta").json()["items"] == []
    assert api.get("/v1/users/ada").json()["agents"] == []

    relist_agent(Agent.objects.get(), by=as_root)
    assert api.get(PLANNER).status_code == 200
    assert len(api.get("/v1/agents").json()["items"]) == 1


@pytest.mark.once
def test_version_of_a_delisted_agent_stays_downloadable(
    api: Api, as_ada: Actor, as_root: Actor
) -> None:
    publish(as_ada)
    delist_agent(Agent.objects.get(), reason="Spam.", by=as_root)

    assert api.get(f"{PLANNER}/versions/1.0.0").status_code == 200
    assert api.get(f"{PLANNER}/versions/1.0.0/tarball").status_code == 200


@pytest.mark.once
def test_the_number_of_queries_does_not_depend_on_versions_and_tags(
    api: Api, as_ada: Actor
) -> None:
    publish(as_ada)
    with CaptureQueriesContext(connection) as single:
        api.get(PLANNER)
    for patch in range(1, 4):
        publish(as_ada, version=f"1.0.{patch}", tags=[f"t{n}" for n in range(10)])
    with CaptureQueriesContext(connection) as many:
        api.get(PLANNER)

    assert len(single) == len(many) <= 3
    assert (Version.objects.count(), AgentTag.objects.count()) == (4, 10)


def test_categories_have_their_order(api: Api) -> None:
    answer = api.get("/v1/categories").json()

    assert [(c["id"], c["name"], c["icon"], c["sortOrder"]) for c in answer] == [
        ("productivity", "Productivity", "briefcase", 1),
        ("developer-tools", "Developer Tools", "code", 2),
        ("health-fitness", "Health & Fitness", "heart", 3),
        ("education", "Education", "book", 4),
        ("finance", "Finance", "dollar", 5),
        ("communication", "Communication", "chat", 6),
        ("entertainment", "Entertainment", "play", 7),
        ("writing", "Writing", "pencil", 8),
        ("research", "Research", "search", 9),
        ("data-analysis", "Data Analysis", "chart", 10),
        ("customer-support", "Customer Support", "headset", 11),
        ("other", "Other", "box", 99),
    ]
    assert all(c.keys() == {"id", "name", "icon", "sortOrder"} for c in answer)
