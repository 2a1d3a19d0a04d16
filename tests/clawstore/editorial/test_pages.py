"""Pages that show content: what readers get, and when."""

import re
from typing import Any

import pytest
from django.test import Client

from clawstore.editorial.actions import store_pages_again
from clawstore.editorial.errors import InvalidPageSlug, PageSlugTaken
from clawstore.editorial.models import ContentPage, RenderedContent
from clawstore.editorial.rendering import store_missing_renderings
from clawstore.editorial.seeding import STORE_TYPES, type_source
from foundation.access.actions import create_key
from foundation.accounts.models import User
from registry.agents.actions import delist_agent
from registry.errors import TextsBusy
from registry.models import Agent
from tests.clawstore.editorial.conftest import Author
from tests.support.factories import SYSTEM, make_agent, make_version
from wordclaw.content.items.actions import (
    archive_item,
    roll_back_item,
    unpublish_item,
)
from wordclaw.content.items.deletion import delete_item
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.types.actions import change_content_type

pytestmark = pytest.mark.django_db
GUIDE = {"slug": "first", "title": {"en": "First steps"}, "body": {"en": "# Begin\n\nRead *this*."}}


def policy_item(slug: str) -> ContentItem:
    page = ContentPage.objects.get(kind="policies", slug=slug)
    item: ContentItem = ContentItem.objects.with_readers_parts().get(pk=page.pk)
    return item


def test_maintainer_changes_a_policy_and_the_former_text_stays(
    store: Author, client: Client
) -> None:
    before = client.get("/about/terms").text
    item = policy_item("terms")
    store.edit(item, body={"en": "New terms <script>alert(1)</script>"}, title={"en": "Conditions"})

    assert client.get("/about/terms").text == before
    assert client.get("/about/terms/versions/2").status_code == 404

    store.publish_edit(policy_item("terms"), body={"en": "New **terms**"}, title={"en": "Rules"})

    page = client.get("/about/terms").text
    assert "New <strong>terms</strong>" in page
    assert "<h1>Rules</h1>" in page
    assert 'href="/about/terms">Rules</a>' in client.get("/agents").text
    version_page = client.get("/about/terms/versions/1").text
    assert "These are the complete terms." in version_page
    assert "This is a former version" in version_page
    changes = client.get("/about/terms/versions/1...4").text
    assert "<ins>" in changes
    assert "These are the complete terms." in re.sub("<[^>]+>", "", changes)
    assert 'href="/about/terms/versions/1...4"' in page
    # Version 2 and 3 were drafts.
    for pair in ("1...2", "2...4", "4...1", "4...4"):
        assert client.get(f"/about/terms/versions/{pair}").status_code == 404
    assert [client.get(f"/about/terms/versions/{n}").status_code for n in (2, 3, 4)] == [
        *(404, 404, 200)
    ]


def test_seeded_types_have_the_schema_of_their_manifest(store: Author) -> None:
    types = ContentType.objects.filter(domain__name="store", is_governed=False)

    assert {content_type.slug for content_type in types} == set(STORE_TYPES)
    assert all(t.manifest == type_source(t.slug)["manifest"] for t in types)
    assert all(t.is_public for t in types)


@pytest.mark.parametrize("withdraw", [unpublish_item, archive_item, delete_item])
def test_guide_is_read_while_it_is_published(
    store: Author, client: Client, coach: Agent, withdraw: Any
) -> None:
    addresses = (
        "/guides",
        "/agents/@ada/coach/guides",
        "/feeds/news.atom",
        "/sitemap-content-1.xml",
    )
    guide = "/guides/first"
    item = store.draft("guides", **GUIDE, agents=[{"agent": "@ada/coach"}])
    assert [guide in client.get(address).text for address in addresses] == [False] * 4
    assert client.get(guide).status_code == 404

    store.publish_edit(item)
    assert [guide in client.get(address).text for address in addresses] == [True] * 4
    assert "<em>this</em>" in client.get(guide).text
    assert "/agents/@ada/coach/guides" in client.get("/agents/@ada/coach").text

    withdraw(store.domain, item.pk, by=store.by)
    assert [guide in client.get(address).text for address in addresses] == [False] * 4
    assert client.get(guide).status_code == 404
    assert "/agents/@ada/coach/guides" not in client.get("/agents/@ada/coach").text


def test_draft_of_a_published_guide_is_not_shown(store: Author, client: Client) -> None:
    item = store.publish("guides", **GUIDE)
    store.edit(item, title={"en": "Secret plan"}, slug="secret")
    roll_back_item(store.domain, item.pk, 1, by=store.by)
    store.edit(item, title={"en": "Secret plan"}, slug="secret")

    for address in ("/guides", "/guides/first", "/", "/feeds/news.atom"):
        assert "Secret plan" not in client.get(address).text
    assert client.get("/guides/secret").status_code == 404


@pytest.mark.once
def test_private_type_has_no_pages(store: Author, client: Client) -> None:
    store.publish("guides", **GUIDE)
    change_content_type(store.domain, "guides", {"visibility": "private"}, by=store.by)
    assert client.get("/guides/first").status_code == 404

    change_content_type(store.domain, "guides", {"visibility": "public"}, by=store.by)
    assert client.get("/guides/first").status_code == 200


def test_two_pages_cannot_have_one_address(store: Author) -> None:
    store.publish("guides", **GUIDE)
    other = store.draft("guides", **GUIDE)

    with pytest.raises(PageSlugTaken):
        store.publish_edit(other)
    with pytest.raises(InvalidPageSlug):
        store.publish("guides", **GUIDE | {"slug": "../x"})
    assert ContentPage.objects.filter(kind="guides").count() == 1


def test_collection_shows_its_listed_agents_with_words(
    store: Author, client: Client, ada: User, coach: Agent
) -> None:
    tutor = make_agent(ada, "tutor")
    make_version(tutor)
    agents = [
        {"agent": {"agent": "@ada/tutor"}, "words": {"en": "It <b>explains</b>."}},
        {"agent": {"agent": "@ada/coach"}},
    ]
    store.publish("collections", slug="study", title={"en": "For students"}, agents=agents)

    page = client.get("/collections/study").text
    assert page.index("/agents/@ada/tutor") < page.index("/agents/@ada/coach")
    assert "It &lt;b&gt;explains&lt;/b&gt;." in page
    assert "For students" in client.get("/").text
    # A collection is no guide: the page of the agent has no tab for it.
    assert "/guides" not in client.get("/agents/@ada/coach").text.split("foot")[0]

    delist_agent(tutor, reason="Spam", by=store.by)
    assert "/agents/@ada/tutor" not in client.get("/collections/study").text


def test_texts_of_a_publisher_are_on_their_page_and_on_that_of_their_agents(
    ada_writes: Author, grace: User, client: Client, coach: Agent
) -> None:
    about = {"agents": [{"agent": "@ada/coach"}]}
    ada_writes.publish("guides", **GUIDE, **about)
    ada_writes.publish("faqs", question={"en": "Why?"}, answer={"en": "Because `x`."}, **about)
    ada_writes.publish("posts", slug="news", title={"en": "Version 2"}, body={"en": "Soon"})

    tab = client.get("/agents/@ada/coach/guides").text
    assert "First steps" in tab
    assert "Because <code>x</code>." in tab
    assert "Version 2" not in tab
    person = client.get("/@ada").text
    assert all(title in person for title in ("First steps", "Why?", "Version 2"))
    assert "Because <code>x</code>." in client.get("/@ada/texts").text
    assert "<h1" in client.get("/@ada/guides/first").text
    assert client.get("/@ada/posts/news").status_code == 200
    assert client.get("/guides/first").status_code == 404


@pytest.mark.once
def test_publisher_puts_nothing_on_pages_of_other_agents(
    ada_writes: Author, grace: User, client: Client
) -> None:
    other = make_agent(grace, "poet")
    make_version(other)
    ada_writes.publish("guides", **GUIDE, agents=[{"agent": "@grace/poet"}])
    ada_writes.publish("listings", agent={"agent": "@grace/poet"}, tagline={"en": "Taken over"})

    assert "First steps" not in client.get("/agents/@grace/poet/guides").text
    page = client.get("/agents/@grace/poet", headers={"Accept-Language": "en"}).text
    assert "Taken over" not in page
    assert "/agents/@grace/poet/guides" not in page


@pytest.mark.once
def test_notice_is_on_every_page_while_it_is_published(store: Author, client: Client) -> None:
    item = store.draft("notice", text={"en": "Down at *noon*"})
    assert "noon" not in client.get("/agents").text

    store.publish_edit(item)
    store_missing_renderings()
    for address in ("/", "/agents", "/about/terms", "/nowhere", "/signin"):
        assert "Down at <em>noon</em>" in client.get(address).text

    unpublish_item(store.domain, item.pk, by=store.by)
    assert "noon" not in client.get("/").text


def test_text_that_cannot_be_rendered_is_shown_as_written_and_not_cached(
    store: Author, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(texts: object) -> None:
        raise TextsBusy

    store.publish("guides", **GUIDE | {"body": {"en": "A & *y*"}})
    monkeypatch.setattr("clawstore.editorial.rendering.render_site_texts", refuse)

    page = client.get("/guides/first")
    assert page["Cache-Control"] == "no-store"
    assert "A &amp; *y*" in page.text

    monkeypatch.undo()
    assert store_missing_renderings() == 5
    assert "<em>y</em>" in client.get("/guides/first").text
    assert RenderedContent.objects.count() == 5


def test_pages_computed_again_are_the_same(store: Author, ada_writes: Author, coach: Agent) -> None:
    about = {"agents": [{"agent": "@ada/coach"}]}
    store.publish("guides", **GUIDE, **about)
    item = ada_writes.publish("guides", **GUIDE, **about)
    ada_writes.publish_edit(item, title={"en": "Changed"})
    before = list(ContentPage.objects.order_by("pk").values())

    assert store_pages_again() == len(before)

    assert list(ContentPage.objects.order_by("pk").values()) == before
    coach.refresh_from_db()
    assert coach.guide_count == 2


@pytest.mark.parametrize("count", [1, 4])
def test_pages_take_a_constant_number_of_queries(
    store: Author,
    ada: User,
    client: Client,
    coach: Agent,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(count):
        make_version(make_agent(ada, f"tutor-{number}"))
        about = {"agents": [{"agent": "@ada/coach"}]}
        store.publish("guides", **GUIDE | {"slug": f"guide-{number}"}, **about)
    agents = [{"agent": {"agent": f"@ada/tutor-{number}"}} for number in range(count)]
    store.publish("collections", slug="study", title={"en": "For students"}, agents=agents)
    store_missing_renderings()

    queries = {
        "/guides": 2,
        "/guides/guide-0": 7,
        "/collections/study": 7,
        "/agents/@ada/coach/guides": 5,
    }
    for address, limit in queries.items():
        with django_assert_num_queries(limit):
            assert client.get(address).status_code == 200


@pytest.mark.once
def test_key_without_a_role_writes_no_content(ada: User, client: Client) -> None:
    key = create_key(ada, name="k", scopes=["content:write"], by=SYSTEM)[1]

    answer = client.post(
        "/v1/domains/store/content-types/guides/items",
        {"data": GUIDE},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    assert answer.status_code in (403, 404)


def test_publisher_adds_ready_made_types_in_the_studio(ada_client: Client, client: Client) -> None:
    page = ada_client.get("/studio/@ada/new-type")
    assert "/studio/@ada/new-type/posts" in page.text
    assert "/studio/@ada/new-type/policies" not in page.text

    for _ in range(2):
        assert ada_client.post("/studio/@ada/new-type/posts").status_code == 302
    assert ada_client.post("/studio/@ada/new-type/policies").status_code == 404
    assert "/studio/@ada/new-type/posts" not in ada_client.get("/studio/@ada/new-type").text
    assert ContentType.objects.get(domain__name="ada", slug="posts").is_public
