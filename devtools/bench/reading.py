"""Requests per second of what is read most."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from devtools.bench.client import get, run_load
from devtools.bench.figures import Figures
from devtools.bench.pace import pace
from devtools.bench.shop import Shop

LUA = Path(__file__).with_name("report.lua")
WARM_UP_REQUESTS = 40


def pages(shop: Shop) -> dict[str, list[str]]:
    """The paths of every measurement; those of many agents are asked for in turn."""
    agents, latest = shop.some_agents(500), shop.some_tarballs()
    return {
        "/v1/agents": ["/v1/agents"],
        "/v1/agents?q=coach": ["/v1/agents?q=coach"],
        "/v1/agents?q=coach&sort=recent": ["/v1/agents?q=coach&sort=recent"],
        "/v1/agents/{s}/{n}": [f"/v1/agents/{scope}/{name}" for scope, name, _ in agents],
        "/v1/…/versions/{v}": [f"/v1/agents/{s}/{n}/versions/{v}" for s, n, v in agents],
        "/v1/…/versions/{v}/tarball": [
            f"/v1/agents/{s}/{n}/versions/{v}/tarball" for s, n, v in latest
        ],
        "/agents (page)": ["/agents"],
        "/agents/@{s}/{n} (page)": [f"/agents/@{scope}/{name}" for scope, name, _ in agents],
        "/agents/@{s}/{n}/changes (page)": [
            f"/agents/@{scope}/{name}/changes" for scope, name in shop.some_with_steps(30)
        ],
    }


def measure_reading(shop: Shop, *, seconds: float, connections: int) -> Iterator[Figures]:
    with_wrk = shutil.which("wrk") is not None
    for name, paths in pages(shop).items():
        warm_up = islice(cycle([get(path) for path in paths]), WARM_UP_REQUESTS)
        run_load(name, shop.port, [warm_up], seconds=seconds)
        measure = _measure_with_wrk if with_wrk else _measure_by_ourselves
        before = pace()
        figures = measure(name, paths, shop.port, seconds, connections)
        yield replace(figures, pace=(before + pace()) / 2)


def _measure_with_wrk(
    name: str, paths: list[str], port: int, seconds: float, connections: int
) -> Figures:
    with tempfile.NamedTemporaryFile("w") as listed:
        listed.write("\n".join(paths) + "\n")
        listed.flush()
        said = subprocess.run(
            [
                *("wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s"),
                *("-s", str(LUA), f"http://127.0.0.1:{port}"),
            ],
            env=os.environ | {"BENCH_PATHS": listed.name},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    line = next(line for line in said.splitlines() if line.startswith("BENCH "))
    requests, microseconds, errors, *percentiles = map(int, line.split()[1:])
    p50, p95, p99 = (value / 1000 for value in percentiles)
    good = requests - errors
    return Figures(name, good / (microseconds / 1e6), p50, p95, p99, good, errors)


def _measure_by_ourselves(
    name: str, paths: list[str], port: int, seconds: float, connections: int
) -> Figures:
    requests = [get(path) for path in paths]
    each = [cycle(requests[at:] + requests[:at]) for at in range(connections)]
    return run_load(name, port, list(each), seconds=seconds)[0]
