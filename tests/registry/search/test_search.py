"""How agents are matched and ranked: the contract of docs/SEARCH.md."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from foundation.accounts.models import User
from registry.agents.actions import delist_agent
from registry.models import Agent
from registry.search import AgentSearch, parse_search, search
from tests.conftest import Api
from tests.support.factories import make_agent, make_version

MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def listed(owner: User, name: str, **listing: Any) -> Agent:
    agent = make_agent(owner, name, **{"tagline": "Nothing", "description": "Nil", **listing})
    make_version(agent)
    return agent


def found(query: str, **asked: Any) -> list[str]:
    page = search(parse_search(query, **asked), columns=("name",), limit=50)
    return [row["name"] for row in page.rows]


def reading_of(query: str) -> tuple[str, bool]:
    interpretation = search(parse_search(query), limit=5).interpretation
    return interpretation.spelling, interpretation.is_loose


# --- Tiers -----------------------------------------------------------------------------------


def make_ladder(ada: User) -> list[str]:
    """One agent in each tier for “plan”, the worst the most downloaded and the newest."""
    ladder: list[tuple[str, dict[str, Any]]] = [
        ("plan", {"display_name": "Zed"}),
        ("planner", {"display_name": "Zed"}),
        ("zed-one", {"display_name": "Zed", "tagline": "Makes a plan"}),
        ("zed-two", {"display_name": "Zed", "tags": ["meal-plan"]}),
        ("zed-three", {"display_name": "Zed", "tagline": "An explanation"}),
        ("zed-four", {"display_name": "Zed", "tagline": "Unplanned"}),
    ]
    for place, (name, listing) in enumerate(ladder):
        moment = MORNING + timedelta(hours=place)
        downloads = 10 ** min(place, 4)
        listed(ada, name, updated_at=moment, downloads_30d=downloads, **listing)
    return [name for name, _ in ladder[:4]] + ["zed-four", "zed-three"]


@pytest.mark.parametrize(
    ("query", "said", "nearly"),
    [
        ("100%", "100% yours", "1000 of yours"),
        ("snake_case", "snake_case words", "snakes case"),
        ("a\\b", "a\\b and back", "a b and back"),
        ("_", "one _ here", "none here"),
    ],
)
def test_what_a_pattern_would_read_otherwise_is_taken_as_it_stands(
    ada: User, query: str, said: str, nearly: str
) -> None:
    listed(ada, "said", tagline=said)
    listed(ada, "nearly", tagline=nearly)

    assert found(query) == ["said"]


def test_name_prefix_words_tags_and_parts_follow_each_other(ada: User) -> None:
    ladder = make_ladder(ada)

    assert found("plan") == ladder
    assert found("PLAN") == ladder
    page = search(parse_search("plan"), columns=("name",), page_number="1")
    assert [row["name"] for row in page.rows] == ladder


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_a_walk_by_match_gives_every_tier_once(api: Api, ada: User, limit: int) -> None:
    ladder, cursor, walked = make_ladder(ada), "", []
    for _ in range(20):
        page = api.get(f"/v1/agents?q=plan&limit={limit}{cursor}").json()
        walked += [item["name"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert walked == ladder


def test_more_parts_than_are_sorted_at_once_are_walked_too(
    api: Api, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder = make_ladder(ada)
    monkeypatch.setattr("registry.search.pages.MAX_SORTED_ROWS", 1)

    assert [item["name"] for item in api.get("/v1/agents?q=plan").json()["items"]] == ladder


def test_all_words_must_be_there_wherever_they_stand(ada: User) -> None:
    listed(ada, "scribe", tagline="Writes release notes", tags=["git"])
    listed(ada, "other", tagline="Writes letters")

    assert found("notes git") == ["scribe"]
    assert found("letters release") != []
    assert reading_of("notes git") == ("", False)
    assert reading_of("letters release") == ("", True)


def test_a_few_small_words_say_nothing_unless_alone(ada: User) -> None:
    listed(ada, "scribe", tagline="Release notes")
    listed(ada, "agent-of-the-year", display_name="The Agent")

    assert found("an agent for the release notes") == ["scribe"]
    assert found("the agent") == ["agent-of-the-year"]


def test_a_longer_form_finds_the_shorter_one_after_everything_else(ada: User) -> None:
    listed(ada, "meal-ledger")
    listed(ada, "cook", tagline="Cooks meals", updated_at=MORNING)

    assert found("meals") == ["cook", "meal-ledger"]


# --- Within a tier -----------------------------------------------------------------------------


def test_short_plurals_find_the_singular_as_a_whole_word(ada: User) -> None:
    listed(ada, "plural", tagline="Knows your taxes and logs")
    listed(ada, "single", tagline="One tax, one log")
    listed(ada, "longer", tagline="The taxi to the login")

    assert found("taxes") == found("logs") == ["plural", "single"]
    assert found("logs -plural") == ["single"]


def test_the_news_are_no_plural_and_small_words_have_none(ada: User) -> None:
    listed(ada, "paper", tagline="News of Theseus")
    listed(ada, "other", tagline="The new thing")

    assert found("news") == found("thes") == ["paper"]


def test_a_sign_before_a_tag_says_nothing(ada: User) -> None:
    listed(ada, "pytest-coach", tags=["testing"])

    assert found("#testing") == ["pytest-coach"]
    assert reading_of("#testing") == ("", False)


def test_a_scope_alone_finds_its_agents_and_no_names_that_begin_so(ada: User, grace: User) -> None:
    listed(ada, "coach")
    listed(grace, "adagio", downloads_30d=1000)
    listed(grace, "ada", downloads_30d=10)

    assert found("@ada") == ["ada", "coach"]
    assert found("@ad") == ["coach"]
    assert found("ad") == ["adagio", "ada", "coach"]
    assert found("@grac") == ["adagio", "ada"]
    assert (found("@adag"), reading_of("@adag")) == (["adagio"], ("", True))


def test_ten_times_the_downloads_move_up_and_a_few_more_do_not(ada: User) -> None:
    for hour, (name, downloads) in enumerate([("a", 120), ("b", 900), ("c", 9), ("d", 0)]):
        moment = MORNING + timedelta(hours=hour)
        listed(ada, f"{name}-tool", tagline="Tea", downloads_30d=downloads, updated_at=moment)

    assert found("tea") == ["b-tool", "a-tool", "d-tool", "c-tool"]


def test_one_perfect_rating_weighs_less_than_many_good_ones(ada: User) -> None:
    ratings: dict[str, tuple[float | None, int]] = {
        "many": (4.6, 200),
        "one": (5.0, 1),
        "none": (None, 0),
        "bad": (1.5, 12),
    }
    for hour, (name, (average, count)) in enumerate(ratings.items()):
        moment = MORNING + timedelta(hours=hour)
        columns = {"avg_rating": average, "review_count": count, "updated_at": moment}
        listed(ada, f"{name}-tool", tagline="Tea", **columns)

    assert found("tea") == ["many-tool", "one-tool", "none-tool", "bad-tool"]


# --- Folding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["cafe", "CAFÉ", "café", "cafe\u0301", "ＣＡＦＥ", "Créme", "creme brulee"]
)
def test_accents_width_and_case_do_not_matter(ada: User, query: str) -> None:
    listed(ada, "tool", display_name="Café", tagline="Crème brûlée")

    assert found(query) == ["tool"]


@pytest.mark.parametrize("query", ["言語", "言語交換", "交換", "ﾊﾟｰﾄﾅｰ", "パートナー 言語", "語"])
def test_any_part_of_a_text_without_blanks_is_a_word(ada: User, query: str) -> None:
    listed(ada, "tandem", display_name="Tandem ・ 言語交換パートナー")

    assert found(query) == ["tandem"]


def test_marks_that_make_another_letter_stay(ada: User) -> None:
    listed(ada, "tool", display_name="はな")

    assert found("ばな") == []


def test_a_name_whose_signs_fold_to_many_is_kept(ada: User) -> None:
    listed(ada, "long", display_name="ﷺ" * 128)

    assert found("ﷺ") == ["long"]


# --- Operators ---------------------------------------------------------------------------------


@pytest.fixture
def shelf(ada: User, grace: User) -> None:
    listed(ada, "ledger", category_id="finance", tags=["money", "calm"], tagline="Keeps money")
    listed(ada, "diary", category_id="writing", tags=["calm"], tagline="Keeps days")
    listed(grace, "purse", category_id="finance", tags=["money"], tagline="Keeps money too")


@pytest.mark.parametrize(
    ("query", "names"),
    [
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
    ],
)
def test_operators_narrow_and_leave_out(shelf: None, query: str, names: set[str]) -> None:
    assert set(found(query)) == names


def test_operators_and_filters_both_hold(shelf: None) -> None:
    assert found("scope:ada", category="finance") == ["ledger"]
    assert found("tag:money", tags=("calm",)) == ["ledger"]


def test_an_operator_without_a_value_is_text(ada: User) -> None:
    listed(ada, "tool", tagline="What tag: means")

    assert found("tag:") == ["tool"]


# --- Forgiving ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slip", ["lantrn", "lanntern", "lamtern", "lnatern", "lanterns", "xlantern"]
)
def test_one_slip_is_forgiven_and_said(api: Api, ada: User, slip: str) -> None:
    listed(ada, "lantern")

    answer = api.get(f"/v1/agents?q={slip}").json()

    assert [item["name"] for item in answer["items"]] == ["lantern"]
    assert answer.get("spelled") == (None if slip == "lanterns" else "lantern")


@pytest.mark.parametrize(
    ("slip", "spelled"), [("recpie", "recipe"), ("reciepes", "recipes"), ("claendars", "calendars")]
)
def test_a_slip_in_the_other_number_is_forgiven(ada: User, slip: str, spelled: str) -> None:
    listed(ada, "cook", tagline="Recipes from a calendar")

    assert found(slip) == ["cook"]
    assert reading_of(slip) == (spelled, False)


def test_the_nearest_word_itself_comes_before_its_other_number(ada: User) -> None:
    listed(ada, "noted", tagline="Takes notes")
    listed(ada, "nose", tagline="A nose for news")

    assert reading_of("noze") == ("nose", False)


def test_two_slips_are_not(ada: User) -> None:
    listed(ada, "lantern")

    assert found("lamterm") == []


def test_nothing_is_forgiven_where_anything_fits(ada: User) -> None:
    listed(ada, "lantern")
    listed(ada, "lanterm")

    assert found("lanterm") == ["lanterm"]
    assert reading_of("lanterm") == ("", False)


def test_what_is_found_by_the_letter_says_nothing_else(api: Api, ada: User) -> None:
    listed(ada, "lantern")

    assert set(api.get("/v1/agents?q=lantern").json()) == {"items"}
    assert set(api.get("/v1/agents?q=zzzz").json()) == {"items"}


def test_a_new_word_is_known_at_once_and_a_delisted_one_no_more(
    ada: User, as_root: Any, root: User
) -> None:
    listed(ada, "lantern")
    assert found("compss") == []

    agent = listed(ada, "compass")
    assert found("compss") == ["compass"]

    delist_agent(agent, reason="Spam", by=as_root)
    assert found("compss") == []


def test_loosely_the_most_words_come_first_and_the_description_counts(api: Api, ada: User) -> None:
    listed(ada, "eulogy", tagline="What to say", description="Words for a funeral speech")
    listed(ada, "toast", tagline="A speech", description="For weddings")

    answer = api.get("/v1/agents?q=funeral+speech+tomorrow").json()

    assert [item["name"] for item in answer["items"]] == ["eulogy", "toast"]
    assert answer["loosely"] is True


@pytest.mark.parametrize("query", ["meal_planner", "meal/planner", "planner,meal", "@planner"])
def test_signs_inside_a_term_are_blanks_to_a_loose_search(ada: User, query: str) -> None:
    listed(ada, "weekly", tagline="A planner for one meal")

    assert found(query) == ["weekly"]
    assert reading_of(query) == ("", True)


@pytest.mark.parametrize("query", ["c++", "w_ekly", "@nobody/weekly", "what's"])
def test_a_single_letter_or_an_id_is_not_taken_apart(ada: User, query: str) -> None:
    listed(ada, "weekly", tagline="What a cook wants")

    assert found(query) == []


@pytest.mark.parametrize(
    "query", ["日本語の先生", "先生を探す", "発音", "한국어를", "コーチと話す"]
)
def test_a_sentence_without_blanks_is_cut_loosely(ada: User, query: str) -> None:
    listed(ada, "kaiwa", tagline="日本語と한국어の先生コーチ", description="毎日の発音を直します。")
    listed(ada, "other", tagline="東京ガイド")

    assert found(query) == ["kaiwa"]
    assert reading_of(query) == ("", True)


def test_a_long_sentence_is_cut_into_eight_at_most() -> None:
    text = "一二三四五六七八九十百千万"

    assert len(AgentSearch(text=text, loose=True).terms) == 8
    assert len(AgentSearch(text=" ".join("bcdefghjkl"), loose=True).terms) == 10


def test_loose_pages_follow_each_other(api: Api, ada: User) -> None:
    for number in range(5):
        listed(ada, f"tool-{number}", tagline="Speech")
    names, cursor = [], ""
    for _ in range(9):
        page = api.get(f"/v1/agents?q=funeral+speech&limit=2{cursor}").json()
        names += [item["name"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert sorted(names) == [f"tool-{number}" for number in range(5)]


def test_a_loose_cursor_is_not_one_of_another_sort(api: Api, ada: User) -> None:
    for number in range(3):
        listed(ada, f"tool-{number}", tagline="Speech")
    cursor = api.get("/v1/agents?q=funeral+speech&limit=1").json()["nextCursor"]

    assert api.get(f"/v1/agents?q=speech&sort=recent&cursor={cursor}").status_code == 400


# --- Hostile -----------------------------------------------------------------------------------


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
def test_no_text_breaks_it(api: Api, ada: User, query: str) -> None:
    listed(ada, "coach")

    sent = quote(query, errors="replace")
    assert api.get(f"/v1/agents?q={sent}").status_code in {200, 400}
    assert api.get(f"/v1/agents?q={sent}&sort=rating").status_code in {200, 400}


# --- Suggestions -------------------------------------------------------------------------------


def test_suggestions_are_the_first_that_a_search_gives(api: Api, ada: User, grace: User) -> None:
    for name in ("lantern", "lantern-two"):
        listed(ada, name)
    listed(grace, "lamp", tagline="A lantern")

    found = api.get("/v1/suggest?q=lantern").json()

    assert [(item["id"], item["exact"]) for item in found] == [
        ("@ada/lantern", True),
        ("@ada/lantern-two", False),
        ("@grace/lamp", False),
    ]
    assert set(found[0]) == {"id", "displayName", "tagline", "exact"}
    assert [item["id"] for item in api.get("/v1/suggest?q=lantrn").json()] == [
        item["id"] for item in found
    ]
    assert not any(item["exact"] for item in api.get("/v1/suggest?q=lantrn").json())


@pytest.mark.parametrize("query", ["", " ", "zzzz", "x" * 5000])
def test_nothing_to_suggest_is_an_empty_list(api: Api, ada: User, query: str) -> None:
    listed(ada, "lantern")

    assert api.get(f"/v1/suggest?q={query}").json() == []
    assert api.get(f"/agents/suggest?q={query}").content.strip() == b""


def test_two_of_one_name_are_none_of_them_exact(api: Api, ada: User, grace: User) -> None:
    for owner in (ada, grace):
        listed(owner, "lantern")

    assert [item["exact"] for item in api.get("/v1/suggest?q=lantern").json()] == [False, False]
    page = api.get("/agents/suggest?q=@grace/lantern").content.decode()
    assert page.count('role="option"') == page.count("data-exact") == 1
    assert 'data-href="/agents/@grace/lantern"' in page
