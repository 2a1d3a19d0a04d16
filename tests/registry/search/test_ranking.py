"""The order of the best matches: the tiers, and the order within a tier."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from foundation.accounts.models import User
from registry.search import parse_search, search
from tests.registry.search.short_forms import fallback_of, list_agent, search_names
from tests.support.http import Api

MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def list_one_agent_per_tier(ada: User) -> list[str]:
    """One agent in each tier for “plan”, the worst the most downloaded and the newest."""
    agents: list[tuple[str, dict[str, Any]]] = [
        ("plan", {"display_name": "Zed"}),
        ("planner", {"display_name": "Zed"}),
        ("zed-one", {"display_name": "Zed", "tags": ["plan"], "tagline": "Makes a plan"}),
        ("zed-two", {"display_name": "Zed", "tagline": "Makes a plan"}),
        ("zed-three", {"display_name": "Zed", "description": "It has a plan."}),
    ]
    for place, (name, listing) in enumerate(agents):
        moment = MORNING + timedelta(hours=place)
        downloads = 10 ** min(place, 4)
        list_agent(ada, name, updated_at=moment, downloads_30d=downloads, **listing)
    return [name for name, _ in agents]


def test_tiers_follow_each_other(ada: User) -> None:
    names = list_one_agent_per_tier(ada)

    assert search_names("plan") == names
    assert search_names("PLAN") == names
    page = search(parse_search("plan"), columns=("name",), page_number="1")
    assert [row["name"] for row in page.rows] == names


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_of_the_best_matches_have_each_tier_once(api: Api, ada: User, limit: int) -> None:
    names, cursor, tiers = list_one_agent_per_tier(ada), "", []
    for _ in range(20):
        page = api.get(f"/v1/agents?q=plan&limit={limit}{cursor}").json()
        tiers += [item["name"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert tiers == names


def test_words_may_match_in_any_field(ada: User) -> None:
    list_agent(ada, "scribe", tagline="Writes release notes", tags=["git"])
    list_agent(ada, "other", tagline="Writes letters")

    assert search_names("notes git") == ["scribe"]
    assert search_names("letters release") != []
    assert fallback_of("notes git") == ("", False)
    assert fallback_of("letters release") == ("", False)


def test_stop_words_count_only_without_other_words(ada: User) -> None:
    list_agent(ada, "scribe", tagline="Release notes")
    list_agent(ada, "agent-of-the-year", display_name="The Agent")

    assert search_names("an agent for the release notes") == ["scribe"]
    assert search_names("the agent") == ["agent-of-the-year"]


def test_another_form_of_a_word_matches_too(ada: User) -> None:
    list_agent(ada, "oven", tagline="Cooks a meal")
    list_agent(ada, "cook", tagline="Cooks meals", updated_at=MORNING)

    assert search_names("meals") == ["cook", "oven"]


def test_a_short_plural_matches_the_singular_as_a_whole_word(ada: User) -> None:
    list_agent(ada, "plural", tagline="Knows your taxes and logs")
    list_agent(ada, "single", tagline="One tax, one log")
    list_agent(ada, "longer", tagline="The taxi to the login")

    assert search_names("taxes") == search_names("logs") == ["plural", "single"]
    assert search_names("logs -plural") == ["single"]


def test_news_and_stop_words_have_no_singular(ada: User) -> None:
    list_agent(ada, "paper", tagline="News of Theseus")
    list_agent(ada, "other", tagline="The new thing")

    assert search_names("news") == search_names("thes") == ["paper"]


def test_a_hash_before_a_tag_is_ignored(ada: User) -> None:
    list_agent(ada, "pytest-coach", tags=["testing"])

    assert search_names("#testing") == ["pytest-coach"]
    assert fallback_of("#testing") == ("", False)


def test_an_at_sign_matches_scopes_but_not_the_beginning_of_names(ada: User, grace: User) -> None:
    list_agent(ada, "coach")
    list_agent(grace, "adagio", downloads_30d=1000)
    list_agent(grace, "ada", downloads_30d=10)

    assert search_names("@ada") == ["ada", "coach"]
    assert search_names("@ad") == ["coach"]
    assert search_names("ad") == ["adagio", "ada", "coach"]
    assert search_names("@grac") == ["adagio", "ada"]
    assert search_names("@adag") == ["adagio"]


def test_only_powers_of_ten_of_downloads_count(ada: User) -> None:
    for hour, (name, downloads) in enumerate([("a", 120), ("b", 900), ("c", 9), ("d", 0)]):
        moment = MORNING + timedelta(hours=hour)
        list_agent(ada, f"{name}-tool", tagline="Tea", downloads_30d=downloads, updated_at=moment)

    assert search_names("tea") == ["b-tool", "a-tool", "d-tool", "c-tool"]


def test_one_perfect_rating_counts_less_than_many_good_ones(ada: User) -> None:
    ratings: dict[str, tuple[float | None, int]] = {
        "many": (4.6, 200),
        "one": (5.0, 1),
        "none": (None, 0),
        "bad": (1.5, 12),
    }
    for hour, (name, (average, count)) in enumerate(ratings.items()):
        moment = MORNING + timedelta(hours=hour)
        columns = {"avg_rating": average, "review_count": count, "updated_at": moment}
        list_agent(ada, f"{name}-tool", tagline="Tea", **columns)

    assert search_names("tea") == ["many-tool", "one-tool", "none-tool", "bad-tool"]
