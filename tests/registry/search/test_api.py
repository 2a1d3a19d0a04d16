"""GET /v1/agents: results, order, pages and refusals."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.bulk import bulk_load
from foundation.clock import iso
from registry.agents.listing import filter_columns
from registry.models import Agent, Channel
from tests.support.factories import make_agent, make_user, make_version
from tests.support.http import Api

MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
SORTS = ("recent", "name", "downloads", "rating")


def list_agent(owner: User, name: str, **listing: Any) -> Agent:
    """An agent with one stable version."""
    channel = listing.pop("channel", Channel.COMMUNITY)
    agent = make_agent(owner, name, **listing)
    make_version(agent, channel=channel)
    return agent


def search_ids(api: Api, query: str) -> list[str]:
    answer = api.get(f"/v1/agents?{query}")
    assert answer.status_code == 200, answer.content
    return [f"@{item['scope']}/{item['name']}" for item in answer.json()["items"]]


def search_names(api: Api, query: str) -> list[str]:
    return [full_id.partition("/")[2] for full_id in search_ids(api, query)]


def collect_pages(api: Api, query: str, limit: int) -> list[str]:
    """The ids on all pages, following nextCursor to the end."""
    ids: list[str] = []
    cursor = ""
    for _ in range(500):
        page = api.get(f"/v1/agents?{query}&limit={limit}{cursor}").json()
        ids += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= limit
        if "nextCursor" not in page:
            return ids
        assert len(page["items"]) == limit
        cursor = f"&cursor={quote(page['nextCursor'])}"
    raise AssertionError("The pages never end.")


# --- The shape -------------------------------------------------------------------------------


@pytest.mark.once
def test_an_item_has_exactly_these_keys(api: Api, ada: User) -> None:
    agent = list_agent(
        ada, "coach", avg_rating=4.5, review_count=2, download_count=7, updated_at=MORNING
    )

    assert api.get("/v1/agents").json() == {
        "items": [
            {
                "id": str(agent.pk),
                "scope": "ada",
                "name": "coach",
                "displayName": "Coach",
                "tagline": "The tagline of coach",
                "category": "other",
                "license": "Apache-2.0",
                "downloadCount": 7,
                "avgRating": 4.5,
                "reviewCount": 2,
                "createdAt": iso(agent.created_at),
                "updatedAt": "2026-11-21T06:00:00.000Z",
            }
        ]
    }


@pytest.mark.once
def test_no_agent_is_an_empty_list(api: Api) -> None:
    assert api.get("/v1/agents").json() == {"items": []}


@pytest.mark.once
def test_an_agent_without_a_rating_has_null(api: Api, ada: User) -> None:
    list_agent(ada, "coach")

    assert api.get("/v1/agents").json()["items"][0]["avgRating"] is None


def test_a_list_needs_equally_many_queries_for_any_number_of_agents(api: Api, ada: User) -> None:
    address = "q=a&sort=rating&tag=x&channel=community"
    list_agent(ada, "a-one", tags=["x"])
    with CaptureQueriesContext(connection) as first:
        assert len(search_ids(api, address)) == 1
    for number in range(5):
        list_agent(ada, f"a-{number}", tags=["x", "y"])
    with CaptureQueriesContext(connection) as second:
        assert len(search_ids(api, address)) == 6

    assert len(second) == len(first) <= 11


# --- Who is listed ---------------------------------------------------------------------------


@pytest.mark.once
def test_betas_yanked_and_delisted_agents_are_not_listed(api: Api, ada: User) -> None:
    list_agent(ada, "good")
    make_version(make_agent(ada, "beta-only"), "1.0.0-beta")
    make_agent(ada, "empty")
    delisted_agent = list_agent(ada, "gone", delisted_at=MORNING)
    assert not delisted_agent.is_listed

    assert search_names(api, "") == ["good"]


@pytest.mark.once
def test_an_agent_has_the_channel_of_its_latest_version(api: Api, ada: User) -> None:
    list_agent(ada, "plain")
    list_agent(ada, "chosen", channel=Channel.OFFICIAL)

    assert search_names(api, "channel=community") == ["plain"]
    assert search_names(api, "channel=official") == ["chosen"]
    assert search_names(api, "channel=beta") == []


@pytest.mark.once
@pytest.mark.parametrize("channel", ["stable", "Beta", "BETA", "private", "x" * 4000])
def test_an_unknown_channel_is_refused(api: Api, channel: str) -> None:
    answer = api.get(f"/v1/agents?channel={channel}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


@pytest.mark.once
@pytest.mark.parametrize("is_required", [False, True])
def test_agent_with_optional_secrets_alone_needs_none(
    api: Api, ada: User, is_required: bool
) -> None:
    secret = {
        "key": "FOOD_KEY",
        "prompt": "To look up food",
        "required": is_required,
        "target": "env",
    }
    columns = filter_columns({"setup": {"secrets": [secret]}})
    list_agent(ada, "kondate", tagline="Meal planning for two", **columns)

    answer = api.get("/v1/agents?q=meal+planning+without+api+keys").json()

    assert [item["name"] for item in answer["items"]] == ["kondate"]
    assert ("match" in answer["items"][0] and answer["items"][0]["match"] == "loose") == is_required


def test_categories_tags_and_scopes_filter(api: Api, ada: User, grace: User) -> None:
    list_agent(ada, "a-one", category_id="education", tags=["x"])
    list_agent(ada, "a-two", tags=["x", "y"])
    list_agent(grace, "g-one", tags=["y", "xx"])

    assert search_names(api, "category=education") == ["a-one"]
    assert search_names(api, "category=Education") == []
    assert search_names(api, "category=unknown") == []
    assert search_names(api, "tag=x&sort=name") == ["a-one", "a-two"]
    assert search_names(api, "tag=X&sort=name") == ["a-one", "a-two"]
    assert search_names(api, "tag=x&tag=y") == ["a-two"]
    assert search_names(api, "tag=x&tag=x&sort=name") == ["a-one", "a-two"]
    assert search_names(api, "tag=x&tag=nothing") == []
    assert search_names(api, "tag=x%25") == []
    assert search_names(api, "scope=grace") == ["g-one"]
    assert search_names(api, "scope=%40GRACE") == ["g-one"]
    assert search_names(api, "scope=nobody") == []
    assert search_names(api, "category=education&tag=y") == []


@pytest.mark.once
@pytest.mark.parametrize("key", ["category", "tag", "scope", "channel", "sort", "q", "cursor"])
def test_an_empty_filter_is_ignored(api: Api, ada: User, key: str) -> None:
    list_agent(ada, "coach")

    assert search_names(api, f"{key}=") == ["coach"]


# --- Pages -----------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "abc", "", "1e1", "+5", " 5", "٥", "NaN"])
def test_an_invalid_limit_is_refused(api: Api, limit: str) -> None:
    answer = api.get(f"/v1/agents?limit={quote(limit)}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


@pytest.mark.once
def test_a_limit_above_100_is_100(api: Api, ada: User) -> None:
    with bulk_load():
        for number in range(101):
            list_agent(ada, f"agent-{number}")

    for limit in ("100", "101", "99999999999999999999", str(10**30), "9" * 3000):
        page = api.get(f"/v1/agents?limit={limit}").json()
        assert (limit, len(page["items"])) == (limit, 100)
        assert "nextCursor" in page


@pytest.mark.once
def test_the_default_limit_is_20(api: Api, ada: User) -> None:
    with bulk_load():
        for number in range(21):
            list_agent(ada, f"agent-{number}")

    assert len(api.get("/v1/agents").json()["items"]) == 20


def create_ties(owners: list[User]) -> None:
    """Create 22 agents with many ties: two names in eleven scopes, some unrated."""
    with bulk_load():
        for place, owner in enumerate(owners):
            for name in ("coach", "coach-two"):
                list_agent(
                    owner,
                    name,
                    updated_at=MORNING + timedelta(hours=place % 2),
                    download_count=place % 3,
                    avg_rating=[None, 5.0, 4.5, None][place % 4],
                )


EXPECTED = {
    "recent": lambda a: (-a.updated_at.timestamp(), a.pk.bytes),
    "name": lambda a: (a.name, a.pk.bytes),
    "downloads": lambda a: (-a.download_count, a.pk.bytes),
    "rating": lambda a: (a.avg_rating is None, -(a.avg_rating or 0), a.pk.bytes),
}


def test_pages_of_a_sort_have_each_agent_once_in_order(api: Api) -> None:
    create_ties([make_user(f"user{number}") for number in range(11)])
    agents = list(Agent.objects.all())

    for sort in SORTS:
        expectation = [str(agent.pk) for agent in sorted(agents, key=EXPECTED[sort])]
        # A cursor after each agent; pages that end with the list; pages that are longer than it.
        for query, limits in ((f"sort={sort}", (1, 22)), (f"sort={sort}&q=coach", (3, 100))):
            for limit in limits:
                ids = collect_pages(api, query, limit)
                assert (query, limit, ids) == (query, limit, expectation)


def test_pages_of_the_best_matches_have_each_agent_once_in_order(api: Api) -> None:
    create_ties([make_user(f"user{number}") for number in range(11)])
    tiers = {"coach": 1, "coach-two": 2}
    expectation = sorted(
        Agent.objects.all(),
        key=lambda a: (tiers[a.name], -a.updated_at.timestamp(), a.indexed.number),
    )

    for limit in (1, 3, 7):
        ids = collect_pages(api, "q=coach", limit)
        assert (limit, ids) == (limit, [str(agent.pk) for agent in expectation])


def test_ties_longer_than_a_page_have_each_agent_once(api: Api, ada: User) -> None:
    texts = {"display_name": "Same", "tagline": "Same"}
    with bulk_load():
        for number in range(45):
            list_agent(ada, f"agent-{number}", updated_at=MORNING, **texts)
    all_ids = sorted(str(pk) for pk in Agent.objects.values_list("pk", flat=True))

    for sort in (*SORTS, ""):
        ids = collect_pages(api, f"sort={sort}&q=same", 20)
        assert (sort, sorted(ids)) == (sort, all_ids)


def test_a_publish_between_two_pages_moves_no_other_agent(api: Api, ada: User) -> None:
    for number in range(5):
        list_agent(ada, f"agent-{number}", updated_at=MORNING + timedelta(hours=number))
    first = api.get("/v1/agents?limit=2").json()

    list_agent(ada, "newest")
    second = search_ids(api, f"limit=10&cursor={first['nextCursor']}")

    assert second == ["@ada/agent-2", "@ada/agent-1", "@ada/agent-0"]


# --- Foreign cursors -----------------------------------------------------------------


def forged(*parts: Any) -> str:
    raw = json.dumps(parts).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


ID = str(UUID(int=7))
FOREIGN_CURSORS = {
    "garbage": "garbage",
    "emoji": "🦞",
    "percent": "%25%27",
    "not base64": "a",
    "not json": base64.urlsafe_b64encode(b"{").decode(),
    "no list": base64.urlsafe_b64encode(b'"recent"').decode(),
    "deep": base64.urlsafe_b64encode(b"[" * 3000).decode(),
    "empty list": forged(),
    "too few": forged("recent", iso(MORNING)),
    "too many": forged("recent", iso(MORNING), ID, 1),
    "another list": forged("name", "coach", ID),
    "null time": forged("recent", None, ID),
    "no time": forged("recent", "yesterday", ID),
    "a number for a time": forged("recent", 5, ID),
    "a month of 13": forged("recent", "2026-13-01T00:00:00Z", ID),
    "true": forged("recent", True, ID),
    "a list for a time": forged("recent", [iso(MORNING)], ID),
    "an object for an id": forged("recent", iso(MORNING), {"a": 1}),
    "no id": forged("recent", iso(MORNING), "1"),
    "a number for an id": forged("recent", iso(MORNING), -1),
    "null id": forged("recent", iso(MORNING), None),
    "nul": forged("recent", iso(MORNING) + "\0", ID),
    "long": "A" * 4000,
}


@pytest.mark.once
@pytest.mark.parametrize("cursor", FOREIGN_CURSORS.values(), ids=FOREIGN_CURSORS)
def test_a_foreign_cursor_is_refused(api: Api, cursor: str) -> None:
    answer = api.get(f"/v1/agents?cursor={quote(cursor)}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert answer.json()["error"]["details"] == {"parameter": "cursor"}


@pytest.mark.once
@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("downloads", "x"),
        ("downloads", None),
        ("downloads", 2**63),
        ("downloads", str(2**70)),
        ("downloads", 1e300),
        ("downloads", "9" * 5000),
        ("downloads", {}),
        ("name", None),
        ("name", ""),
        ("name", "a\0b"),
        ("rating", "x"),
        ("rating", "nan"),
        ("rating", "inf"),
        ("rating", "1e999"),
        ("rating", True),
        ("match", None),
        ("match", "x"),
        ("match", 2**64),
    ],
)
def test_a_cursor_with_an_impossible_value_is_refused(api: Api, sort: str, value: Any) -> None:
    parts = (value, iso(MORNING), ID) if sort == "match" else (value, ID)

    answer = api.get(f"/v1/agents?q=a&sort={sort}&cursor={forged(sort, *parts)}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("recent", "0001-01-01T00:00:00+14:00"),
        ("recent", "9999-12-31T23:59:59.999999-14:00"),
        ("recent", "0001-01-01"),
        ("recent", "2026-11-21T06:00:00"),
        ("recent", "2026-11-21T06:00:00.000001Z"),
        ("downloads", 2**63 - 1),
        ("downloads", -(2**63)),
        ("downloads", -1),
        ("downloads", 0.5),
        ("rating", 1e308),
        ("rating", -1e308),
        ("rating", None),
        ("name", "x" * 2000),
        ("name", "🦞%_\\'\""),
        ("name", 5),
        ("match", -5),
        ("match", 99),
    ],
)
def test_a_cursor_at_an_edge_gives_a_page_or_a_refusal(
    api: Api, ada: User, sort: str, value: Any
) -> None:
    list_agent(ada, "coach")
    parts = (value, iso(MORNING), ID) if sort == "match" else (value, ID)

    answer = api.get(f"/v1/agents?q=c&sort={sort}&cursor={forged(sort, *parts)}")

    assert answer.status_code in {200, 400}


def test_a_cursor_of_another_sort_is_refused(api: Api, ada: User) -> None:
    for number in range(3):
        list_agent(ada, f"agent-{number}")
    cursor = api.get("/v1/agents?limit=1&sort=name").json()["nextCursor"]

    for query in ("sort=recent", "sort=downloads", "sort=rating", "q=agent", ""):
        assert api.get(f"/v1/agents?{query}&cursor={cursor}").status_code == 400
    assert api.get(f"/v1/agents?sort=name&cursor={cursor}").status_code == 200
    assert api.get(f"/v1/agents/ada/agent-1/versions?cursor={cursor}").status_code == 400


# --- Searching ---------------------------------------------------------------------------------


def test_a_text_matches_id_display_name_and_tagline(api: Api, ada: User) -> None:
    list_agent(ada, "runner", display_name="Marathon Coach", tagline="Forty-two kilometres")

    for text in (
        "runn",
        "RUN",
        "ada",
        "@ada/runner",
        "ada/run",
        "marathon co",
        "FORTY-TWO",
        "kilomet",
    ):
        assert search_names(api, f"q={quote(text)}") == ["runner"], text
    for text in ("Nil", "runnerxx", "metres"):
        assert search_names(api, f"q={quote(text)}") == [], text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("100% plan", "100%"),
        ("snake_case", "snake_case"),
        ("back\\slash", "back\\slash"),
        ('say "hi"', '"hi"'),
        ("a; DROP TABLE agents; --", "; drop"),
        ("lobster 🦞 roll", "🦞"),
        ("straße", "STRASSE"),
        ("STRASSE", "straß"),
        ("İstanbul", "İstanbul"),
        ("İSTANBUL", "i̇stanbul"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ünïcode", "üNÏ"),
        ("[brackets]*?", "[brackets]*?"),
        ("tab\tand   spaces", "TAB and spaces"),
        ("a+b", "a+b"),
        ("new", " new "),
    ],
)
def test_every_character_matches_only_itself(api: Api, ada: User, text: str, query: str) -> None:
    list_agent(ada, "equal", tagline=text)
    list_agent(ada, "other", tagline="Nothing alike, a thousand plans, snakeXcase, lobster")

    for sort in ("", "name"):
        assert search_names(api, f"q={quote(query)}&sort={sort}") == ["equal"]


@pytest.mark.parametrize("text", ["%", "_", "%%", "c%h", "c_ach", "\\%", "\x1f", "\x1fcoach"])
def test_wildcards_and_internal_marks_match_nothing(api: Api, ada: User, text: str) -> None:
    list_agent(ada, "coach")

    expectation = ["coach"] if text.strip("\x1f ") in ("", "coach") else []
    assert search_names(api, f"q={quote(text)}") == expectation


@pytest.mark.once
@pytest.mark.parametrize("text", ["", " ", "\t\n", "　"])
def test_a_blank_text_is_ignored(api: Api, ada: User, text: str) -> None:
    list_agent(ada, "coach")

    assert search_names(api, f"q={quote(text)}") == ["coach"]


@pytest.mark.once
@pytest.mark.parametrize(
    "text", ["x" * 256, "ß" * 256, "🦞" * 256, "% " * 128, "a" * 128 + "@/" * 64]
)
def test_a_text_of_256_characters_is_valid(api: Api, ada: User, text: str) -> None:
    list_agent(ada, "coach")

    assert search_names(api, f"q={quote(text)}") == []
    assert search_names(api, f"q={quote(text)}&sort=rating") == []


@pytest.mark.once
@pytest.mark.parametrize("length", [257, 8192])
def test_a_longer_text_is_refused(api: Api, length: int) -> None:
    error = api.get("/v1/agents?q=" + "x" * length).json()["error"]

    assert error["code"] == "invalid_parameter"
    assert error["message"] == "q must have at most 256 characters."
    assert error["details"] == {"parameter": "q"}


@pytest.mark.once
def test_too_many_tags_are_refused(api: Api) -> None:
    answer = api.get("/v1/agents?" + "&".join(f"tag=t{n}" for n in range(100)))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


@pytest.mark.once
@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%ed%a0%80", "tag=%ff", "q=%", "&&&", "q"])
def test_a_broken_query_string_causes_no_error(api: Api, query: str) -> None:
    assert api.get(f"/v1/agents?{query}").status_code == 200


def test_the_best_matches_are_first(api: Api, ada: User, grace: User) -> None:
    """Exact id, exact name, name prefix, and then by relevance."""
    plan = make_user("plan")
    shelf = [
        (plan, "tool", {"tagline": "The scope holds it"}),
        (ada, "late-plan", {"display_name": "Zed"}),
        (ada, "zzz", {"display_name": "Zed", "tagline": "Plan"}),
        (ada, "zzy", {"display_name": "Zed", "tagline": "Plan ahead"}),
        (ada, "planner", {"display_name": "Zed"}),
        (grace, "plan-b", {"display_name": "Zed"}),
        (ada, "x1", {"display_name": "Planetarium"}),
        (grace, "plan", {"display_name": "Zed"}),
        (ada, "x2", {"display_name": "PLAN"}),
    ]
    for hour, (owner, name, listing) in enumerate(shelf):
        list_agent(owner, name, updated_at=MORNING + timedelta(hours=hour), **listing)

    assert search_names(api, "q=plan") == [
        *("x2", "plan"),
        *("x1", "plan-b", "planner"),
        *("late-plan", "zzy", "zzz", "tool"),
    ]
    assert search_ids(api, "q=@grace/plan")[0] == "@grace/plan"
    assert search_ids(api, "q=GRACE/PLAN")[0] == "@grace/plan"
    assert collect_pages(api, "q=plan", 1) == [item["id"] for item in _items(api, "q=plan")]
    assert collect_pages(api, "q=plan", 2) == collect_pages(api, "q=plan", 1)


def _items(api: Api, query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(f"/v1/agents?{query}").json()["items"]
    return items


def test_every_agent_is_the_first_match_of_its_id(api: Api, ada: User, grace: User) -> None:
    for owner in (ada, grace):
        for name in ("plan", "plan-b", "plan-bee", "b-plan"):
            list_agent(
                owner, name, display_name="Plan", tagline="plan-b b-plan @ada/plan @grace/plan"
            )

    for agent in Agent.objects.all():
        assert search_ids(api, f"q={agent.full_id}")[0] == agent.full_id


@pytest.mark.once
def test_an_explicit_sort_is_obeyed(api: Api, ada: User) -> None:
    list_agent(ada, "plan", updated_at=MORNING)
    list_agent(ada, "some-plan", updated_at=MORNING + timedelta(hours=1))

    assert search_names(api, "q=plan") == ["plan", "some-plan"]
    assert search_names(api, "q=plan&sort=recent") == ["some-plan", "plan"]


@pytest.mark.once
def test_the_api_filters_by_all_that_the_page_filters_by(api: Api, ada: User) -> None:
    list_agent(ada, "tee", tagline="Kocht den Tee und sagt, was mit der Kanne ist", license="MIT")
    list_agent(ada, "tea", tagline="Makes the tea and says what is in it", model_provider="ollama")
    list_agent(ada, "cup", tagline="Fills the cup for you and your tea", requires_secrets=True)

    assert search_names(api, "license=MIT") == ["tee"]
    assert search_names(api, "provider=ollama") == ["tea"]
    assert sorted(search_names(api, "secrets=none")) == ["tea", "tee"]
    assert search_names(api, "language=de") == ["tee"]
    assert sorted(search_names(api, "language=en&sort=name&q=tea")) == ["cup", "tea"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "parameter"),
    [("language=tlh", "language"), ("langauge=de", "langauge"), ("page=2", "page")],
)
def test_unknown_parameters_and_languages_are_refused(
    api: Api, db: None, query: str, parameter: str
) -> None:
    answer = api.get(f"/v1/agents?{query}")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_parameter")
    assert error["details"]["parameter"] == parameter
