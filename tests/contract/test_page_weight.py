"""Compressed size of pages, styles and scripts."""

import gzip
from urllib.parse import urlsplit

import pytest
from django.test import Client

from foundation.actor import Actor
from registry.models import Agent
from tests.support.factories import make_agent, make_version
from tests.support.page import Page
from tests.support.uploads import publish

pytestmark = pytest.mark.once

MOST_BYTES = 60_000
# The page of all operations of the API grows with each of them.
MOST_BYTES_OF_DOCS = 75_000
SCRIPTS = [
    "/static/js/theme.js",
    "/static/django_htmx/htmx-2.min.js",
    "/static/js/shop.js",
]
VARY = {"Accept-Language", "Accept-Encoding", "HX-Request", "HX-Target"}
AGENT = "/agents/@ada/coach"
PAGES = [
    "/",
    "/agents",
    "/agents?q=coach",
    AGENT,
    f"{AGENT}/files",
    f"{AGENT}/versions",
    f"{AGENT}/changes/1.0.0...1.1.0",
    f"{AGENT}/reviews",
    "/agents/compare?id=@ada/coach&id=@ada/agent-1",
    "/@ada",
    "/about/numbers",
    "/v1/docs",
]


@pytest.fixture
def shop(as_ada: Actor) -> Agent:
    """An agent with two versions, and enough others to fill a page."""
    publish(as_ada, "@ada/coach")
    agent: Agent = publish(as_ada, "@ada/coach", "1.1.0").agent
    for number in range(1, 25):
        make_version(make_agent(as_ada.user, f"agent-{number}"))
    return agent


def sent(client: Client, address: str) -> bytes:
    """The compressed bytes of a page."""
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200, address
    content: bytes = answer.content if not answer.streaming else b"".join(answer.streaming_content)
    assert answer["Content-Encoding"] == "gzip", address
    assert int(answer["Content-Length"]) == len(content)
    return content


def weight_of(client: Client, address: str) -> int:
    """The compressed size of a static file."""
    response = client.get(address, headers={"accept-encoding": "gzip"})
    content = b"".join(response.streaming_content)
    is_compressed = response.headers.get("Content-Encoding") == "gzip"
    return len(content) if is_compressed else len(gzip.compress(content))


def test_page_is_small_and_loads_from_no_other_host(shop: Agent, visitor: Client) -> None:
    for address in PAGES:
        html = sent(visitor, address)
        page = Page(gzip.decompress(html).decode())
        styles = [a["href"] or "" for a in page.all("link") if a.get("rel") == "stylesheet"]
        scripts = [a["src"] or "" for a in page.all("script") if "src" in a]
        pictures = [a["src"] or "" for tag in ("img", "source", "iframe") for a in page.all(tag)]

        assert styles == ["/static/css/shop.css"], address
        assert scripts == SCRIPTS, address
        assert [p for p in pictures if urlsplit(p).netloc] == [], address
        weight = len(html) + sum(weight_of(visitor, name) for name in styles + scripts)
        most_bytes = MOST_BYTES_OF_DOCS if address == "/v1/docs" else MOST_BYTES
        assert weight <= most_bytes, address


def test_client_without_gzip_gets_an_uncompressed_page(shop: Agent, visitor: Client) -> None:
    packed_page = visitor.get("/agents", headers={"accept-encoding": "br, gzip;q=0.5"})

    for coding in ("", "br", "gzip;q=0, br"):
        plain = visitor.get("/agents", headers={"accept-encoding": coding})
        assert "Content-Encoding" not in plain
        assert gzip.decompress(packed_page.content) == plain.content
        # A weak ETag, by which a browser revalidates both forms.
        assert packed_page["ETag"].removeprefix("W/") == plain["ETag"].removeprefix("W/")
        assert set(plain["Vary"].split(", ")) == set(packed_page["Vary"].split(", ")) == VARY


def test_page_of_a_session_is_not_compressed(shop: Agent, visitor: Client) -> None:
    """The compressed length could reveal a secret of the page."""
    visitor.force_login(shop.owner_user)

    for address in ("/agents", "/account"):
        answer = visitor.get(address, headers={"accept-encoding": "gzip"}, follow=True)
        assert "Content-Encoding" not in answer
