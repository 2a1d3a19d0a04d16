"""Measure the processor time of a page, without a server and without caches.

The time of the process does not depend on what else the machine does, so these figures can be
compared between commits better than requests per second.
"""

import time
from collections.abc import Iterator
from itertools import cycle, islice

from devtools.bench.figures import Figures, compute_figures
from devtools.bench.searching import search_paths, searches_by_kind
from devtools.bench.shop import BenchShop
from foundation.batches import in_batches

WARM_UP_REQUESTS = 30
REQUESTS = 120
# Of the API, whose requests take less than a millisecond.
API_REQUESTS = 600


def measure_processor_time(shop: BenchShop) -> Iterator[Figures]:
    """Figures of pages with stored parts; ``per_second`` is of one process."""
    from django.test import override_settings

    from registry.agents.rendered import store_missing_parts

    while store_missing_parts():
        pass
    with override_settings(KEEP_PAGES=False):
        for name, paths in _paths_by_name(shop).items():
            _measure(name, list(islice(cycle(paths), WARM_UP_REQUESTS)))
            yield _measure(name, list(islice(cycle(paths), REQUESTS)))
    shop.close_database()


def measure_searches(shop: BenchShop) -> Iterator[Figures]:
    """Figures of each kind of search, by the API and as a page, each with other words."""
    from django.test import override_settings

    kinds = searches_by_kind()
    with override_settings(KEEP_PAGES=False):
        for address in ("/v1/agents", "/agents"):
            _measure("", search_paths(address, ["a first search", "another frist search"]))
            if address == "/agents":
                # As the worker stores the rows of all agents.
                _store_rows([text for texts in kinds.values() for text in texts])
            for kind, texts in kinds.items():
                yield _measure(f"{address}: {kind}", search_paths(address, texts))
    shop.close_database()


def _store_rows(texts: list[str]) -> None:
    from registry.agents.rendered_rows import store_rows
    from registry.search import parse_search, search

    results = {agent_id for text in texts for agent_id in search(parse_search(text)).ids}
    for agent_ids in in_batches(sorted(results)):
        store_rows(agent_ids)


def _paths_by_name(shop: BenchShop) -> dict[str, list[str]]:
    agents = shop.list_agents(2_000)
    return {
        "/ (page)": ["/"],
        "/agents (page)": ["/agents"],
        "/agents?page={n} (page)": [f"/agents?page={number}" for number in range(1, 60)],
        "/agents/@{s}/{n} (page)": [f"/agents/@{scope}/{name}" for scope, name, _ in agents],
        "/agents/@{s}/{n}/versions (page)": [
            f"/agents/@{scope}/{name}/versions" for scope, name, _ in agents
        ],
    }


def measure_keys(shop: BenchShop) -> Iterator[Figures]:
    """Figures of the API without and with a key, and of a long list."""
    ((_, key),) = shop.make_writers(1, prefix="bench-reader")
    agents = shop.list_agents(2_000)
    for name, paths in {
        "/v1/agents": ["/v1/agents"],
        "/v1/agents?limit=100": ["/v1/agents?limit=100"],
        "/v1/agents?q=coach": ["/v1/agents?q=coach"],
        "/v1/agents/{s}/{n}": [f"/v1/agents/{scope}/{name}" for scope, name, _ in agents],
        "/v1/agents/{s}/{n}/versions": [
            f"/v1/agents/{scope}/{name}/versions" for scope, name, _ in agents
        ],
    }.items():
        for suffix, sent_key in (("", ""), (" with a key", key)):
            _measure(name, list(islice(cycle(paths), WARM_UP_REQUESTS)), key=sent_key)
            paths_of_run = list(islice(cycle(paths), API_REQUESTS))
            yield _measure(name + suffix, paths_of_run, key=sent_key)
    shop.close_database()


def _measure(name: str, paths: list[str], *, key: str = "") -> Figures:
    from django.test import Client

    client, times, errors = Client(HTTP_HOST="127.0.0.1"), [], 0
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    for path in paths:
        begin = time.process_time()
        response = client.get(path, headers=headers)
        times.append(time.process_time() - begin)
        errors += response.status_code != 200
    return compute_figures(name, sum(times), times, errors)
