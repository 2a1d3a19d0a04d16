"""Measure what a price costs: reads that are free, and those of a buyer.

The time of the process, without a server, so that figures of different commits can be compared.
"""

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING, Any

from devtools.bench.shop import BenchShop

if TYPE_CHECKING:
    from foundation.accounts.models import User
    from registry.models import Agent

HEAD = ["request", "median ms", "fewest ms", "queries"]
AGENTS = 20
WARM_UP, REQUESTS = 20, 200


def measure_paying(shop: BenchShop) -> Iterator[list[str]]:
    """Rows of packages and pages: free, free beside an offer, and bought."""
    from django.test import override_settings

    from foundation.accounts.models import User
    from registry.agents.queries import find_agent

    ((login, key),) = shop.make_writers(1, prefix="bench-buyer")
    buyer = User.objects.get(username=login)
    rows = shop.list_agents_with_tarballs()[:AGENTS]
    agents = [(find_agent(scope, name), version) for scope, name, version in rows]
    pages = [f"/agents/@{agent.scope}/{agent.name}" for agent, _ in agents]
    tarballs = [
        f"/v1/agents/{agent.scope}/{agent.name}/versions/{version}/tarball"
        for agent, version in agents
    ]
    with override_settings(KEEP_PAGES=False, PAYMENT_PROVIDER="mock"):
        yield _measure("page of a free agent", _reads(pages, ""))
        yield _measure("package of a free agent", _reads(tarballs, key))
        yield _measure("may-read alone, without offers", _questions(agents, buyer))
        for agent, version in agents:
            _sell_to(buyer, agent, version)
        yield _measure("package of its buyer", _reads(tarballs, key))
        # As they are now: with offers.
        agents = [(find_agent(scope, name), version) for scope, name, version in rows]
        yield _measure("may-read alone, of the buyer", _questions(agents, buyer))
    shop.close_database()


def _reads(paths: list[str], key: str) -> Callable[[], None]:
    from django.test import Client

    client, turns = Client(HTTP_HOST="127.0.0.1"), cycle(paths)
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    def read() -> None:
        response: Any = client.get(next(turns), headers=headers)
        if response.status_code != 200:
            raise SystemExit(f"{response.status_code} {response.content[:200]!r}")
        if response.streaming:
            for _ in response.streaming_content:
                pass

    return read


def _questions(agents: "list[tuple[Agent, str]]", buyer: "User") -> Callable[[], None]:
    from foundation.actor import Actor
    from registry.agents.sales import may_read_version
    from wordclaw.payments.access.credentials import Reader

    turns = cycle(agents)
    reader = Reader(by=Actor(user=buyer), network="", path="")

    def ask() -> None:
        agent, version = next(turns)
        if not may_read_version(agent, version, reader).is_allowed:
            raise SystemExit(f"{agent.full_id} is closed to its buyer.")

    return ask


def _sell_to(buyer: "User", agent: "Agent", version: str) -> None:
    from clawstore.sales.actions import sell_agent
    from foundation.actor import Actor
    from wordclaw.payments.access.credentials import Reader
    from wordclaw.payments.providers.mock import pay_mock_invoice
    from wordclaw.payments.purchases.actions import confirm_payment, purchase
    from wordclaw.policy.actions import find_domain

    owner, by = Actor(user=agent.owner_user, door="page"), Actor(user=buyer, door="page")
    domain = find_domain(agent.scope, owner)
    terms = {"name": "Reading", "max_reads": None, "ttl_seconds": None, "terms": ""}
    offer = sell_agent(domain, agent, version=version, amount_satoshis=21, terms=terms, by=owner)
    payment = purchase(domain, str(offer.pk), Reader(by=by, network="", path="")).payment
    confirm_payment(payment.payment_hash, pay_mock_invoice(payment.payment_hash), by=by)


def _measure(name: str, work: Callable[[], None]) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(WARM_UP):
        work()
    times = []
    for _ in range(REQUESTS):
        begin = time.process_time()
        work()
        times.append(1000 * (time.process_time() - begin))
    with CaptureQueriesContext(connection) as queries:
        work()
    return [name, f"{median(times):.2f}", f"{min(times):.2f}", f"{len(queries)}"]
