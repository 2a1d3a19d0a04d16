"""A shop that sells: the mock provider, a type with a premium field, buyers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from foundation.accounts.models import User
from profiles.actions import make_development_user
from tests.support.factories import SYSTEM
from tests.support.http import Api
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi

SECRET = "the-words-that-cost"
GUIDE = {
    "type": "object",
    "required": ["title"],
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "stars": {"type": "integer"},
        "body": {"type": "string", "premium": True},
    },
}
CHALLENGE = re.compile(
    r'L402 version="0", token="([\w-]+)", macaroon="([\w-]+)", invoice="(lnbc\w+)"'
)


def pay(payment_hash: str) -> str:
    """Pay at the mock provider as a buyer's wallet does; return the preimage."""
    out = StringIO()
    call_command("mock_pay", payment_hash, stdout=out)
    return out.getvalue().strip()


@dataclass
class Sale:
    """A published item of Ada with an offer, and the clients of readers."""

    seller: ContentApi
    visitor: ContentApi
    buyer: ContentApi
    item: dict[str, Any]
    offer: dict[str, Any]

    @property
    def path(self) -> str:
        return f"/content-items/{self.item['id']}"

    def challenge(self, client: ContentApi | None = None) -> Any:
        """The details of a refusal 402, and the token of its header."""
        response = (client or self.visitor).get(self.path)
        assert response.status_code == 402, response.content
        return read_challenge(response)

    def purchase(self, client: ContentApi | None = None) -> Any:
        response = (client or self.buyer).post(f"/offers/{self.offer['id']}/purchase")
        assert response.status_code == 402, response.content
        return read_challenge(response)

    def read_with(self, token: str, preimage: str, scheme: str = "L402") -> Any:
        return self.visitor.get(self.path, Authorization=f"{scheme} {token}:{preimage}")


def read_challenge(response: Any) -> Any:
    error = response.json()["error"]
    match = CHALLENGE.fullmatch(response["WWW-Authenticate"])
    assert match, response["WWW-Authenticate"]
    assert match[1] == match[2] == error["details"]["token"]
    assert match[3] == error["details"]["invoice"]
    assert error["code"] == "payment_required"
    return error["details"]


@pytest.fixture(autouse=True)
def mock_provider(settings: Any) -> None:
    settings.PAYMENT_PROVIDER = "mock"


@pytest.fixture
def make_sale(api: Api, ada: User, key_for: Callable[..., str]) -> Callable[..., Sale]:
    def make(**options: Any) -> Sale:
        return make_sale_with(api, ada, key_for, **options)

    return make


def make_sale_with(
    api: Api,
    ada: User,
    key_for: Callable[..., str],
    *,
    schema: dict[str, Any] = GUIDE,
    data: Any = None,
    amount: int = 21,
    **policy: Any,
) -> Sale:
    """Publish an item of Ada and offer it; Bob buys."""
    seller = ContentApi(api, key_for(ada, *ALL_SCOPES))
    seller.make_type("guide", schema=schema, visibility="public")
    item = seller.make_item("guide", data or {"title": "One", "stars": 5, "body": SECRET})
    seller.publish(item)
    offer = make_offer(seller, "content_item", item["id"], amount, **policy)
    buyer = ContentApi(api, key_for(make_development_user("bob", by=SYSTEM), "read"))
    return Sale(seller, ContentApi(api, ""), buyer, item, offer)


def make_offer(
    seller: ContentApi, subject_type: str, subject_id: str, amount: int = 21, **policy: Any
) -> Any:
    terms = seller.post("/licence-policies", {"name": "Reading"} | policy)
    assert terms.status_code == 201, terms.content
    body = {
        "subjectType": subject_type,
        "subjectId": subject_id,
        "amountSatoshis": amount,
        "policyId": terms.json()["id"],
        "active": True,
    }
    response = seller.post("/offers", body)
    assert response.status_code == 201, response.content
    return response.json()


@pytest.fixture
def sale(make_sale: Callable[..., Sale]) -> Sale:
    return make_sale()
