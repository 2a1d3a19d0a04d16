"""Free and paid agents in searches, and prices in the index of an agent."""

from typing import Any

import pytest
from django.test import Client

from registry.models import Agent
from tests.clawstore.sales.conftest import PaidAgent


def found(query: str) -> list[str]:
    response: Any = Client().get(f"/v1/agents?{query}")
    assert response.status_code == 200, response.content
    return sorted(item["name"] for item in response.json()["items"])


@pytest.mark.once
def test_free_and_paid_are_filters(paid: PaidAgent, coach: Agent) -> None:
    assert found("price=free") == ["coach"]
    assert found("price=paid") == ["planner"]
    # The word is a filter of the text, too.
    assert found("q=planner+coach+free") == ["coach"]
    answer: Any = Client().get("/v1/agents?price=cheap")
    assert answer.status_code == 400
    page: Any = Client().get("/agents")
    assert "?price=paid" in page.content.decode()

    paid.seller.patch(f"/offers/{paid.offer['id']}", {"active": False})

    assert found("price=free") == ["coach", "planner"]
    assert found("q=planner+free") == ["planner"]
    page = Client().get("/agents")
    assert "price=paid" not in page.content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    ("subject", "priced"), [("@ada/planner", {"1.0.0", "1.1.0"}), ("@ada/planner@1.0.0", {"1.0.0"})]
)
def test_index_tells_the_price_of_each_version(sell: Any, subject: str, priced: set[str]) -> None:
    paid = sell("agent_version" if "@1" in subject else "agent", subject)

    response: Any = Client().get("/v1/index/@ada/planner.json")

    offers = {row["version"]: row.get("offer") for row in response.json()["versions"]}
    assert {number for number, offer in offers.items() if offer} == priced
    assert offers["1.0.0"] == {"id": paid.offer["id"], "amountSatoshis": 21}
