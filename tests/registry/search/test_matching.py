"""Texts and operators: which agents they match."""

from urllib.parse import quote

import pytest

from foundation.accounts.models import User
from tests.registry.search.short_forms import list_agent, search_names
from tests.support.http import Api


@pytest.mark.parametrize(
    ("query", "tagline", "similar"),
    [
        ("100%", "100% yours", "two of yours"),
        ("snake_case", "snake_case words", "snakecases"),
        ("c++", "Reads C++", "Reads C"),
        ("c#", "Reads C#", "Reads C++"),
    ],
)
def test_wildcard_characters_match_only_themselves(
    ada: User, query: str, tagline: str, similar: str
) -> None:
    list_agent(ada, "equal", tagline=tagline)
    list_agent(ada, "similar", tagline=similar)

    assert search_names(query) == ["equal"]


@pytest.mark.parametrize(
    "query", ["cafe", "CAFÉ", "café", "cafe\u0301", "ＣＡＦＥ", "Créme", "creme brulee"]
)
def test_accents_width_and_case_do_not_matter(ada: User, query: str) -> None:
    list_agent(ada, "tool", display_name="Café", tagline="Crème brûlée")

    assert search_names(query) == ["tool"]


@pytest.mark.parametrize("query", ["言語", "言語交換", "交換", "ﾊﾟｰﾄﾅｰ", "パートナー 言語", "語"])
def test_any_part_of_a_text_without_blanks_matches(ada: User, query: str) -> None:
    list_agent(ada, "tandem", display_name="Tandem ・ 言語交換パートナー")

    assert search_names(query) == ["tandem"]


def test_marks_that_make_another_letter_matter(ada: User) -> None:
    list_agent(ada, "tool", display_name="はな")

    assert search_names("ばな") == []


def test_a_name_that_folds_to_a_long_text_matches(ada: User) -> None:
    list_agent(ada, "long", display_name="ﷺ" * 128)

    assert search_names("ﷺ") == ["long"]


@pytest.fixture
def catalogue(ada: User, grace: User) -> None:
    list_agent(ada, "ledger", category_id="finance", tags=["money", "calm"], tagline="Keeps money")
    list_agent(ada, "diary", category_id="writing", tags=["calm"], tagline="Keeps days")
    list_agent(grace, "purse", category_id="finance", tags=["money"], tagline="Keeps money too")


def test_operators_include_and_exclude(catalogue: None) -> None:
    for query, names in (
        ("scope:ada", {"ledger", "diary"}),
        ("scope:@ADA keeps", {"ledger", "diary"}),
        ("tag:calm", {"ledger", "diary"}),
        ("TAG:Calm tag:money", {"ledger"}),
        ("category:finance", {"ledger", "purse"}),
        ("category:finance scope:grace", {"purse"}),
        ("keeps -money", {"diary"}),
        ("-money", {"diary"}),
        ("keeps -tag:calm", {"purse"}),
        ("-scope:ada", {"purse"}),
        ("-category:finance", {"diary"}),
        ("money -too", {"ledger"}),
        ("keeps tag:nothing", set()),
        ("scope:ada scope:grace", set()),
        ("category:unknown", set()),
        ("colour:red", set()),
    ):
        assert (query, set(search_names(query))) == (query, names)


def test_operators_and_filters_both_apply(catalogue: None) -> None:
    assert search_names("scope:ada", category="finance") == ["ledger"]
    assert search_names("tag:money", tags=("calm",)) == ["ledger"]


def test_an_operator_without_a_value_is_text(ada: User) -> None:
    list_agent(ada, "tool", tagline="What tag: means")

    assert search_names("tag:") == ["tool"]


@pytest.mark.parametrize(
    "query",
    [
        " ".join(f"word{n}" for n in range(400)),
        " ".join(f"-word{n}" for n in range(400)),
        " ".join(f"tag:t{n}" for n in range(400)),
        "\x00\x1f\x1e\x1d",
        "a\x00b",
        "-" * 4000,
        "tag:" * 1000,
        "@" * 50,
        "/",
        "@/",
        "\ud800",
        "ﷺ" * 200,
        "㌖" * 4000,  # Six letters each, and all one word.
    ],
)
def test_no_text_causes_an_error(api: Api, ada: User, query: str) -> None:
    list_agent(ada, "coach")

    encoded_query = quote(query, errors="replace")
    assert api.get(f"/v1/agents?q={encoded_query}").status_code in {200, 400}
    assert api.get(f"/v1/agents?q={encoded_query}&sort=rating").status_code in {200, 400}
