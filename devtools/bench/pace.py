"""Measure the present speed of the machine.

A shared machine changes its speed by half from one minute to the next, so a figure means little
without it.
"""

import time

STEPS = 400_000


def measure_pace() -> float:
    """Milliseconds for a fixed amount of work: twice as many at half the speed."""
    begin, total = time.perf_counter(), 0
    for step in range(STEPS):
        total += step * step
    return 1000 * (time.perf_counter() - begin)
