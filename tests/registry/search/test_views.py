"""The list of agents: filters, pages, notices and rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.clock import now
from registry.downloads.metrics import METRICS
from registry.models import Agent
from tests.support.factories import make_agent, make_version
from tests.support.page import Page

pytestmark = pytest.mark.once

Read = Callable[..., Page]


def list_agents(ada: User, *names: str, **listing: str) -> None:
    for name in names:
        make_version(make_agent(ada, name, **listing))


def names_in(page: Page) -> list[str]:
    return [href.removeprefix("/agents/@ada/") for href in page.links() if "/agents/@" in href]


def test_the_page_has_matches_and_their_number(ada: User, read: Read) -> None:
    list_agents(ada, "tea", category_id="finance")
    list_agents(ada, "teapot", "cup", category_id="writing")

    page = read("/agents", q="tea", category="writing")

    assert names_in(page) == ["teapot"]
    assert "1 agent" in page.text


def test_every_filter_has_a_link_that_removes_it(ada: User, read: Read) -> None:
    list_agents(ada, "tea", category_id="finance")

    page = read("/agents", q="tea", category="finance", tag=["hot", "green"])

    links = page.links()
    assert "/agents?q=tea&tag=hot&tag=green" in links
    assert "/agents?q=tea&category=finance&tag=green" in links
    assert "/agents?q=tea&category=finance&tag=hot" in links
    assert "0 agents" in page.text


def test_a_new_text_keeps_the_filters(ada: User, read: Read) -> None:
    page = read("/agents", q="tea", category="finance", tag=["hot"])

    parameters = {(i["name"], i["value"]) for i in page.all("input") if i.get("type") == "hidden"}
    assert parameters == {("category", "finance"), ("tag", "hot")}
    assert [i["value"] for i in page.all("input") if i["name"] == "q"] == ["tea"]


def test_tags_of_the_matches_are_links(ada: User, read: Read) -> None:
    make_version(make_agent(ada, "tea", tags=["hot"]))

    assert "/agents?tag=hot" in read("/agents").links()


def test_empty_shop_offers_to_publish_and_no_filters(db: None, read: Read) -> None:
    page = read("/agents")
    assert "No agents yet." in page.text
    assert "/#publish" in page.links()
    assert "All categories" not in page.text

    assert "Browse" not in [link for link in read("/").texts if "0 agents" in link]
    assert "0 agents" not in read("/").text


def test_filters_that_find_nothing_are_not_offered(ada: User, read: Read) -> None:
    make_version(make_agent(ada, "tea"))

    links = [link for link in read("/agents").links() if "category=" in link]
    assert links == ["/agents?category=other"]
    page = read("/agents", category="finance")
    assert "0 agents" in page.text
    assert "Search without “Finance”" in page.text


def test_page_number_out_of_range_is_the_nearest_page(ada: User, read: Read) -> None:
    list_agents(ada, *(f"agent-{n:02}" for n in range(45)))

    assert names_in(read("/agents", sort="name")) == [f"agent-{n:02}" for n in range(20)]
    last = read("/agents", sort="name", page=3)
    assert names_in(last) == [f"agent-{n:02}" for n in range(40, 45)]
    assert names_in(read("/agents", sort="name", page=99)) == names_in(last)
    for nonsense in ("x", "0", "-1", "1.5", "9" * 5000):
        assert names_in(read("/agents", sort="name", page=nonsense))[0] == "agent-00"
    assert "45 agents" in last.text
    assert "?sort=name&page=2" in last.links()


def test_each_page_of_results_is_its_own_canonical_page(ada: User, read: Read) -> None:
    list_agents(ada, *(f"agent-{n:02}" for n in range(25)))

    assert read("/agents", sort="name").canonical()[0].endswith("/agents?sort=name")
    assert read("/agents", sort="name", page=2).canonical()[0].endswith("?sort=name&page=2")
    assert read("/agents", sort="name", page=9).canonical()[0].endswith("?sort=name&page=2")


@pytest.mark.parametrize(
    ("query", "ignored_names"),
    [
        ("channel=golden", "channel"),
        ("sort=luck", "sort"),
        ("q=" + "x" * 5000, "q"),
        ("category=" + "x" * 100, "category"),
        ("sort=luck&channel=golden", "channel, sort"),
    ],
)
def test_invalid_parameters_are_ignored_and_named(
    ada: User, read: Read, query: str, ignored_names: str
) -> None:
    list_agents(ada, "tea")

    page = read(f"/agents?{query}")

    assert names_in(page) == ["tea"]
    assert "in the URL:" in page.text
    assert ignored_names in page.texts


@pytest.mark.parametrize(
    "query",
    ["q=%25_", "q=%ED%A0%80", "q=%C0", "page=-1", "page=99999999999999999999", "tag=&tag=%25", "x"],
)
def test_no_address_causes_an_error(ada: User, read: Read, query: str) -> None:
    read(f"/agents?{query}&{'&'.join(f'tag={n}' for n in range(40))}")


@pytest.mark.parametrize(
    ("word_count", "notice"),
    [(16, None), (17, "its last word was ignored"), (19, "its last 3 words were ignored")],
)
def test_ignored_words_are_named(
    ada: User, read: Read, word_count: int, notice: str | None
) -> None:
    page = read("/agents", q=" ".join(f"w{number}" for number in range(word_count)))

    assert notice is None or notice in page.text
    assert ("too long" in page.text) == (notice is not None)


def test_rows_of_pre_releases_have_the_newest_version(ada: User, read: Read) -> None:
    agent = make_agent(ada, "tea")
    make_version(agent, "1.0.0-beta.1")
    make_version(agent, "1.0.0-beta.2")

    page = read("/agents", channel="beta")

    assert names_in(page) == ["tea"]
    assert "v1.0.0-beta.2" in page.texts


def test_row_has_trust_facts_with_their_source(ada: User, read: Read) -> None:
    moment = now()
    User.objects.filter(pk=ada.pk).update(created_at=moment - timedelta(days=90))
    columns = {"networks_30d": 1310, "downloads_30d": 4200, "license": "MIT"}
    agent = make_agent(ada, "tea", created_at=moment - timedelta(days=64), **columns)
    for days_ago, number in ((64, "1.0.0"), (52, "1.1.0"), (40, "1.2.0")):
        make_version(agent, number, uploaded_at=moment - timedelta(days=days_ago))

    page = read("/agents")

    for words in (
        "since ",
        "≈ 1,310 networks",
        "Licence MIT",
        "Downloads 4,200 / 30 days",
    ):
        assert words in page.text
    # The page of the agent has these; a list is quiet.
    for words in ("author since", "3 versions", "days apart"):
        assert words not in page.text
    meanings = {a.get("title") for a in page.all("span")} | {a.get("title") for a in page.all("dt")}
    assert {str(METRICS[key].definition) for key in ("networks-30d", "downloads-30d")} <= meanings


def test_row_of_a_new_agent_does_not_say_that_there_is_nothing_to_say(
    ada: User, read: Read
) -> None:
    list_agents(ada, "tea")

    text = read("/agents").text
    for words in ("since ", "networks", "Downloads 0", "no downloads"):
        assert words not in text


def test_cached_row_follows_the_agent(ada: User, read: Read) -> None:
    list_agents(ada, "tea")
    assert "4,200" not in read("/agents").texts

    Agent.objects.update(downloads_30d=4200)

    assert "4,200" in read("/agents").texts


def test_the_number_of_queries_is_constant(ada: User, queries_of: Callable[[str], int]) -> None:
    list_agents(ada, "one")
    address = "/agents?q=o&tag=&sort=downloads"
    cost = queries_of(address)

    list_agents(ada, "two", "trio")

    assert queries_of(address) == cost


def test_htmx_gets_the_results_alone(ada: User, client: Client) -> None:
    list_agents(ada, "tea", category_id="finance")
    list_agents(ada, "cup", category_id="writing")
    headers = {"HX-Request": "true", "HX-Target": "browse"}

    update = Page(client.get("/agents?category=finance", headers=headers).text)

    assert names_in(update) == ["tea"]
    assert "Agents · Clawstore" in update.text
    assert update.all("main") == []
    assert [div["id"] for div in update.all("div") if div.get("id")] == ["browse"]
    oob = [span["id"] for span in update.all("span") if span.get("hx-swap-oob") == "true"]
    assert oob == ["filters-masthead"]


def test_other_requests_get_the_whole_page(ada: User, client: Client) -> None:
    """An error page or another part may be asked for at the same address."""
    list_agents(ada, "tea")

    for headers in ({}, {"HX-Request": "true", "HX-Target": "main"}, {"HX-Target": "browse"}):
        response = client.get("/agents", headers=headers)
        assert len(Page(response.text).all("main")) == 1
        assert {"HX-Request", "HX-Target"} <= set(response["Vary"].split(", "))


def test_page_and_update_are_cached_apart(ada: User, client: Client) -> None:
    list_agents(ada, "tea")
    headers = {"HX-Request": "true", "HX-Target": "browse"}

    for _ in range(3):
        page, update = client.get("/agents"), client.get("/agents", headers=headers)

        assert 'id="main"' in page.text
        assert 'id="main"' not in update.text
        assert page["ETag"] != update["ETag"]
    assert (
        client.get("/agents", headers=headers | {"If-None-Match": page["ETag"]}).status_code == 200
    )


def test_filters_order_and_pages_name_the_part_they_replace(ada: User, read: Read) -> None:
    list_agents(ada, *(f"agent-{number}" for number in range(25)))

    page = read("/agents", channel="community")

    parts = [a for tag in ("aside", "nav", "ul") for a in page.all(tag) if a.get("hx-boost")]
    assert [part["hx-target"] for part in parts] == ["#browse"] * 4


def test_results_say_what_they_lack_and_loose_ones_are_apart(ada: User, read: Read) -> None:
    list_agents(ada, "teapot", tagline="Green tea with lemon")
    list_agents(ada, "kettle", tagline="Boils water")

    page = read("/agents", q="lemon zebra xylophone")
    assert "Loosely related" in page.text
    assert "Without “zebra”, “xylophone”" in page.text
    assert "Nothing fits this search." in page.text

    page = read("/agents", q="green tea lemon zebra")
    assert "Without “zebra”" in page.text
    assert "Nothing fits" not in page.text


def test_agents_are_ticked_in_the_list_and_compared_by_a_form(ada: User, read: Read) -> None:
    list_agents(ada, "tea", "cup")

    page = read("/agents")
    boxes = [i for i in page.all("input") if i.get("type") == "checkbox"]
    assert [(i["name"], i["value"], i["form"]) for i in boxes] == [
        ("id", "@ada/cup", "tray"),
        ("id", "@ada/tea", "tray"),
    ]
    forms = {form.get("id"): form.get("action") for form in page.all("form")}
    assert forms["tray"] == "/agents/compare"
    many = read("/agents/compare", id=["@ada/tea", "@ada/cup", "@a/1", "@a/2", "@a/3"], status=422)
    assert "Only the first four agents are compared." in many.text


def test_the_page_of_a_category_has_a_sentence_and_what_is_trending(ada: User, read: Read) -> None:
    list_agents(ada, "tea", "cup", category_id="finance")
    Agent.objects.filter(name="tea").update(trend_ratio=3.5)

    page = read("/agents", category="finance")
    assert "Agents for budgets, invoices, taxes and savings." in page.text
    assert "Trending here" in page.text
    assert "Trending here" not in read("/agents", category="finance", q="tea").text


def test_languages_are_a_facet_and_a_filter(ada: User, read: Read) -> None:
    list_agents(ada, "tee", tagline="Kocht den Tee und sagt, was mit der Kanne ist")
    list_agents(ada, "tea", tagline="Makes the tea and says what is in the pot")

    page = read("/agents")
    assert {"/agents?language=de", "/agents?language=en"} <= set(page.links())
    assert names_in(read("/agents", language="de"))[:1] == ["tee"]
    assert "1 agent" in read("/agents", language="de").text
    assert "Ignored an unknown filter" in read("/agents", language="tlh").text
