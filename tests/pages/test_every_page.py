"""What holds on every page: no cookie for nobody, nothing inline, one h1, a title of its own."""

import re

import pytest
from django.test import Client
from django.utils import translation

from foundation.accounts.models import User
from registry.models import Agent
from tests.factories import make_agent, make_version
from tests.pages.conftest import Page

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


@pytest.fixture(autouse=True)
def coach(ada: User) -> Agent:
    agent = make_agent(ada, "coach")
    make_version(agent)
    return agent


@pytest.mark.parametrize("address", PAGES)
def test_nobody_gets_no_cookie(visitor: Client, address: str) -> None:
    visitor.get(address)

    assert visitor.cookies == {}


@pytest.mark.parametrize("address", PAGES + WITH_FORMS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_nothing_is_inline_and_the_frame_is_whole(
    ada: User, visitor: Client, address: str, signed_in: bool
) -> None:
    if signed_in:
        visitor.force_login(ada)
    answer = visitor.get(address, follow=True)

    html = answer.content.decode()
    page = Page(html)
    attributes = {name for _, given in page.tags for name in given}
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


def test_titles_tell_pages_apart(visitor: Client) -> None:
    titles = []
    for address in [*PAGES[:7], "/signin"]:
        html = visitor.get(address).content.decode()
        titles.append(" ".join(re.findall(r"<title>([^<]+)</title>", html)))

    assert len(set(titles)) == len(titles)
    assert all(title.strip() for title in titles)


@pytest.mark.parametrize("address", PAGES)
def test_whoever_looks_nothing_is_written(visitor: Client, address: str, settings: object) -> None:
    before = Agent.objects.values().get()

    visitor.head(address)
    visitor.get(address)

    assert Agent.objects.values().get() == before


def test_words_are_marked_for_translation(visitor: Client) -> None:
    """The browse page goes through gettext: another language asked for still renders whole."""
    with translation.override("ar"):
        page = Page(visitor.get("/agents").content.decode())

    assert page.headings()[0] == 1
