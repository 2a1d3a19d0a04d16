"""A paid agent with a secret text, its seller, and a buyer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.actor import Actor
from profiles.actions import make_development_user
from tests.support.factories import SYSTEM
from tests.support.http import Api
from tests.support.uploads import publish_planner
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from tests.wordclaw.payments.conftest import make_offer, mock_provider, pay

__all__ = ["mock_provider", "pay"]

SECRET = "zanzibarquux"
AGENT = "/agents/@ada/planner"
API = "/v1/agents/ada/planner"


def files(version: str) -> dict[str, str]:
    """Files of all kinds whose texts appear somewhere, each with the secret."""
    text = f"{SECRET} of {version}"
    return {
        "README.md": f"# Planner\n\n{text}\n",
        "CHANGELOG.md": f"# Changelog\n\n## {version}\n\n- {text}\n",
        "docs/plan.md": f"# Plan\n\n{text}\n",
        "data/list.yaml": f"a: {text}\n",
        "HEARTBEAT.md": f"- {text}\n",
        "BOOT.md": f"- {text}\n",
    }


@dataclass
class PaidAgent:
    """``@ada/planner`` with two versions and an offer on all of them."""

    api: Api
    seller: ContentApi
    buyer: User
    buyer_key: str
    offer: dict[str, Any]

    def buy(self) -> str:
        """Let the buyer buy and pay; return the payment hash."""
        response: Any = self.api.post(
            f"/v1/domains/ada/offers/{self.offer['id']}/purchase", key=self.buyer_key
        )
        assert response.status_code == 402, response.content
        payment_hash: str = response.json()["error"]["details"]["paymentHash"]
        path = f"/v1/payments/{payment_hash}/confirm"
        assert (
            self.api.post(path, {"preimage": pay(payment_hash)}, key=self.buyer_key).status_code
            == 200
        )
        return payment_hash


@pytest.fixture
def sell(
    api: Api, ada: User, as_ada: Actor, key_for: Callable[..., str]
) -> Callable[..., PaidAgent]:
    def start(subject: str = "agent", subject_id: str = "@ada/planner", **policy: Any) -> PaidAgent:
        for version in ("1.0.0", "1.1.0"):
            publish_planner(version, as_ada, files(version))
        seller = ContentApi(api, key_for(ada, *ALL_SCOPES))
        offer = make_offer(seller, subject, subject_id, **policy)
        buyer = make_development_user("bob", by=SYSTEM)
        return PaidAgent(api, seller, buyer, key_for(buyer, "read"), offer)

    return start


@pytest.fixture
def paid(sell: Callable[..., PaidAgent]) -> PaidAgent:
    return sell()
