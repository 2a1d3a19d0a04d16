"""Measure searches of all kinds at once, and nonsense beside the list."""

import threading
from collections.abc import Iterator
from itertools import cycle, repeat
from random import Random
from statistics import median

from devtools.bench.client import get_request, run_load
from devtools.bench.figures import Figures
from devtools.bench.searching import nonsense_text, search_paths, searches_by_kind
from devtools.bench.shop import BenchShop

CONNECTIONS = 8
ROUNDS = 5


def measure_concurrent_searches(shop: BenchShop, *, seconds: float) -> Iterator[Figures]:
    """Searches of all kinds in turn over eight connections, by the API and as pages."""
    kinds = searches_by_kind().values()
    texts = [text for texts_of_each in zip(*kinds, strict=False) for text in texts_of_each]
    shop.close_database()
    for address in ("/v1/agents", "/agents"):
        requests = [get_request(path) for path in search_paths(address, texts)]
        # Each connection takes another part, so that no search is asked twice.
        parts = [iter(requests[start::CONNECTIONS]) for start in range(CONNECTIONS)]
        name = f"{address}: searches, {CONNECTIONS} at once"
        yield run_load(name, shop.port, list(parts), seconds=10 * seconds)[0]


def measure_beside_nonsense(shop: BenchShop, *, seconds: float) -> list[tuple[str, str]]:
    """Compare the rate of the list alone with its rate beside eight nonsense searches.

    In turns, because the pace of a shared machine changes within a minute.
    """
    rates: dict[str, list[float]] = {"alone": [], "beside nonsense": []}
    rng = Random(7)
    for _ in range(ROUNDS):
        for name, of_kind in rates.items():
            beside = threading.Thread(target=_search_nonsense, args=(shop.port, rng, seconds))
            if name != "alone":
                beside.start()
            of_kind.append(_list_rate(shop.port, seconds))
            if name != "alone":
                beside.join()
    ratios = [beside / alone for alone, beside in zip(*rates.values(), strict=True)]
    return [
        *((f"list {name}", f"{median(of_kind):,.0f} a second") for name, of_kind in rates.items()),
        ("ratio, median of rounds", f"{median(ratios):.2f}"),
    ]


def _list_rate(port: int, seconds: float) -> float:
    request = get_request("/v1/agents")
    requests: list[Iterator[bytes]] = [repeat(request) for _ in range(CONNECTIONS)]
    return run_load("list", port, requests, seconds=seconds)[0].per_second


def _search_nonsense(port: int, rng: Random, seconds: float) -> None:
    def requests() -> Iterator[bytes]:
        for _ in cycle([0]):
            yield get_request(search_paths("/v1/agents", [nonsense_text(rng)])[0])

    run_load("nonsense", port, [requests() for _ in range(CONNECTIONS)], seconds=seconds)
