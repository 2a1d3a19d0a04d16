"""Rules for all pages: no cookie, nothing inline, one h1, unique titles."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.seeding import POLICIES
from foundation.accounts.models import User
from registry.models import Agent
from tests.support.page import Page

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("coach")]

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


def test_anonymous_page_sets_no_cookie_and_changes_no_agent(visitor: Client) -> None:
    before = Agent.objects.values().get()
    for address in PAGES:
        visitor.head(address)
        visitor.get(address)

        assert (address, visitor.cookies) == (address, {})
        assert Agent.objects.values().get() == before, address


@pytest.mark.parametrize("signed_in", [False, True])
def test_page_has_no_inline_code_and_a_complete_frame(
    ada: User, visitor: Client, signed_in: bool
) -> None:
    if signed_in:
        visitor.force_login(ada)
    for address in PAGES + WITH_FORMS:
        html = visitor.get(address, follow=True).content.decode()
        problems = list(problems_of(html))
        assert (address, problems) == (address, [])


def problems_of(html: str) -> Iterator[str]:
    page = Page(html)
    attributes = {name for _, names in page.tags for name in names}
    yield from (name for name in attributes if name == "style" or name.startswith("on"))
    if page.all("style"):
        yield "a style element"
    # Data for search engines is no script, and nothing runs it.
    scripts = [tag for tag in page.all("script") if tag.get("type") != "application/ld+json"]
    yield from (str(tag) for tag in scripts if not (tag.get("src") or "").startswith("/static/"))
    if page.all("html")[0]["lang"] != "en":
        yield "its language"
    if page.headings().count(1) != 1:
        yield "its headings of the first level"
    steps = zip(page.headings(), page.headings()[1:], strict=False)
    yield from (f"a heading of level {a} before one of {b}" for a, b in steps if b > a + 1)
    if page.all("main")[0]["id"] != "main" or "#main" not in page.links():
        yield "no link to its content"
    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    yield from (f"the id {name} twice" for name, count in ids.items() if count > 1)


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


def test_page_in_arabic_runs_from_right_to_left(visitor: Client) -> None:
    with translation.override("ar"):
        [html] = Page(visitor.get("/agents").content.decode()).all("html")

    assert (html["lang"], html["dir"]) == ("ar", "rtl")
