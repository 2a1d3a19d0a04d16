"""A clock for the processes of a shop that jumps.

The library libfaketime breaks `time.sleep` of Python, so the time of day is replaced inside of each
process, when it starts. Durations stay right, as after a correction by NTP.
"""

from pathlib import Path

# Python runs this module at its start, in each process whose path has it.
STARTED_FIRST = """
import datetime, time
from django.utils import timezone

true_time, true_now = time.time, timezone.now


def distance():
    with open({file!r}) as file:
        return int(file.read() or 0)


time.time = lambda: true_time() + distance()
timezone.now = lambda: true_now() + datetime.timedelta(seconds=distance())
"""


class JumpingClock:
    """Processes with this environment read a clock that `jump` sets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "clock"
        self._folder.mkdir()
        self._file = self._folder / "seconds"
        module = STARTED_FIRST.format(file=str(self._file))
        (self._folder / "sitecustomize.py").write_text(module)
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Set the distance to the real time."""
        draft = self._file.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.rename(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self._folder)}
