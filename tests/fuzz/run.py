"""Run fuzz targets.

Use: python -m tests.fuzz.run [--seconds N] [--inputs N] [--seed N] [TARGET …].

Prints a line for each target. An input that breaks a property is written to a file, named in the
output, and the exit code is 1. An input that does not end is found in the same way, by the parent.
"""

import argparse
import faulthandler
import hashlib
import os
import random
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import django

SECONDS_TO_GIVE_UP = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=float, default=0, help="for each target")
    parser.add_argument("--inputs", type=int, default=0, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.fuzz.targets import TARGETS

    names = options.targets or list(TARGETS)
    failures = [fuzz(name, options.seconds, options.inputs, options.seed) for name in names]
    return int(any(failures))


def fuzz(name: str, seconds: float, input_count: int, seed: int) -> bool:
    """Runs a target, and returns whether it failed."""
    from tests.fuzz.mutations import Mutator
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    mutator = Mutator(target.seeds, target.words, random.Random(f"{name} {seed}"))
    folder = Path(tempfile.gettempdir(), "clawstore-fuzz")
    folder.mkdir(exist_ok=True)
    current = folder / f"{name.replace(' ', '-')}.{os.getpid()}.input"
    ends_at, slowest, number = time.monotonic() + seconds, 0.0, 0
    for number in count(1):
        if (input_count and number > input_count) or (seconds and time.monotonic() > ends_at):
            break
        data = mutator.next_input(target.largest)
        current.write_bytes(data)
        # A watchdog that is left armed ends the process later, in the middle of other work.
        faulthandler.dump_traceback_later(SECONDS_TO_GIVE_UP, exit=True, file=sys.__stderr__)
        try:
            complaint, input_seconds = try_input(target, data)
        finally:
            faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, input_seconds)
        if complaint:
            copy = folder / f"{name.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
            copy.write_bytes(data)
            print(f"{name}: {complaint}, with the {len(data)} bytes in {copy}", flush=True)
            return True
    current.unlink(missing_ok=True)
    print(f"{name}: {number - 1} inputs, the slowest took {slowest:.2f} s", flush=True)
    return False


def try_input(target, data: bytes) -> tuple[str, float]:
    process_ids = time.process_time()
    try:
        output = target.run(data)
    except Exception as error:
        return f"raised {error!r}", 0
    seconds = time.process_time() - process_ids
    if seconds > target.base_seconds + target.seconds_per_megabyte * len(data) / 1e6:
        return f"took {seconds:.1f} s", seconds
    if output > target.base_output + target.output_factor * len(data):
        return f"gave {output} characters", seconds
    return "", seconds


if __name__ == "__main__":
    sys.exit(main())
