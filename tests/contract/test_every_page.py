"""Rules for all pages: no cookie, nothing inline, one h1, unique titles."""

import re

import pytest
from django.test import Client
from django.utils import translation

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.seeding import POLICIES
from foundation.accounts.models import User
from registry.models import Agent
from tests.support.page import Page

pytestmark = pytest.mark.usefixtures("coach")

PAGES = [
    "/",
    "/agents",
    "/agents?q=coach&category=other&tag=a&channel=x",
    "/agents/@ada/coach",
    "/agents/@ada/coach/versions",
    "/agents/@ada/coach/versions/1.0.0",
    "/agents/@ada/coach/reviews",
    "/@ada",
    "/@ada/reviews",
    "/nowhere",
    "/@nobody",
]
WITH_FORMS = ["/signin", "/device", "/agents/@ada/coach/report"]


@pytest.mark.once
@pytest.mark.parametrize("address", PAGES)
def test_anonymous_page_sets_no_cookie(visitor: Client, address: str) -> None:
    visitor.get(address)

    assert visitor.cookies == {}


@pytest.mark.once
@pytest.mark.parametrize("address", PAGES + WITH_FORMS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_page_has_no_inline_code_and_a_complete_frame(
    ada: User, visitor: Client, address: str, signed_in: bool
) -> None:
    if signed_in:
        visitor.force_login(ada)
    answer = visitor.get(address, follow=True)

    html = answer.content.decode()
    page = Page(html)
    attributes = {name for _, names in page.tags for name in names}
    assert [name for name in attributes if name == "style" or name.startswith("on")] == []
    assert page.all("style") == []
    # Data for search engines is no script, and nothing runs it.
    scripts = [tag for tag in page.all("script") if tag.get("type") != "application/ld+json"]
    assert all((script.get("src") or "").startswith("/static/") for script in scripts)
    assert page.all("html")[0]["lang"] == "en"
    assert page.headings().count(1) == 1
    steps = zip(page.headings(), page.headings()[1:], strict=False)
    assert [(a, b) for a, b in steps if b > a + 1] == []
    assert page.all("main")[0]["id"] == "main"
    assert "#main" in page.links()
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.once
def test_titles_are_unique(visitor: Client) -> None:
    titles = []
    for address in [*PAGES[:7], "/signin"]:
        html = visitor.get(address).content.decode()
        titles.append(" ".join(re.findall(r"<title>([^<]+)</title>", html)))

    assert len(set(titles)) == len(titles)
    assert all(title.strip() for title in titles)


TO_BE_FOUND = [
    *("/", "/agents", "/@ada", "/@ada/reviews", "/v1/docs", "/guide/authors"),
    *(f"/about/{chapter}" for chapter in (*POLICIES, *STATIC_PAGES)),
    *("/announcements", "/collections", "/guides"),
    *(f"/agents/@ada/coach{tab}" for tab in ("", "/versions", "/reviews", "/share")),
]


def test_indexed_pages_have_unique_titles_and_descriptions(visitor: Client) -> None:
    """Search engines list titles and descriptions one below the other."""
    titles, descriptions = {}, {}
    for address in TO_BE_FOUND:
        html = visitor.get(address).content.decode()
        titles[address] = " ".join(re.findall(r"<title>([^<]+)</title>", html)).strip()
        metas = [meta for meta in Page(html).all("meta") if meta.get("name") == "description"]
        descriptions[address] = " ".join(meta["content"] or "" for meta in metas).strip()

    for texts in (titles, descriptions):
        assert [address for address, text in texts.items() if not text] == []
        assert len(set(texts.values())) == len(texts), texts


@pytest.mark.parametrize("address", PAGES)
def test_reading_a_page_changes_no_agent(visitor: Client, address: str, settings: object) -> None:
    before = Agent.objects.values().get()

    visitor.head(address)
    visitor.get(address)

    assert Agent.objects.values().get() == before


@pytest.mark.once
def test_page_in_arabic_runs_from_right_to_left(visitor: Client) -> None:
    with translation.override("ar"):
        [html] = Page(visitor.get("/agents").content.decode()).all("html")

    assert (html["lang"], html["dir"]) == ("ar", "rtl")
