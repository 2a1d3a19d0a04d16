"""Measured figures and the tables that print them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures for one kind of request: throughput, and latency in milliseconds.

    ``count`` are successful requests. ``pace`` is the speed of the machine meanwhile (see
    `devtools.bench.pace`); 0 if it was not measured.
    """

    name: str
    per_second: float
    p50: float
    p95: float
    p99: float
    count: int
    errors: int
    pace: float = 0.0


def compute_figures(name: str, seconds: float, times: list[float], errors: int) -> Figures:
    """``times`` are the latencies of the successful requests, in seconds."""
    times = sorted(times)

    def percentile(share: float) -> float:
        return 1000 * times[int((len(times) - 1) * share)] if times else 0

    p50, p95, p99 = (percentile(share) for share in (0.5, 0.95, 0.99))
    return Figures(name, len(times) / seconds, p50, p95, p99, len(times), errors)


def print_figures(figures: Iterable[Figures]) -> None:
    print_table(
        ["request", "per second", "p50 ms", "p95 ms", "p99 ms", "requests", "errors", "pace ms"],
        [
            [f.name, f"{f.per_second:,.0f}"]
            + [f"{value:.1f}" for value in (f.p50, f.p95, f.p99)]
            + [f"{f.count:,}", f"{f.errors:,}", f"{f.pace:.0f}" if f.pace else "·"]
            for f in figures
        ],
    )


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head; all columns but the first are right-aligned."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        numbers = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        print("  ".join([row[0].ljust(widths[0]), *numbers]))
    print(flush=True)
