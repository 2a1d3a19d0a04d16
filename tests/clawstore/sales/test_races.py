"""An offer starts while a version is published."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from foundation.actor import Actor
from registry.models import Agent
from tests.clawstore.sales.conftest import API, PaidAgent, files
from tests.support.uploads import publish_planner
from wordclaw.payments.models import Offer

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_no_version_of_a_paid_agent_is_free_for_a_moment(
    paid: PaidAgent, as_ada: Actor, mock_provider: None
) -> None:
    """Once the offer has started no version is free, whichever of the two came first."""
    path = f"/offers/{paid.offer['id']}"
    for number in ("1.2.0", "1.3.0", "1.4.0"):
        paid.seller.patch(path, {"active": False})
        barrier = Barrier(3)

        def start_offer() -> None:
            paid.seller.patch(path, {"active": True})

        def publish(number: str = number) -> None:
            publish_planner(number, as_ada, files(number))

        def watch(number: str = number) -> list[int]:
            """The answers to reads that began after the offer had started."""
            statuses = []
            for _ in range(30):
                is_sold = Offer.objects.filter(is_active=True).exists()
                status = Client().get(f"{API}/versions/{number}/tarball").status_code
                statuses += [status] if is_sold else []
            return statuses

        def at_once(work: Callable[[], Any], barrier: Barrier = barrier) -> Any:
            try:
                barrier.wait(20)
                return work()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(3) as pool:
            runs = [pool.submit(at_once, work) for work in (start_offer, publish, watch)]
            statuses = runs[2].result()
            for run in runs:
                run.result()

        # 404: not published yet.
        assert set(statuses) <= {402, 404}
        agent = Agent.objects.get(name="planner")
        assert (agent.has_offers, agent.price_satoshis) == (True, 21)
        for version in ("1.0.0", number):
            assert Client().get(f"{API}/versions/{version}/tarball").status_code == 402
