"""Pages of agents whose agent.json has very long lists stay short and quick."""

import time

import pytest
from django.test import Client

from foundation.actor import Actor
from registry.agents.derived_data import get_analysis
from registry.mirrors import updates
from registry.models import StoredPage, VersionAnalysis
from tests.support.uploads import publish

pytestmark = [pytest.mark.once, pytest.mark.django_db]
COUNT = 10_000


@pytest.fixture
def huge_agent(as_ada: Actor) -> None:
    """An agent of a time before the lists had limits."""
    version = publish(as_ada)
    publish(as_ada, version="1.1.0")
    publish(as_ada, "@ada/other")
    for row in VersionAnalysis.objects.all():
        facts = row.facts
        secret = {"key": "KEY", "reason": "why", "required": True, "path": "agent.json", "line": 1}
        facts["secrets"] = [secret | {"key": f"KEY_{number}"} for number in range(COUNT)]
        row.facts = facts
        VersionAnalysis.objects.filter(pk=row.pk).update(facts=facts)
    # Stored from the facts as they were.
    StoredPage.objects.all().delete()
    assert len(get_analysis(version).secrets) == COUNT


def test_page_of_a_huge_agent_is_folded(huge_agent: None, client: Client) -> None:
    for path in (
        "/agents/@ada/planner",
        "/agents/@ada/planner/changes/1.0.0...1.1.0",
        "/agents/compare?id=@ada/planner&id=@ada/other",
    ):
        start = time.process_time()
        page = client.get(path)

        assert page.status_code == 200, path
        assert len(page.content) < 300_000, path
        assert time.process_time() - start < 3, path
        if "changes" not in path:
            assert "The first 100 of 10,000 are shown." in page.text, path


def test_updates_read_a_bounded_amount_of_facts(
    huge_agent: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"installs": [{"id": "@ada/planner", "version": "1.0.0"}]}
    answer = client.post("/v1/updates", body, content_type="application/json")
    assert answer.status_code == 200

    monkeypatch.setattr(updates, "MAX_FACTS_LENGTH", 1_000)
    answer = client.post("/v1/updates", body, content_type="application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_body")
    assert "Send fewer" in answer.json()["error"]["message"]
