"""Measure a server with a synthetic catalogue.

Use: python -m devtools.bench --agents 10000
The content runtime alone, on an empty database of a local PostgreSQL server:
DATABASE_URL=postgresql://… python -m devtools.bench --content
and a long queue of jobs: --jobs 100000
"""

import os
import platform
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from devtools.bench.beside import CONNECTIONS, ROUNDS, measure_beside
from devtools.bench.beside import HEAD as HEAD_BESIDE
from devtools.bench.content import HEAD, ITEMS, measure_content
from devtools.bench.crawler import ADDRESSES, REQUESTS_PER_SECOND, measure_crawler
from devtools.bench.draining import HEAD as HEAD_OF_JOBS
from devtools.bench.draining import JOBS, WORKERS, measure_draining
from devtools.bench.figures import print_figures, print_table
from devtools.bench.hostile import (
    measure_hostile_uploads,
    measure_mutations,
    measure_sandbox,
)
from devtools.bench.memory import measure_memory
from devtools.bench.nonsense import measure_beside_nonsense, measure_concurrent_searches
from devtools.bench.paying import HEAD as HEAD_OF_PAYING
from devtools.bench.paying import measure_paying
from devtools.bench.processor import measure_keys, measure_processor_time, measure_searches
from devtools.bench.reading import measure_reading
from devtools.bench.shop import BenchShop
from devtools.bench.writing import measure_writing

MIN_CRAWL_SECONDS = 20.0


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    agents = int(os.environ.get("AGENTS") or 10_000)
    parser.add_argument("--agents", type=int, default=agents, metavar="N")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--connections", type=int, default=16, help="concurrent readers")
    parser.add_argument(
        "--searches", action="store_true", help="measure searches alone, of agents made in bulk"
    )
    parser.add_argument("--content", action="store_true", help="measure the content runtime alone")
    parser.add_argument("--jobs", type=int, metavar="N", help="measure a queue of N jobs alone")
    parser.add_argument("--writes", action="store_true", help="measure reads beside writes alone")
    parser.add_argument("--paying", action="store_true", help="measure what a price costs alone")
    options = parser.parse_args()
    if options.content:
        with tempfile.TemporaryDirectory("-clawstore-bench") as folder:
            shop = BenchShop(Path(folder), agents=0)
            shop.make_database()
            print_content(shop)
        return
    if options.jobs:
        with tempfile.TemporaryDirectory("-clawstore-bench") as folder:
            shop = BenchShop(Path(folder), agents=0)
            shop.make_database()
            print_draining(shop, jobs=options.jobs)
        return
    if options.searches:
        with (
            tempfile.TemporaryDirectory("-clawstore-bench") as folder,
            BenchShop(Path(folder), agents=options.agents, in_bulk=True) as shop,
        ):
            print_searches(shop, seconds=options.seconds)
        return
    print(
        f"{options.agents:,} agents · {os.cpu_count()} cores · Python {platform.python_version()}",
        flush=True,
    )
    with (
        tempfile.TemporaryDirectory("-clawstore-bench") as folder,
        BenchShop(Path(folder), agents=options.agents) as shop,
    ):
        if options.writes:
            print_beside(shop, seconds=options.seconds)
        elif options.paying:
            print_paying(shop)
        else:
            print_all(shop, seconds=options.seconds, connections=options.connections)


def print_all(shop: BenchShop, *, seconds: float, connections: int) -> None:
    print(f"\nReading: {connections} connections, {seconds:g} s each.")
    print("Pace is the time of a fixed loop, which tells how fast the machine was meanwhile:")
    print("at twice the pace expect half the requests per second.")
    print_figures(measure_reading(shop, seconds=seconds, connections=connections))
    print("Processor time of a page that is in no cache; times are those of the process")
    print_figures(measure_processor_time(shop))
    print_searches(shop, seconds=seconds)
    print("Processor time of the API, without and with a key")
    print_figures(measure_keys(shop))
    print_paying(shop)
    print(f"Writing: {seconds:g} s each")
    results = list(measure_writing(shop, seconds=seconds))
    print_figures(figures for figures, _ in results)
    for figures, refusals in results:
        if refusals:
            print(f"{figures.name}: refused by status {dict(refusals)}")
    crawl_seconds = max(MIN_CRAWL_SECONDS, 4 * seconds)
    print(
        f"Crawler: every pair of versions, {REQUESTS_PER_SECOND} requests per second"
        f" from {ADDRESSES:,} addresses, {crawl_seconds:g} s"
    )
    print_table(["figure", "value"], measure_crawler(shop, seconds=crawl_seconds))
    print("Sandbox: publish the largest package of the demo catalogue")
    print_table(["figure", "value"], measure_sandbox(shop))
    print("Sandbox: the list and two probes beside costly uploads")
    print_table(["figure", "value"], measure_hostile_uploads(shop, seconds=4 * seconds))
    print("Sandbox: damaged packages")
    print_table(["figure", "value"], measure_mutations())
    print_content(shop)
    print_draining(shop)
    print("Memory: publish a package of 100 MiB")
    print_table(["figure", "value"], measure_memory(shop))


def print_searches(shop: BenchShop, *, seconds: float) -> None:
    print("Processor time of searches, each with words that no cache has seen")
    print_figures(measure_searches(shop))
    print("Searches at once")
    print_figures(measure_concurrent_searches(shop, seconds=seconds))
    print("The list beside eight searches that find nothing")
    print_table(["figure", "value"], measure_beside_nonsense(shop, seconds=seconds))


def print_beside(shop: BenchShop, *, seconds: float) -> None:
    print(f"\nReads alone and beside events: {CONNECTIONS} connections, {ROUNDS} x {seconds:g} s")
    print_table(HEAD_BESIDE, list(measure_beside(shop, seconds=seconds)))


def print_paying(shop: BenchShop) -> None:
    print("Prices: processor time of reads that are free, and of those of a buyer")
    print_table(HEAD_OF_PAYING, list(measure_paying(shop)))


def print_content(shop: BenchShop) -> None:
    print(f"Content: {ITEMS:,} items of one type, a key per request; processor time")
    print_table(HEAD, list(measure_content(shop)))


def print_draining(shop: BenchShop, *, jobs: int = JOBS) -> None:
    print(f"Jobs: {WORKERS} workers beside each other")
    print_table(HEAD_OF_JOBS, list(measure_draining(shop, jobs=jobs)))


if __name__ == "__main__":
    main()
