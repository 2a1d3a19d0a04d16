"""Suggestions for the text typed so far."""

import pytest

from foundation.accounts.models import User
from tests.registry.search.short_forms import list_agent
from tests.support.http import Api


def test_suggestions_are_the_first_results(api: Api, ada: User, grace: User) -> None:
    for name in ("lantern", "lantern-two"):
        list_agent(ada, name)
    list_agent(grace, "lamp", tagline="A lantern")

    suggestions = api.get("/v1/suggest?q=lantern").json()

    assert [(item["id"], item["exact"]) for item in suggestions] == [
        ("@ada/lantern", True),
        ("@ada/lantern-two", False),
        ("@grace/lamp", False),
    ]
    assert set(suggestions[0]) == {"id", "displayName", "tagline", "exact"}
    assert [item["id"] for item in api.get("/v1/suggest?q=lantrn").json()] == [
        item["id"] for item in suggestions
    ]
    assert not any(item["exact"] for item in api.get("/v1/suggest?q=lantrn").json())


@pytest.mark.once
@pytest.mark.parametrize("query", ["", " ", "zzzz", "x" * 5000])
def test_no_match_is_an_empty_list(api: Api, ada: User, query: str) -> None:
    list_agent(ada, "lantern")

    assert api.get(f"/v1/suggest?q={query}").json() == []
    assert api.get(f"/agents/suggest?q={query}").content.strip() == b""


def test_equal_names_are_not_exact(api: Api, ada: User, grace: User) -> None:
    for owner in (ada, grace):
        list_agent(owner, "lantern")

    assert [item["exact"] for item in api.get("/v1/suggest?q=lantern").json()] == [False, False]
    page = api.get("/agents/suggest?q=@grace/lantern").content.decode()
    assert page.count('role="option"') == page.count("data-exact") == 1
    assert 'data-href="/agents/@grace/lantern"' in page
