"""Measure the most frequent requests: lists, search, agents, tarballs, pages."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from devtools.bench.client import get_request, run_load
from devtools.bench.figures import Figures
from devtools.bench.pace import measure_pace
from devtools.bench.shop import BenchShop

WRK_SCRIPT = Path(__file__).with_name("report.lua")
WARM_UP_REQUESTS = 40


def paths_by_name(shop: BenchShop) -> dict[str, list[str]]:
    """The paths of each measurement, which are requested in turn."""
    agents, with_tarballs = shop.list_agents(500), shop.list_agents_with_tarballs()
    return {
        "/v1/agents": ["/v1/agents"],
        "/v1/agents?q=coach": ["/v1/agents?q=coach"],
        "/v1/agents?q=coach&sort=recent": ["/v1/agents?q=coach&sort=recent"],
        "/v1/agents/{s}/{n}": [f"/v1/agents/{scope}/{name}" for scope, name, _ in agents],
        "/v1/…/versions/{v}": [f"/v1/agents/{s}/{n}/versions/{v}" for s, n, v in agents],
        "/v1/…/versions/{v}/tarball": [
            f"/v1/agents/{s}/{n}/versions/{v}/tarball" for s, n, v in with_tarballs
        ],
        "/agents (page)": ["/agents"],
        "/agents/@{s}/{n} (page)": [f"/agents/@{scope}/{name}" for scope, name, _ in agents],
        "/agents/@{s}/{n}/changes (page)": [
            f"/agents/@{scope}/{name}/changes" for scope, name in shop.list_agents_with_upgrades(30)
        ],
    }


def measure_reading(shop: BenchShop, *, seconds: float, connections: int) -> Iterator[Figures]:
    # wrk needs less CPU time than our client, of which the server then has more.
    measure = _measure_with_wrk if shutil.which("wrk") else _measure_with_own_client
    for name, paths in paths_by_name(shop).items():
        warm_up = islice(cycle([get_request(path) for path in paths]), WARM_UP_REQUESTS)
        run_load(name, shop.port, [warm_up], seconds=seconds)
        pace_before = measure_pace()
        figures = measure(name, paths, shop.port, seconds, connections)
        yield replace(figures, pace=(pace_before + measure_pace()) / 2)


def _measure_with_wrk(
    name: str, paths: list[str], port: int, seconds: float, connections: int
) -> Figures:
    with tempfile.NamedTemporaryFile("w") as paths_file:
        paths_file.write("\n".join(paths) + "\n")
        paths_file.flush()
        output = subprocess.run(
            [
                *("wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s"),
                *("-s", str(WRK_SCRIPT), f"http://127.0.0.1:{port}"),
            ],
            env=os.environ | {"BENCH_PATHS": paths_file.name},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    line = next(line for line in output.splitlines() if line.startswith("BENCH "))
    requests, microseconds, errors, *percentiles = map(int, line.split()[1:])
    p50, p95, p99 = (value / 1000 for value in percentiles)
    count = requests - errors
    return Figures(name, count / (microseconds / 1e6), p50, p95, p99, count, errors)


def _measure_with_own_client(
    name: str, paths: list[str], port: int, seconds: float, connections: int
) -> Figures:
    requests = [get_request(path) for path in paths]
    # Each connection begins at another path.
    per_connection = [cycle(requests[start:] + requests[:start]) for start in range(connections)]
    return run_load(name, port, list(per_connection), seconds=seconds)[0]
