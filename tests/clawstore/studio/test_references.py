"""Pages name what a document refers to, and hide what is not published."""

import pytest
from django.test import Client

from foundation.actor import Actor
from registry.models import Agent
from tests.support.studio import make_asset
from wordclaw.content.items.actions import create_item, publish_item, replace_data
from wordclaw.content.models import AssetAccess, ContentItem
from wordclaw.content.previews.actions import issue_preview
from wordclaw.content.types.actions import create_content_type
from wordclaw.feedback.actions import Submitter, issue_token
from wordclaw.payments.offers.actions import create_offer, create_policy
from wordclaw.policy.models import Domain

MANIFEST = {
    "fields": [
        {"name": "title", "type": "text"},
        {"name": "next", "type": "content-ref"},
        {"name": "more", "type": "content-ref-list"},
        {"name": "file", "type": "asset"},
        {"name": "agent", "type": "agent-ref"},
    ]
}
TERMS = {"name": "Reading", "max_reads": None, "ttl_seconds": None, "terms": ""}
COLUMNS = {"name": "Notes", "slug": "note", "visibility": "public"}


@pytest.fixture
def notes(domain: Domain, by_ada: Actor) -> Domain:
    create_content_type(domain, COLUMNS, manifest=MANIFEST, by=by_ada)
    return domain


def reference(item: ContentItem) -> dict[str, str]:
    return {"contentItemId": str(item.pk)}


def note(domain: Domain, title: str, by: Actor, **data: object) -> ContentItem:
    return create_item(domain, "note", {"title": title, **data}, by=by)


def test_targets_are_named_for_members_and_for_readers(
    notes: Domain, by_ada: Actor, ada_client: Client, client: Client, coach: Agent
) -> None:
    live = note(notes, "A live note", by_ada)
    publish_item(notes, live.pk, by=by_ada)
    replace_data(notes, live.pk, {"title": "Its new title"}, by=by_ada)
    draft = note(notes, "A secret draft", by_ada)
    asset = make_asset(notes, "plan.pdf")
    asset.access = AssetAccess.SIGNED
    asset.save()
    item = note(
        notes,
        "Begin",
        by_ada,
        next=reference(live),
        more=[reference(draft)],
        file={"assetId": str(asset.pk)},
        agent={"agent": "@ada/coach"},
    )
    publish_item(notes, item.pk, by=by_ada)
    person = Submitter("ann", "Ann")
    _token, secret = issue_token(notes, "content_item", str(item.pk), submitter=person, by=by_ada)
    preview = issue_preview(notes, str(item.pk), ttl_seconds=900, locale=None, by=by_ada)
    for address in (f"/feedback/{secret}", f"/preview/{preview.token}"):
        page = client.get(address).content.decode()
        assert "A live note" in page, address
        assert "Not published" in page, address
        assert '<a href="/agents/@ada/coach">@ada/coach</a>' in page, address
        assert "plan.pdf" in page, address
        for text in ("Its new title", "A secret draft", str(draft.pk), str(asset.pk)):
            assert text not in page, (address, text)

    page = ada_client.get(f"/studio/@ada/items/{item.pk}/versions/1").content.decode()
    for text in ("Its new title", "A secret draft", f"/studio/@ada/items/{draft.pk}", "plan.pdf"):
        assert text in page, text


def test_price_hides_the_title_of_a_target(notes: Domain, by_ada: Actor, client: Client) -> None:
    sold = note(notes, "A title for buyers", by_ada)
    item = note(notes, "Begin", by_ada, next=reference(sold))
    for priced_item in (sold, item):
        publish_item(notes, priced_item.pk, by=by_ada)
    policy = create_policy(notes, TERMS, by=by_ada).policy
    create_offer(
        notes,
        subject_type="content_item",
        subject_id=str(sold.pk),
        amount_satoshis=5,
        policy_id=str(policy.pk),
        by=by_ada,
    )
    _token, secret = issue_token(
        notes, "content_item", str(item.pk), submitter=Submitter("ann"), by=by_ada
    )
    page = client.get(f"/feedback/{secret}").content.decode()
    assert "A title for buyers" not in page
    assert "Untitled" in page


@pytest.mark.once
def test_comparisons_name_targets(notes: Domain, by_ada: Actor, ada_client: Client) -> None:
    first, second = (note(notes, title, by_ada) for title in ("The first", "The second"))
    item = note(notes, "Begin", by_ada, next=reference(first))
    data = {"title": "Begin", "next": reference(second), "more": [reference(first)]}
    replace_data(notes, item.pk, data, by=by_ada)

    page = ada_client.get(f"/studio/@ada/items/{item.pk}/changes/1...2").content.decode()

    assert '<del class="difference-value" dir="auto">The first</del>' in page
    assert '<ins class="difference-value" dir="auto">The second</ins>' in page
    assert "contentItemId" not in page
    assert "Next</strong>" in page
