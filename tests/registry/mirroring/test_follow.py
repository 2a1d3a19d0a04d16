"""A mirror follows what happens at a real source."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.actor import Actor
from profiles.models import Scope
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    yank_version,
)
from registry.agents.queries import find_agent, find_agent_by_any_id, get_withholding
from registry.mirroring.actions import MirrorResult
from registry.models import Agent, MirroredAgent, MirrorProblem, Version
from tests.registry.mirroring.conftest import SourceShop
from tests.support.http import Api

pytestmark = pytest.mark.live
MirrorCall = Callable[..., MirrorResult]


def version_of(full_id: str, number: str) -> Version:
    agent = find_agent_by_any_id(full_id)
    return Version.objects.get(agent=agent, version=number)


def test_versions_and_where_they_come_from(
    source: SourceShop, mirror: MirrorCall, api: Api
) -> None:
    source.publish("@ada/first", "1.0.0")
    source.publish("@ada/first", "1.1.0")
    source.publish("@ada/beta-alone", "1.0.0-rc.1")
    source.publish("@grace/other", "1.0.0")

    assert mirror("@ada").published_count == 3
    assert not Agent.objects.filter(scope="grace").exists()
    original = source.get("/v1/agents/ada/first").json()
    answer: Any = api.get("/v1/agents/ada/first").json()
    columns = ("tarballSha256", "tarballSizeBytes", "manifest", "channel", "version")
    assert [answer["latestVersion"][key] for key in columns] == [
        original["latestVersion"][key] for key in columns
    ]
    place = answer["mirroredFrom"]
    assert place["shop"] == source.url
    assert place["url"] == f"{source.url}/agents/@ada/first"
    assert place["checkedAt"]
    answer = api.get("/v1/agents/ada/first/versions/1.0.0").json()
    assert answer["mirroredFrom"] == place
    for page in ("/agents/@ada/first", "/agents/@ada/first/versions/1.0.0", "/@ada"):
        assert f"Published at {source.url}" in api.client.get(page).content.decode(), page

    again = mirror()
    assert (again.agent_count, again.published_count) == (0, 0)
    source.publish("@ada/first", "1.2.0")
    source.decide()
    assert mirror().published_count == 1


def test_states_of_the_source(source: SourceShop, mirror: MirrorCall) -> None:
    full_id = "@ada/states"
    for number in ("1.0.0", "1.1.0", "1.2.0", "1.3.0"):
        source.publish(full_id, number)
    mirror("@ada")

    source.act("ada", "ada/states/versions/1.0.0/yank", {"reason": "It forgets."})
    source.act("ada", "ada/states/versions/1.2.0/deprecate", {"reason": "Old."})
    source.act("ada", "ada/states/deprecate", {"reason": "Enough.", "successor": ""})
    source.act("ada", "ada/states/archive")
    source.decide(
        f"withhold_version(agent('{full_id}'), '1.3.0', reason='malware', text='Bad.', by=root)",
    )
    mirror()
    agent = find_agent("ada", "states")
    assert version_of(full_id, "1.0.0").yanked_reason == "It forgets."
    assert agent.deprecation_reason == "Enough."
    assert agent.deprecated_versions["1.2.0"]["reason"] == "Old."
    assert agent.archived_at is not None
    withholding = get_withholding(version_of(full_id, "1.3.0"))
    assert withholding
    assert (withholding.reason, withholding.text) == ("malware", "Decided at the source: Bad.")

    source.decide(
        f"unyank_version(agent('{full_id}'), '1.0.0', by=root)",
        f"lift_withholding(agent('{full_id}'), '1.3.0', reason='Fine.', by=root)",
    )
    source.act("ada", "ada/states/undeprecate")
    source.act("ada", "ada/states/unarchive")
    source.publish(full_id, "2.0.0")
    mirror()
    agent = find_agent("ada", "states")
    assert not version_of(full_id, "1.0.0").is_yanked
    assert get_withholding(version_of(full_id, "1.3.0")) is None
    assert (agent.deprecated_at, agent.archived_at) == (None, None)
    assert agent.latest_version
    assert agent.latest_version.version == "2.0.0"

    source.decide(f"delist_agent(agent('{full_id}'), reason='Gone.', by=root)")
    mirror()
    agent.refresh_from_db()
    assert agent.delisted_reason == "Decided at the source: Gone."
    source.decide(f"relist_agent(agent('{full_id}'), by=root)")
    mirror()
    agent.refresh_from_db()
    assert not agent.is_delisted


def test_decisions_here_stand(source: SourceShop, mirror: MirrorCall, as_root: Actor) -> None:
    full_id = "@ada/decided"
    for number in ("1.0.0", "1.1.0", "1.2.0"):
        source.publish(full_id, number)
    source.act("ada", "ada/decided/versions/1.0.0/yank", {"reason": "Too slow."})
    mirror("@ada")
    withhold = f"withhold_version(agent('{full_id}'), '1.1.0', reason='court', text='L', by=root)"
    source.decide(withhold)
    mirror()
    agent = find_agent("ada", "decided")
    assert version_of(full_id, "1.0.0").yanked_reason == "Too slow."
    unyank_version(agent, "1.0.0", by=as_root)
    lift_withholding(agent, "1.1.0", reason="Not here.", by=as_root)
    yank_version(agent, "1.2.0", reason="Not for us.", by=as_root)
    source.publish(full_id, "1.3.0")
    source.decide()
    mirror()
    assert not version_of(full_id, "1.0.0").is_yanked
    assert get_withholding(version_of(full_id, "1.1.0")) is None
    assert version_of(full_id, "1.2.0").yanked_reason == "Not for us."

    delist_agent(agent, reason="Not here.", by=as_root)
    source.publish(full_id, "1.4.0")
    source.decide()
    mirror()
    agent.refresh_from_db()
    assert agent.delisted_reason == "Not here."
    assert agent.versions.count() == 4
    assert MirrorProblem.objects.get().code == "delisted_here"
    relist_agent(agent, by=as_root)
    mirror()
    assert agent.versions.count() == 5
    assert not MirrorProblem.objects.exists()


def transfer(full_id: str, sender: str, receiver: str) -> str:
    return (
        f"accept_transfer(offer_agent(agent('{full_id}'), to='{receiver}',"
        f" confirmation='{full_id}', by=by('{sender}')).pk, by=by('{receiver}'))"
    )


def test_moved_agents(source: SourceShop, mirror: MirrorCall) -> None:
    for name in ("moves", "leaves", "arrives"):
        source.publish("@grace/arrives" if name == "arrives" else f"@ada/{name}", "1.0.0")
    mirror("@ada")
    source.decide(transfer("@grace/arrives", "grace", "ada"))
    mirror()
    # Its package has the former id, which is not mirrored here.
    assert find_agent("ada", "arrives").versions.count() == 1

    source.decide(transfer("@ada/leaves", "ada", "grace"))
    mirror()
    agent = find_agent("ada", "leaves")
    assert "@grace/leaves" in agent.deprecation_reason
    assert agent.archived_at is not None

    mirror("@grace")
    source.decide(transfer("@ada/moves", "ada", "grace"))
    source.publish("@grace/moves", "1.1.0")
    mirror()
    agent = find_agent_by_any_id("@ada/moves")
    assert agent.full_id == "@grace/moves"
    assert agent.owner_user == Scope.objects.get(name="grace").holder
    assert set(agent.versions.values_list("version", flat=True)) == {"1.0.0", "1.1.0"}
    source.decide(transfer("@grace/moves", "grace", "ada"))
    mirror()
    assert find_agent_by_any_id("@grace/moves").full_id == "@ada/moves"
    assert not MirroredAgent.objects.pending().exists()
    problems = MirrorProblem.objects.filter(full_id__regex="/(moves|leaves|arrives)$")
    assert not problems.exists()
    # The new scope is mirrored since.
    agent = find_agent_by_any_id("@ada/leaves")
    assert agent.full_id == "@grace/leaves"
    assert (agent.deprecated_at, agent.archived_at) == (None, None)
