"""Members sell items and content types in the studio, and refund sales."""

from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from tests.clawstore.studio.conftest import post_form
from tests.support.studio import make_sale
from tests.wordclaw.payments.conftest import mock_provider
from wordclaw.content.items.actions import publish_item
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.payments.models import Entitlement, LicencePolicyVersion, Offer
from wordclaw.policy.models import Domain

__all__ = ["mock_provider"]

TYPE_SALES = "/studio/@ada/types/guide/sales"
TERMS = {"amount": "21", "days": "30", "reads": "5", "policy_name": "Reading", "terms": "Read it."}


@pytest.fixture
def item(domain: Domain, guide: ContentItem, by_ada: Actor) -> ContentItem:
    """A published item of a public type."""
    ContentType.objects.filter(slug="guide").update(visibility="public")
    publish_item(domain, guide.pk, by=by_ada)
    guide.refresh_from_db()
    return guide


def sales_of(item: ContentItem) -> str:
    return f"/studio/@ada/items/{item.pk}/sales"


def test_member_sells_an_item_and_stops(item: ContentItem, ada_client: Client) -> None:
    path = f"/v1/domains/ada/content-items/{item.pk}"

    assert post_form(ada_client, sales_of(item), TERMS).status_code == 302

    offer = Offer.objects.get()
    assert (offer.subject, offer.amount_satoshis) == (f"content_item:{item.pk}", 21)
    assert Client().get(path).status_code == 402
    for address in (f"/studio/@ada/items/{item.pk}", "/studio/@ada/types/guide"):
        assert "sold for 21 sat" in ada_client.get(address).text

    answer = post_form(ada_client, f"/studio/@ada/offers/{offer.pk}", {"do": "stop"})
    assert answer["Location"] == sales_of(item)
    assert Client().get(path).status_code == 200
    assert "stopped" in ada_client.get(sales_of(item)).text


def test_offer_of_a_type_sells_all_its_items(item: ContentItem, ada_client: Client) -> None:
    post_form(ada_client, TYPE_SALES, TERMS)

    assert Client().get(f"/v1/domains/ada/content-items/{item.pk}").status_code == 402
    assert "sold for 21 sat" in ada_client.get("/studio/@ada").text
    assert "are sold together for 21 sat" in ada_client.get(sales_of(item)).text
    assert "Guides" in ada_client.get("/studio/@ada/sales").text


def test_refused_form_keeps_what_was_typed(item: ContentItem, ada_client: Client) -> None:
    answer: Any = post_form(ada_client, sales_of(item), TERMS | {"amount": "0"})
    assert answer.status_code == 422
    assert all(f'value="{text}"' in answer.text for text in ("0", "30", "5", "Reading"))
    assert "Read it.</textarea>" in answer.text

    ContentType.objects.update(visibility="private")
    answer = post_form(ada_client, sales_of(item), TERMS)
    assert (answer.status_code, Offer.objects.count()) == (409, 0)
    assert "Buyers could not read this: it is private." in answer.text
    assert LicencePolicyVersion.objects.count() == 0


def test_changed_terms_are_the_next_version(
    item: ContentItem, ada_client: Client, grace: User
) -> None:
    post_form(ada_client, sales_of(item), TERMS)
    offer = Offer.objects.get()
    address = f"/studio/@ada/offers/{offer.pk}"

    # The price alone makes no version.
    post_form(ada_client, address, TERMS | {"amount": "50", "do": "save"})
    assert LicencePolicyVersion.objects.count() == 1
    post_form(ada_client, address, TERMS | {"amount": "50", "reads": "9", "do": "save"})

    offer.refresh_from_db()
    versions = LicencePolicyVersion.objects.order_by("version").values_list("version", "max_reads")
    assert (offer.amount_satoshis, list(versions)) == (50, [(1, 5), (2, 9)])
    assert "version 2" in ada_client.get(sales_of(item)).text


def test_refund_needs_a_reason(item: ContentItem, ada_client: Client, grace: User) -> None:
    sale = make_sale(item, grace)
    address = f"/studio/@ada/sales/{sale.pk}"
    for list_address in (sales_of(item), "/studio/@ada/sales"):
        assert {"grace", address} <= set(
            ada_client.get(list_address).text.replace('"', " ").split()
        )

    assert post_form(ada_client, address, {"reason": " "}).status_code == 422
    assert post_form(ada_client, address, {"reason": "Wrong text."}).status_code == 302

    row = Entitlement.objects.get()
    assert (row.status, row.revocation_reason) == ("revoked", "Wrong text.")
    assert "Wrong text." in ada_client.get(address).text
    assert "End the right" not in ada_client.get(address).text
    answer: Any = post_form(ada_client, address, {"reason": "Again."})
    assert answer.status_code == 409


def test_form_of_an_earlier_session_sells_nothing(item: ContentItem, ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    headers = {"Origin": "http://testserver"}

    answer: Any = post_form(client, sales_of(item), TERMS, headers=headers)

    assert (answer.status_code, Offer.objects.count()) == (422, 0)
    assert 'value="21"' in answer.text
