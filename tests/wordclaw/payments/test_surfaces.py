"""No surface shows to readers without a right what has a price."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, TestCase

from clawstore.editorial import rendering
from clawstore.editorial.models import RenderedContent
from clawstore.editorial.seeding import type_source
from foundation.accounts.models import User
from foundation.actor import Actor
from registry.models import Agent
from tests.support.http import Api, client_of
from tests.support.openapi import operations
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from tests.wordclaw.payments.conftest import SECRET, make_offer, pay
from wordclaw.content.models import ContentItem
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.purchases.actions import confirm_payment, purchase
from wordclaw.policy.actions import find_domain

PAGES = (
    *("/@ada", "/@ada/texts", "/@ada/guides/first", "/agents/@ada/coach/guides"),
    *("/agents/@ada/coach", "/sitemap.xml", "/feeds/news.atom"),
)
LISTS = (
    "",
    f"?q={SECRET}",
    "?q=First",
    f"?filter[body]={SECRET}",
    f"?filter[body][contains]={SECRET}",
    "?filter[slug]=first",
    "?sort=data.body",
    "?sort=-data.slug",
    "?locale=en",
)


class Shelf:
    """A guide with a premium text, and questions whose answers cost; readers of both."""

    def __init__(self, api: Api, seller: ContentApi) -> None:
        self.seller = seller
        manifest = type_source("guides")["manifest"]
        body = next(part for part in manifest["fields"] if part["name"] == "body")
        fields = [part for part in manifest["fields"] if part is not body]
        premium_manifest = manifest | {"fields": [*fields, body | {"premium": True}]}
        seller.make_type("guides", visibility="public", schemaManifest=premium_manifest)
        seller.make_type(
            "faqs", visibility="public", schemaManifest=type_source("faqs")["manifest"]
        )
        agents = [{"agent": "@ada/coach"}]
        text = {"en": f"Do {SECRET}.", "de": f"Tu {SECRET}."}
        guide = {"slug": "first", "title": {"en": "First"}, "body": text, "agents": agents}
        self.guide = seller.make_item("guides", guide)
        self.faq = seller.make_item(
            "faqs", {"question": {"en": "Why?"}, "answer": text, "agents": agents}
        )
        for item in (self.guide, self.faq):
            with TestCase.captureOnCommitCallbacks(execute=True):
                seller.publish(item)

    def sell(self) -> None:
        with TestCase.captureOnCommitCallbacks(execute=True):
            make_offer(self.seller, "content_item", self.guide["id"])
            make_offer(self.seller, "content_type", "faqs")

    def addresses(self) -> Iterator[str]:
        for method, path, _ in operations():
            if method != "get" or not path.startswith("/v1/domains/{domain}/content-"):
                continue
            for item, slug in ((self.guide, "guides"), (self.faq, "faqs")):
                names = {"domain": "ada", "slug": slug, "item_id": item["id"], "kind": "jsonschema"}
                yield path.format(**names, version=2, old=1, new=2)
        for slug in ("guides", "faqs"):
            yield from (f"/v1/domains/ada/content-types/{slug}/items{query}" for query in LISTS)
        yield from PAGES


@pytest.fixture
def shelf(api: Api, ada: User, coach: Agent, key_for: Callable[..., str]) -> Shelf:
    return Shelf(api, ContentApi(api, key_for(ada, *ALL_SCOPES)))


def leaks(shelf: Shelf, client: Client, **headers: Any) -> set[str]:
    """The addresses whose answer has the secret."""
    found_addresses = set()
    for address in shelf.addresses():
        response = client.get(address, headers=headers)
        assert response.status_code < 500, address
        if SECRET in response.content.decode():
            found_addresses.add(address)
    return found_addresses


@pytest.mark.once
def test_no_answer_has_the_text_that_costs(shelf: Shelf, key_for: Callable[..., str], grace: User):
    visitor, stranger = Client(), {"Authorization": f"Bearer {key_for(grace, *ALL_SCOPES)}"}
    before = leaks(shelf, visitor)
    assert {"/@ada/guides/first", "/@ada/texts", "/agents/@ada/coach/guides"} <= before
    assert len(before) > 10

    shelf.sell()

    assert leaks(shelf, visitor) == set()
    assert leaks(shelf, Client(), **stranger) == set()
    page = visitor.get("/@ada/guides/first").content.decode()
    assert "First" in page
    assert "21 sat" in page


def test_text_that_gets_a_price_while_it_is_rendered_is_not_stored(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    item = ContentItem.objects.get(pk=shelf.guide["id"])
    RenderedContent.objects.all().delete()
    render = rendering.render_site_texts

    def render_and_sell(texts: list[str]) -> list[str]:
        monkeypatch.setattr(rendering, "render_site_texts", render)
        html = render(texts)
        shelf.sell()
        return html

    monkeypatch.setattr(rendering, "render_site_texts", render_and_sell)

    assert not rendering.store_rendering(item.published_version_id)
    assert SECRET not in str(list(RenderedContent.objects.values_list("html", flat=True)))


def test_searches_and_filters_tell_nothing_of_hidden_fields(shelf: Shelf, api: Api):
    visitor, items = ContentApi(api, ""), "/content-types/{}/items"
    shelf.sell()

    def answer(slug: str, query: str) -> object:
        response = visitor.get(items.format(slug) + query)
        if response.status_code != 200:
            return response.json()["error"]["code"]
        return [row["id"] for row in response.json()["items"]]

    guide, faq = [shelf.guide["id"]], [shelf.faq["id"]]
    for query, of_guides, of_faqs in (
        ("", guide, faq),
        ("?q=First", guide, []),
        (f"?q={SECRET}", [], []),
        ("?filter[slug]=first", guide, "filter_requires_known_field"),
        ("?sort=-data.slug", guide, "filter_requires_known_field"),
        (f"?filter[body][contains]={SECRET}", [], "filter_requires_known_field"),
        ("?sort=data.body", [], "filter_requires_known_field"),
    ):
        assert (query, answer("guides", query)) == (query, of_guides)
        assert (query, answer("faqs", query)) == (query, of_faqs)
    for query in (f"?q={SECRET}", "?sort=data.body"):
        response = shelf.seller.get(items.format("guides") + query)
        assert [row["id"] for row in response.json()["items"]] == guide


def test_preview_and_feedback_links_do_not_show_sold_content(shelf: Shelf):
    path = f"/content-items/{shelf.guide['id']}"
    link = shelf.seller.post(f"{path}/preview-token", {}).json()["path"]
    wish = {"submitter": {"actorId": "ann"}}
    token = shelf.seller.post(f"{path}/external-feedback-token", wish).json()["token"]
    assert Client().get(link).status_code == Client().get(f"/feedback/{token}").status_code == 200

    shelf.sell()

    answers = [
        Client().get(link),
        Client().get(link.replace("/v1", "")),
        Client().get(f"/feedback/{token}"),
        Client().get("/v1/public/external-feedback", headers={"X-Feedback-Token": token}),
        shelf.seller.post(f"{path}/preview-token", {}),
        shelf.seller.post(f"{path}/external-feedback-token", wish),
    ]
    assert [answer.status_code for answer in answers] == [409] * len(answers)
    assert not any(SECRET in answer.content.decode() for answer in answers)


def test_buyer_reads_the_page_and_an_ended_offer_frees_it(shelf: Shelf, grace: User):
    shelf.sell()
    offer = shelf.seller.get("/offers").json()["items"][-1]
    assert offer["subjectId"] == shelf.guide["id"]
    by = Actor(user=grace)
    reader = Reader(by=by, network="n", path="/")
    challenge = purchase(find_domain("ada", by), offer["id"], reader)
    confirm_payment(challenge.payment.payment_hash, pay(challenge.payment.payment_hash), by=by)

    assert SECRET in client_of(grace).get("/@ada/guides/first").content.decode()
    assert SECRET not in Client().get("/@ada/guides/first").content.decode()

    with TestCase.captureOnCommitCallbacks(execute=True):
        shelf.seller.patch(f"/offers/{offer['id']}", {"active": False})

    assert SECRET in Client().get("/@ada/guides/first").content.decode()
    call_command("recount")
