"""Yank and unyank: permissions and effects."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope, Refusal, Unauthenticated
from registry.agents.actions import delist_agent, unyank_version, yank_version
from registry.errors import InvalidReason, NotMaintainer, NotOwner, OwnAgent, VersionNotFound
from registry.models import Agent, AgentTag, Version
from tests.support.factories import make_user
from tests.support.http import Api
from tests.support.rolled_back import rolled_back
from tests.support.uploads import publish

VERSION = "/v1/agents/ada/planner/versions/1.0.0"


@pytest.fixture
def agent(as_ada: Actor) -> Agent:
    """@ada/planner with 1.0.0 and 1.1.0, whose listings differ."""
    publish(as_ada, tagline="First", tags=["one"])
    publish(as_ada, version="1.1.0", tagline="Second", tags=["two"], category="education")
    return Agent.objects.get()


def listing() -> tuple[Any, ...]:
    agent = Agent.objects.get()
    latest = agent.latest_version.version if agent.latest_version else None
    tags = list(AgentTag.objects.values_list("tag", flat=True))
    return latest, agent.is_listed, agent.offers_beta, agent.tagline, agent.category_id, tags


def logged(action: str) -> list[tuple[str, Any, dict[str, Any]]]:
    rows = AuditLog.objects.filter(action=action).order_by("created_at")
    return [(row.entity_id, row.user_id, row.details) for row in rows]


@pytest.mark.once
def test_yank_of_the_latest_makes_the_previous_version_latest(agent: Agent, as_ada: Actor) -> None:
    before = Version.objects.values().get(version="1.1.0")

    assert yank_version(agent, "1.1.0", reason=" Broken. ", by=as_ada) is True

    row = Version.objects.get(version="1.1.0")
    assert (row.yanked_by_user_id, row.yanked_reason) == (as_ada.user_id, "Broken.")
    assert Version.objects.values().get(version="1.1.0") == before | {
        "yanked_at": row.yanked_at,
        "yanked_by_user_id": as_ada.user_id,
        "yanked_reason": "Broken.",
    }
    assert listing() == ("1.0.0", True, False, "First", "productivity", ["one"])
    assert Agent.objects.get().updated_at == row.yanked_at
    assert logged("version.yanked") == [
        ("@ada/planner@1.1.0", as_ada.user_id, {"reason": "Broken."})
    ]


def test_yank_of_an_older_version_keeps_the_listing(agent: Agent, as_ada: Actor) -> None:
    columns = [field.attname for field in Agent._meta.concrete_fields if field.name != "revision"]
    before = Agent.objects.values(*columns).get()

    yank_version(agent, "1.0.0", reason=None, by=as_ada)

    assert Agent.objects.values(*columns).get() == before


def test_agent_with_only_yanked_versions_is_not_listed(
    agent: Agent, as_ada: Actor, as_root: Actor
) -> None:
    yank_version(agent, "1.1.0", reason=None, by=as_ada)
    yank_version(agent, "1.0.0", reason=None, by=as_ada)
    assert listing() == (None, False, False, "Second", "education", ["two"])

    unyank_version(agent, "1.0.0", by=as_root)
    assert listing() == ("1.0.0", True, False, "First", "productivity", ["one"])
    unyank_version(agent, "1.1.0", by=as_root)
    assert listing() == ("1.1.0", True, False, "Second", "education", ["two"])
    assert [entity for entity, _, _ in logged("version.unyanked")] == [
        "@ada/planner@1.0.0",
        "@ada/planner@1.1.0",
    ]


def test_yanked_beta_is_not_offered(agent: Agent, as_ada: Actor, as_root: Actor) -> None:
    publish(as_ada, version="2.0.0-rc.1")
    assert Agent.objects.get().offers_beta

    yank_version(agent, "2.0.0-rc.1", reason=None, by=as_ada)
    assert not Agent.objects.get().offers_beta
    unyank_version(agent, "2.0.0-rc.1", by=as_root)
    assert Agent.objects.get().offers_beta


def test_yank_of_the_stable_version_keeps_the_beta(as_ada: Actor) -> None:
    publish(as_ada, tagline="Stable")
    publish(as_ada, version="2.0.0-rc.1", tagline="Beta", tags=["b"])

    yank_version(Agent.objects.get(), "1.0.0", reason=None, by=as_ada)

    assert listing() == (None, False, True, "Beta", "productivity", ["b"])


@pytest.mark.once
def test_second_yank_changes_nothing(agent: Agent, as_ada: Actor, as_root: Actor) -> None:
    yank_version(agent, "1.0.0", reason="First.", by=as_ada)
    before = Version.objects.values().get(version="1.0.0")
    logs = AuditLog.objects.count()

    assert yank_version(agent, "1.0.0", reason="Second.", by=as_root) is False

    assert Version.objects.values().get(version="1.0.0") == before
    assert AuditLog.objects.count() == logs
    assert unyank_version(agent, "1.1.0", by=as_root) is False
    assert AuditLog.objects.count() == logs


def key_actor(user: User, *scopes: str, bound_to: str = "") -> Actor:
    return Actor(user=user, scopes=frozenset(scopes), bound_to=bound_to, door="api")


WHO = Callable[[User, User, User], Actor]
MAY_NOT_YANK: dict[str, tuple[WHO, type[Refusal]]] = {
    "an anonymous visitor": (lambda ada, grace, root: ANONYMOUS, Unauthenticated),
    "a stranger": (lambda ada, grace, root: Actor(user=grace), NotOwner),
    "a stranger's key": (lambda ada, grace, root: key_actor(grace, "agents:yank"), NotOwner),
    "a key without the scope": (
        lambda ada, grace, root: key_actor(ada, "agents:publish"),
        InsufficientScope,
    ),
    "a key for another agent": (
        lambda ada, grace, root: key_actor(ada, "agents:yank", bound_to="@ada/other"),
        InsufficientScope,
    ),
    "a maintainer's key without a scope": (
        lambda ada, grace, root: key_actor(root, "read"),
        InsufficientScope,
    ),
    "a maintainer's key for agents of their own": (
        lambda ada, grace, root: key_actor(root, "agents:yank", "agents:publish"),
        InsufficientScope,
    ),
    "a maintainer's key for another agent": (
        lambda ada, grace, root: key_actor(root, "reports:moderate", bound_to="@root/own"),
        InsufficientScope,
    ),
}


@pytest.mark.once
def test_yank_without_permission_is_refused_and_changes_nothing(
    agent: Agent, ada: User, grace: User, root: User
) -> None:
    for name, (get_actor, refusal) in MAY_NOT_YANK.items():
        with pytest.raises(refusal):
            yank_version(agent, "1.0.0", reason=None, by=get_actor(ada, grace, root))

        assert (name, Version.objects.filter(yanked_at=None).count()) == (name, 2)


@pytest.mark.once
def test_owner_and_maintainer_may_yank(agent: Agent, ada: User, root: User) -> None:
    for by in (
        Actor(user=root),
        key_actor(root, "reports:moderate"),
        key_actor(ada, "agents:yank"),
        key_actor(ada, "agents:yank", bound_to="@ada/planner"),
    ):
        assert yank_version(agent, "1.0.0", reason=None, by=by) is True
        unyank_version(agent, "1.0.0", by=Actor(user=root))


@pytest.mark.once
def test_maintainer_needs_the_yank_scope_for_their_own_agent(root: User, as_root: Actor) -> None:
    publish(as_root, "@root/tool")
    agent = Agent.objects.get()

    with pytest.raises(InsufficientScope):
        yank_version(agent, "1.0.0", reason=None, by=key_actor(root, "agents:publish"))
    assert yank_version(agent, "1.0.0", reason=None, by=key_actor(root, "agents:yank")) is True


@pytest.mark.once
def test_only_maintainers_unyank(agent: Agent, ada: User, grace: User, root: User) -> None:
    yank_version(agent, "1.0.0", reason=None, by=Actor(user=ada))

    for by, refusal in (
        (ANONYMOUS, Unauthenticated),
        (Actor(user=ada), NotMaintainer),
        (Actor(user=grace), NotMaintainer),
        (key_actor(ada, "reports:moderate"), NotMaintainer),
        (key_actor(root, "agents:yank"), InsufficientScope),
        (key_actor(root, "reports:moderate", bound_to="@root/own"), InsufficientScope),
    ):
        with pytest.raises(refusal):
            unyank_version(agent, "1.0.0", by=by)
    assert Version.objects.get(version="1.0.0").is_yanked

    assert unyank_version(agent, "1.0.0", by=key_actor(root, "reports:moderate")) is True


@pytest.mark.once
def test_maintainer_may_not_unyank_or_delist_their_own_agent(as_root: Actor) -> None:
    publish(as_root, "@root/tool")
    agent = Agent.objects.get()
    assert yank_version(agent, "1.0.0", reason=None, by=as_root) is True

    with pytest.raises(OwnAgent):
        unyank_version(agent, "1.0.0", by=as_root)
    with pytest.raises(OwnAgent):
        delist_agent(agent, reason="x", by=as_root)


@pytest.mark.once
@pytest.mark.parametrize("reason", ["x" * 2001, "a\0b", "\0"])
def test_invalid_yank_reason_is_refused(agent: Agent, as_ada: Actor, reason: str) -> None:
    with pytest.raises(InvalidReason):
        yank_version(agent, "1.0.0", reason=reason, by=as_ada)

    assert not Version.objects.get(version="1.0.0").is_yanked


@pytest.mark.once
@pytest.mark.parametrize(
    ("reason", "stored_reason"),
    [(None, None), ("", None), ("  \n", None), ("x" * 2000, "x" * 2000), (" 🦞 ", "🦞")],
)
def test_yank_reason_is_trimmed(
    agent: Agent, as_ada: Actor, reason: str | None, stored_reason: str | None
) -> None:
    yank_version(agent, "1.0.0", reason=reason, by=as_ada)

    assert Version.objects.get(version="1.0.0").yanked_reason == stored_reason


@pytest.mark.once
def test_unknown_version_cannot_be_yanked(agent: Agent, as_ada: Actor) -> None:
    with pytest.raises(VersionNotFound):
        yank_version(agent, "9.9.9", reason=None, by=as_ada)


def test_failed_yank_changes_nothing(
    agent: Agent, as_ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    before = Version.objects.values().get(version="1.1.0"), listing(), AuditLog.objects.count()
    monkeypatch.setattr("registry.agents.actions.record", broken)
    with pytest.raises(RuntimeError):
        yank_version(agent, "1.1.0", reason="x", by=as_ada)

    after = Version.objects.values().get(version="1.1.0"), listing(), AuditLog.objects.count()
    assert after == before


def test_longest_name_can_be_published_and_yanked(as_root: Actor) -> None:
    """The audit log stores the longest name of a version (PostgreSQL limits it)."""
    scope, name, number = "s" * 64, "n" * 64, f"1.0.0+{'b' * 122}"
    owner = Actor(user=make_user(scope), door="api")
    agent = publish(owner, f"@{scope}/{name}", number).agent

    assert yank_version(agent, number, reason=None, by=owner) is True
    assert unyank_version(agent, number, by=as_root) is True

    longest = f"@{scope}/{name}@{number}"
    assert len(longest) == 259
    actions = ["version.published", "version.yanked", "version.unyanked"]
    assert [logged(action)[0][0] for action in actions] == [longest] * 3
    # SQLite takes any length.
    assert AuditLog._meta.get_field("entity_id").max_length >= len(longest)


# --- Over HTTP -------------------------------------------------------------------------------


@pytest.fixture
def key(ada: User, key_for: Callable[..., str]) -> str:
    return key_for(ada, "agents:yank")


@pytest.mark.once
def test_yank_needs_no_body(api: Api, agent: Agent, key: str) -> None:
    for body, kind, reason in (
        (b"", "application/json", None),
        (b"", "", None),
        (b"{}", "application/json", None),
        (b"null", "application/json", None),
        (b'{"reason": null}', "application/json", None),
        (b'{"reason": ""}', "application/json", None),
        (b'{"reason": "Broken."}', "application/json", "Broken."),
        (b'{"reason": "Broken."}', "text/plain", "Broken."),
        (b'{"reason": "Broken.", "more": [1]}', "application/json", "Broken."),
    ):
        with rolled_back():
            answer = api.client.generic(
                "POST", f"{VERSION}/yank", body, kind, headers={"Authorization": f"Bearer {key}"}
            )

            assert (answer.status_code, answer.json()) == (200, {"ok": True}), body
            assert Version.objects.get(version="1.0.0").yanked_reason == reason, body


@pytest.mark.once
def test_invalid_body_yanks_nothing(api: Api, agent: Agent, key: str) -> None:
    for body, status, code in (
        (b"{", 400, "invalid_json"),
        (b"[]", 422, "invalid_body"),
        (b'"reason"', 422, "invalid_body"),
        (b'{"reason": 5}', 422, "invalid_body"),
        (b'{"reason": ["x"]}', 422, "invalid_body"),
        (b'{"reason": "' + b"x" * 2001 + b'"}', 422, "invalid_body"),
        (b'{"reason": "a\\u0000b"}', 422, "invalid_body"),
        (b'{"reason": "\\ud800"}', 400, "invalid_json"),
        (b'{"reason": "' + b"x" * 3 * 1024 * 1024 + b'"}', 413, None),
    ):
        answer = api.post(f"{VERSION}/yank", body, key=key)

        assert answer.status_code == status, body[:40]
        assert code in {None, answer.json()["error"]["code"]}, body[:40]
        assert not Version.objects.get(version="1.0.0").is_yanked, body[:40]


@pytest.mark.once
def test_repeated_yank_and_unyank_say_so(
    api: Api, agent: Agent, key: str, root: User, key_for: Callable[..., str]
) -> None:
    moderator = key_for(root, "reports:moderate")
    first = {"reason": "First."}

    assert api.post(f"{VERSION}/unyank", key=moderator).json() == {
        "ok": True,
        "alreadyActive": True,
    }
    assert api.post(f"{VERSION}/yank", first, key=key).json() == {"ok": True}
    second_answer = api.post(f"{VERSION}/yank", {"reason": "Second."}, key=key)
    assert second_answer.json() == {"ok": True, "alreadyYanked": True}
    assert api.get(VERSION).json()["yankedReason"] == "First."
    assert api.post(f"{VERSION}/unyank", key=moderator).json() == {"ok": True}
    assert api.get(VERSION).json()["yankedAt"] is None


@pytest.mark.once
def test_yank_without_permission_is_refused_with_its_code(
    api: Api, agent: Agent, grace: User, key_for: Callable[..., str], key: str
) -> None:
    stranger = key_for(grace, "agents:yank", "agents:publish")

    for path, body, outcome in (
        (VERSION, "", (401, "unauthorized")),
        (VERSION, "claw_dead", (401, "unauthorized")),
        (VERSION, stranger, (403, "not_owner")),
        (VERSION, key_for(grace, "read"), (403, "insufficient_scope")),
        (VERSION.replace("1.0.0", "7.0.0"), key, (404, "version_not_found")),
        (VERSION.replace("planner", "nothing"), key, (404, "agent_not_found")),
    ):
        answer = api.post(f"{path}/yank", {}, key=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == outcome
    answer = api.post(f"{VERSION}/unyank", key=key)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert not Version.objects.exclude(yanked_at=None).exists()


@pytest.mark.once
def test_version_with_a_plus_sign_can_be_yanked(api: Api, as_ada: Actor, key: str) -> None:
    publish(as_ada, version="1.0.0+b.1")

    path = "/v1/agents/Ada/Planner/versions/1.0.0+b.1/yank"
    assert api.post(path, key=key).json() == {"ok": True}
