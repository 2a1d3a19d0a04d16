"""Limits on diffs that have to be computed."""

import pytest
from django.test import Client

from foundation.actor import Actor
from foundation.limits.budgets import cpu_budget
from registry.models import Version
from tests.registry.diffs.conftest import API, PAGE
from tests.support.uploads import publish_planner


@pytest.mark.once
def test_new_distant_diffs_are_limited_per_address(
    versions: list[Version], as_ada: Actor, client: Client, limits_on: None
) -> None:
    for number in range(2, 8):
        publish_planner(f"1.{number}.0", as_ada)
    numbers = [f"1.{number}.0" for number in range(8)]
    distant = [f"{a}...{b}" for a in numbers for b in numbers if a > b]

    answers = [client.get(f"{PAGE}/{pair}") for pair in distant[:21]]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert "Try again in" in answers[-1].content.decode()
    assert client.get(f"{PAGE}/{distant[0]}").status_code == 200  # It is stored.
    assert client.get(f"{PAGE}/1.0.0...1.1.0").status_code == 200  # It is an upgrade.
    response = client.get(f"{API}/{distant[25]}")
    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limited")


@pytest.mark.once
def test_all_callers_share_one_budget(
    versions: list[Version],
    as_ada: Actor,
    client: Client,
    limits_on: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every request comes from another address."""
    budget = cpu_budget("compare")
    publish_planner("1.2.0", as_ada)
    client.get(f"{PAGE}/1.1.0...1.0.0")

    # The clock stands still, so that a slow machine does not refill the budget.
    monkeypatch.setattr("foundation.limits.budgets.monotonic", lambda: budget.updated_at)
    monkeypatch.setattr(budget, "remaining_seconds", budget.capacity * 0.3)
    distant = client.get(f"{PAGE}/1.0.0...1.2.0", REMOTE_ADDR="10.1.1.1")
    api_response = client.get(f"{API}/1.2.0...1.0.0", REMOTE_ADDR="10.1.2.2")
    upgrade = client.get(f"{PAGE}/1.1.0...1.2.0", REMOTE_ADDR="10.1.3.3")
    monkeypatch.setattr(budget, "remaining_seconds", -1.0)
    next_upgrade = client.get(f"{PAGE}/1.0.0...1.1.0", REMOTE_ADDR="10.1.4.4")
    stored_page = client.get(f"{PAGE}/1.1.0...1.0.0", REMOTE_ADDR="10.1.5.5")

    assert (distant.status_code, api_response.status_code, upgrade.status_code) == (429, 429, 200)
    assert "Too many requests of this kind at the moment" in distant.content.decode()
    assert distant["Retry-After"] == str(api_response.json()["error"]["details"]["retry_after"])
    assert api_response.json()["error"]["code"] == "rate_limited"
    assert (next_upgrade.status_code, stored_page.status_code) == (429, 200)
