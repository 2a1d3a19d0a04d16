"""Measure what reads lose beside publishes, reviews and downloads (Linux only).

Rounds without and with events alternate, so that a machine that becomes slower changes both. A
rate depends on what else the machine does; the processor time of a read does not. The time that the
events need by themselves is measured before and subtracted.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median

from devtools.bench.client import get_request, run_load
from devtools.bench.events import PER_SECOND, EventSource, make_event_source
from devtools.bench.reading import paths_by_name
from devtools.bench.searching import search_paths, searches_by_kind
from devtools.bench.shop import BenchShop

CONNECTIONS = 8
ROUNDS = 3
WARM_UP_REQUESTS = 200
RATES = (1, 5)
"""Multiples of the usual number of events, each of which is measured."""
HEAD = [
    "read",
    "events",
    "alone /s",
    "beside /s",
    "share",
    "alone ms",
    "beside ms",
    "share by processor",
]


@dataclass(slots=True)
class Rounds:
    """Reads per second and processor milliseconds of a read, by round."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)


def measure_beside(shop: BenchShop, *, seconds: float) -> Iterator[list[str]]:
    """Yield the rows of the table ``HEAD``; the last column compares processor time."""
    from registry.agents.rendered import store_all_missing_parts
    from registry.files.rendered import store_all_missing_file_lists

    # As the worker has done in a shop that runs.
    store_all_missing_parts()
    store_all_missing_file_lists()
    source = make_event_source(shop)
    paths = read_paths(shop)
    answers: Counter[str] = Counter()
    shop.close_database()
    for rate in RATES:
        cost = _measure_events(shop, source, rate, seconds, answers)
        yield _row_of_events(rate, cost)
        for name, paths_of_kind in paths.items():
            yield [name, *_measure(shop, source, rate, paths_of_kind, seconds, cost, answers)]
    yield [", ".join(f"{count:,} {kind}" for kind, count in sorted(answers.items())), *[""] * 7]


def read_paths(shop: BenchShop) -> dict[str, list[str]]:
    paths = paths_by_name(shop)
    agents = shop.list_agents(2_000)
    words = searches_by_kind(count=100)
    texts = [text for kind in ("one common word", "four words") for text in words[kind]]
    return {
        **{name: addresses for name, addresses in paths.items() if "tarball" not in name},
        "/ (page)": ["/"],
        "/agents/@{s}/{n} (one page)": [f"/agents/@{agents[0][0]}/{agents[0][1]}"],
        "/agents?q={text} (pages)": search_paths("/agents", texts),
        "/v1/agents?q={text}": search_paths("/v1/agents", texts),
        "/agents?category=writing (page)": ["/agents?category=writing"],
        "/@{s} (page)": [f"/@{scope}" for scope, _, _ in agents[:300]],
        "/feeds/versions.atom": ["/feeds/versions.atom"],
    }


def _measure_events(
    shop: BenchShop, source: EventSource, rate: int, seconds: float, answers: Counter[str]
) -> float:
    """The processor seconds that the events of a second need."""
    with source.run(rate) as events:
        time.sleep(1)
        begin, cpu = time.perf_counter(), shop.cpu_seconds()
        time.sleep(max(seconds, 5))
        cost = (shop.cpu_seconds() - cpu) / (time.perf_counter() - begin)
    answers.update(events)
    return cost


def _row_of_events(rate: int, cost: float) -> list[str]:
    events = " · ".join(f"{rate * number} {kind}" for kind, number in PER_SECOND.items())
    return [f"{events} a second", f"{rate} x", *[""] * 4, f"{1000 * cost:.0f} / s", ""]


def _measure(
    shop: BenchShop,
    source: EventSource,
    rate: int,
    paths: list[str],
    seconds: float,
    cost: float,
    answers: Counter[str],
) -> list[str]:
    alone, beside = Rounds(), Rounds()
    warm_up = islice(cycle([get_request(path) for path in paths]), WARM_UP_REQUESTS)
    run_load("", shop.port, [warm_up], seconds=seconds)
    for _ in range(ROUNDS):
        _read(shop, paths, seconds, alone, 0)
        with source.run(rate) as events:
            _read(shop, paths, seconds, beside, cost)
        answers.update(events)
    rates = median(alone.rates), median(beside.rates)
    costs = median(alone.costs), median(beside.costs)
    return [
        f"{rate} x",
        *(f"{value:,.0f}" for value in rates),
        f"{rates[1] / rates[0]:.2f}",
        *(f"{value:.2f}" for value in costs),
        f"{costs[0] / costs[1]:.2f}",
    ]


def _read(
    shop: BenchShop, paths: list[str], seconds: float, rounds: Rounds, cost_of_events: float
) -> None:
    requests = [get_request(path) for path in paths]
    # Each connection begins at another path.
    starts = range(0, len(requests), -(-len(requests) // CONNECTIONS))
    per_connection = [cycle(requests[start:] + requests[:start]) for start in starts]
    per_connection += [cycle(requests) for _ in range(CONNECTIONS - len(per_connection))]
    begin, cpu = time.perf_counter(), shop.cpu_seconds()
    figures, refusals = run_load("", shop.port, list(per_connection), seconds=seconds)
    duration = time.perf_counter() - begin
    if refusals:
        raise SystemExit(f"{paths[0]}: refused by status {dict(refusals)}")
    cpu = shop.cpu_seconds() - cpu - cost_of_events * duration
    rounds.rates.append(figures.per_second)
    rounds.costs.append(1000 * cpu / figures.count)
