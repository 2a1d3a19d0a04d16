"""Searches without an exact match: corrected spelling and loose matches."""

from typing import Any

import pytest

from foundation.accounts.models import User
from registry.agents.actions import delist_agent
from tests.registry.search.short_forms import fallback_of, list_agent, search_names
from tests.support.http import Api


@pytest.mark.parametrize(
    "typo", ["lantrn", "lanntern", "lamtern", "lnatern", "lanterns", "xlantern"]
)
def test_one_typo_is_corrected_and_reported(api: Api, ada: User, typo: str) -> None:
    list_agent(ada, "lantern")

    body = api.get(f"/v1/agents?q={typo}").json()

    assert [item["name"] for item in body["items"]] == ["lantern"]
    assert body.get("spelled") == (None if typo == "lanterns" else "lantern")


@pytest.mark.parametrize(
    ("typo", "spelling"),
    [("recpie", "recipe"), ("reciepes", "recipes"), ("claendars", "calendars")],
)
def test_a_typo_in_the_other_grammatical_number_is_corrected(
    ada: User, typo: str, spelling: str
) -> None:
    list_agent(ada, "cook", tagline="Recipes from a calendar")

    assert search_names(typo) == ["cook"]
    assert fallback_of(typo) == (spelling, False)


def test_a_correction_prefers_a_word_to_its_other_number(ada: User) -> None:
    list_agent(ada, "noted", tagline="Takes notes")
    list_agent(ada, "nose", tagline="A nose for news")

    assert fallback_of("noze") == ("nose", False)


def test_two_typos_are_not_corrected(ada: User) -> None:
    list_agent(ada, "lantern")

    assert search_names("lamterm") == []


def test_a_search_with_matches_is_not_corrected(ada: User) -> None:
    list_agent(ada, "lantern")
    list_agent(ada, "lanterm")

    assert search_names("lanterm") == ["lanterm"]
    assert fallback_of("lanterm") == ("", False)


def test_an_exact_answer_has_no_fallback_fields(api: Api, ada: User) -> None:
    list_agent(ada, "lantern")

    assert set(api.get("/v1/agents?q=lantern").json()) == {"items"}
    assert set(api.get("/v1/agents?q=zzzz").json()) == {"items"}


def test_corrections_follow_the_catalogue_at_once(ada: User, as_root: Any, root: User) -> None:
    list_agent(ada, "lantern")
    assert search_names("compss") == []

    agent = list_agent(ada, "compass")
    assert search_names("compss") == ["compass"]

    delist_agent(agent, reason="Spam", by=as_root)
    assert search_names("compss") == []


def test_agents_with_most_words_come_first(api: Api, ada: User) -> None:
    list_agent(ada, "eulogy", tagline="What to say", description="Words for a funeral speech")
    list_agent(ada, "toast", tagline="A speech", description="For weddings")

    body = api.get("/v1/agents?q=funeral+speech+tomorrow").json()

    assert [item["name"] for item in body["items"]] == ["eulogy", "toast"]
    assert [item["match"] for item in body["items"]] == ["text", "loose"]
    assert [item["missing"] for item in body["items"]] == [["tomorrow"], ["funeral", "tomorrow"]]


@pytest.mark.parametrize("query", ["meal_planner", "meal/planner", "planner,meal", "@planner"])
def test_punctuation_inside_a_term_is_a_blank(ada: User, query: str) -> None:
    list_agent(ada, "weekly", tagline="A planner for one meal")

    assert search_names(query) == ["weekly"]


@pytest.mark.parametrize("query", ["c++", "w_ekly", "@nobody/weekly"])
def test_ids_and_single_letters_are_not_split(ada: User, query: str) -> None:
    list_agent(ada, "weekly", tagline="What a cook wants")

    assert search_names(query) == []


@pytest.mark.parametrize(
    "query", ["日本語の先生", "先生を探す", "発音", "한국어를", "コーチと話す"]
)
def test_a_sentence_without_blanks_is_split(ada: User, query: str) -> None:
    list_agent(
        ada, "kaiwa", tagline="日本語と한국어の先生コーチ", description="毎日の発音を直します。"
    )
    list_agent(ada, "other", tagline="東京ガイド")

    assert search_names(query) == ["kaiwa"]


def test_loose_pages_have_each_agent_once(api: Api, ada: User) -> None:
    for number in range(5):
        list_agent(ada, f"tool-{number}", tagline="Speech")
    names, cursor = [], ""
    for _ in range(9):
        page = api.get(f"/v1/agents?q=funeral+speech&limit=2{cursor}").json()
        names += [item["name"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert sorted(names) == [f"tool-{number}" for number in range(5)]


def test_a_cursor_of_best_matches_is_refused_for_another_sort(api: Api, ada: User) -> None:
    for number in range(3):
        list_agent(ada, f"tool-{number}", tagline="Speech")
    cursor = api.get("/v1/agents?q=speech&limit=1").json()["nextCursor"]

    assert api.get(f"/v1/agents?q=speech&sort=recent&cursor={cursor}").status_code == 400
