"""Measure the shop on a synthetic catalogue: python devtools/bench/run.py --agents 10000"""

import os
import platform
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from devtools.bench.crawler import A_SECOND, ADDRESSES, measure_crawler
from devtools.bench.figures import print_figures, print_table
from devtools.bench.memory import measure_memory
from devtools.bench.reading import measure_reading
from devtools.bench.shop import Shop
from devtools.bench.writing import measure_writing


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    agents = int(os.environ.get("AGENTS") or 10_000)
    parser.add_argument("--agents", type=int, default=agents, metavar="N")
    parser.add_argument("--seconds", type=float, default=5, help="for each measurement")
    parser.add_argument("--connections", type=int, default=16, help="that read at once")
    asked = parser.parse_args()
    print(
        f"{asked.agents:,} agents · {os.cpu_count()} cores · Python {platform.python_version()}",
        flush=True,
    )
    with (
        tempfile.TemporaryDirectory("-clawstore-bench") as folder,
        Shop(Path(folder), agents=asked.agents) as shop,
    ):
        print_all(shop, seconds=asked.seconds, connections=asked.connections)


def print_all(shop: Shop, *, seconds: float, connections: int) -> None:
    print(
        f"\nReading, {connections} connections, {seconds:g} s each. The pace is the machine's own:"
    )
    print("how long a fixed loop takes before and after; at twice the pace, halve the expectation.")
    print_figures(measure_reading(shop, seconds=seconds, connections=connections))
    print(f"Writing, {seconds:g} s each")
    written = list(measure_writing(shop, seconds=seconds))
    print_figures(figures for figures, _ in written)
    for figures, refused in written:
        if refused:
            print(f"{figures.name}: refused by status {refused}")
    crawling = max(20.0, 4 * seconds)
    print(f"A crawler that asks for every couple of versions, {A_SECOND} times a second", end="")
    print(f" from {ADDRESSES:,} addresses, {crawling:g} s")
    print_table(["what", "figure"], measure_crawler(shop, seconds=crawling))
    print("Publishing a package of 100 MiB")
    print_table(["what", "figure"], measure_memory(shop))


if __name__ == "__main__":
    main()
