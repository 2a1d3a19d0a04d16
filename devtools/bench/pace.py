"""How fast the machine itself is just now. One that is shared changes its speed by half from one
minute to the next, and a figure without that says little."""

import time

STEPS = 400_000


def pace() -> float:
    """Milliseconds that a fixed piece of work takes here and now; twice as many, half the speed."""
    begin, total = time.perf_counter(), 0
    for step in range(STEPS):
        total += step * step
    return 1000 * (time.perf_counter() - begin)
