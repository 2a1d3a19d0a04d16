"""Listing texts in other languages: pages, lists, search, and the cache."""

from typing import Any

import pytest
from django.test import Client, override_settings

from clawstore.editorial.agent_texts import wrong_agent_texts
from clawstore.editorial.rendering import store_missing_renderings
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.web.languages import read_preferences
from foundation.web.page_cache import _requests
from registry.agents.actions import withhold_version
from registry.models import Agent
from registry.transfers.actions import accept_transfer, offer_agent
from tests.clawstore.editorial.conftest import Author
from tests.support.factories import make_agent, make_user, make_version
from wordclaw.content.items.actions import unpublish_item
from wordclaw.content.models import ContentItem

pytestmark = pytest.mark.django_db
TAGLINES = {"en": "Counts your meals", "de": "Zählt deine Mahlzeiten", "ja": "食事を数える"}
DE, EN, FR = "de-CH,de;q=0.9,en;q=0.5", "en-GB,en;q=0.9", "fr"


@pytest.fixture
def listing(ada_writes: Author, coach: Agent) -> ContentItem:
    item = ada_writes.publish(
        "listings",
        agent={"agent": "@ada/coach"},
        tagline=TAGLINES,
        description={"en": "Long *text*", "de": "Langer *Text*"},
    )
    store_missing_renderings()
    return item


def read_in(client: Client, address: str, language: str) -> str:
    return client.get(address, headers={"Accept-Language": language}).text


@pytest.mark.once
def test_reader_gets_the_texts_of_their_language(
    listing: ContentItem, client: Client, coach: Agent
) -> None:
    page = read_in(client, "/agents/@ada/coach", DE)
    assert '<p class="agent-tagline" lang="de" dir="auto">Zählt deine Mahlzeiten</p>' in page
    assert "Langer <em>Text</em>" in page
    # All others are offered, also to readers of a language that is not there.
    for answer in (page, read_in(client, "/agents/@ada/coach", FR)):
        for code in ("en", "de", "ja", "original"):
            assert f'href="?lang={code}"' in answer
    assert coach.tagline in read_in(client, "/agents/@ada/coach", FR)
    assert TAGLINES["en"] in read_in(client, "/agents/@ada/coach", EN)


@pytest.mark.once
def test_link_to_a_language_wins_over_the_browser(
    listing: ContentItem, client: Client, coach: Agent
) -> None:
    page = read_in(client, "/agents/@ada/coach?lang=ja", DE)
    assert f'lang="ja" dir="auto">{TAGLINES["ja"]}</p>' in page
    original = read_in(client, "/agents/@ada/coach?lang=original", DE)
    assert f'<p class="agent-tagline" dir="auto">{coach.tagline}</p>' in original
    assert TAGLINES["de"] in read_in(client, "/agents/@ada/coach?lang=%3Bx", DE)


@pytest.mark.once
@pytest.mark.parametrize("address", ["/agents", "/agents?q=coach", "/@ada", "/"])
def test_rows_are_in_the_language_of_the_reader(
    listing: ContentItem, client: Client, ada_writes: Author, address: str
) -> None:
    for number in range(4):
        make_version(make_agent(ada_writes.by.user, f"tutor-{number}"))

    assert f'lang="de" dir="auto">{TAGLINES["de"]}' in read_in(client, address, DE)
    assert TAGLINES["de"] not in read_in(client, address, FR)


def test_search_finds_translated_taglines_and_descriptions(
    ada_writes: Author, listing: ContentItem, client: Client
) -> None:
    ada_writes.publish_edit(listing, description={"en": "Sums", "de": "Rechnet *Nährwerte* aus"})
    store_missing_renderings()

    for word in ("Mahlzeiten", "Nährwerte"):
        assert "@ada/coach" in client.get("/agents", {"q": word}).text


@pytest.mark.once
def test_pages_of_versions_show_what_the_package_says(
    listing: ContentItem, client: Client, as_root: Any, coach: Agent
) -> None:
    assert TAGLINES["de"] not in read_in(client, "/agents/@ada/coach/versions/1.0.0", DE)

    withhold_version(coach, "1.0.0", reason="malware", text="Bad", by=as_root)
    assert TAGLINES["de"] not in read_in(client, "/agents/@ada/coach", DE)


def test_unpublished_listing_is_gone_at_once(
    listing: ContentItem, ada_writes: Author, client: Client
) -> None:
    unpublish_item(ada_writes.domain, listing.pk, by=ada_writes.by)

    assert TAGLINES["de"] not in read_in(client, "/agents/@ada/coach", DE)
    assert "lang=de" not in read_in(client, "/agents/@ada/coach", DE)
    assert "@ada/coach" not in client.get("/agents?q=Mahlzeiten").text


@pytest.mark.once
@override_settings(KEEP_PAGES=True)
@pytest.mark.parametrize("address", ["/agents/@ada/coach", "/agents", "/@ada", "/agents?q=coach"])
def test_cached_page_is_never_in_another_language(
    listing: ContentItem, client: Client, address: str
) -> None:
    """Every reader gets their language, whatever others read before."""
    _requests.clear()
    etags: dict[str, str] = {}
    for _ in range(3):
        for language in (DE, EN, FR, "ja", "", "de", "fr,de;q=0.1", "*"):
            answer = client.get(address, headers={"Accept-Language": language})
            assert "Accept-Language" in answer["Vary"]
            first = next((code for code in ("de", "ja") if code in language.split(",")[0]), "")
            expectation = first or ("de" if "de" in language else "")
            assert (TAGLINES["de"] in answer.text) is (expectation == "de"), language
            assert (TAGLINES["ja"] in answer.text) is (expectation == "ja"), language
            etags[language] = answer["ETag"]
    assert etags[DE] != etags[FR] != etags["ja"]
    # Readers who differ in what makes no difference share a page.
    assert (
        client.get(
            address, headers={"Accept-Language": "de-AT,en", "If-None-Match": etags[DE]}
        ).status_code
        == 304
    )
    assert (
        client.get(address, headers={"Accept-Language": FR, "If-None-Match": etags[DE]}).status_code
        == 200
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("", ()),
        ("de-CH,de;q=0.9,en;q=0.5,fr;q=0.1", ("de", "en")),
        ("en;q=0.1,DE;q=0.2", ("de", "en")),
        ("pt-BR,pt;q=0.9", ("pt-BR", "pt")),
        ("zh-CN,zh-TW;q=0.9", ("zh-Hans", "zh-Hant")),
        ("fr,it,es,nl,pl", ("fr", "it", "es")),
        ("*", ()),
        ("de;q=0,fr;q=x,it;q=nan,\x00,q,x" * 50, ()),
    ],
)
def test_preferences_of_a_reader(header: str, languages: tuple[str, ...]) -> None:
    assert read_preferences(header) == languages


@pytest.mark.once
def test_former_scope_speaks_no_longer_for_an_agent_that_moved(
    listing: ContentItem, client: Client, coach: Agent, store: Author, ada_writes: Author
) -> None:
    guide = {"title": {"en": "First steps"}, "body": {"en": "One"}}
    about = {"agents": [{"agent": "@ada/coach"}]}
    ada_writes.publish("guides", slug="own", **guide, **about)
    item = store.publish("guides", slug="first", **guide, **about)
    make_user("grace")
    receiver = Actor(user=User.objects.get(username="grace"))
    offer = offer_agent(coach, to="grace", confirmation="@ada/coach", by=ada_writes.by)

    accept_transfer(offer.pk, by=receiver)

    assert TAGLINES["de"] not in read_in(client, "/agents/@grace/coach", DE)
    run_due_jobs()
    assert Agent.objects.get(pk=coach.pk).guide_count == 1
    # Also when the store publishes a text again that names the former id.
    store.publish_edit(item, slug="second")
    assert "/guides/second" in client.get("/agents/@grace/coach/guides").text
    assert "/agents/@grace/coach" in client.get("/guides/second").text
    assert list(wrong_agent_texts()) == []
