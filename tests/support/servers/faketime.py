"""A clock for processes that jumps, by libfaketime."""

from pathlib import Path


def _library() -> str:
    folders = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return str(next(folders, ""))


def missing_for_faketime() -> str:
    """The reason why this machine cannot move a clock, or ""."""
    return "" if _library() else "not installed: libfaketime"


class JumpingClock:
    """Processes with this environment read a clock that `jump` sets.

    Only the time of day jumps, as after a correction by NTP: durations stay right.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Set the distance to the real time."""
        draft = self._file.with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        draft.rename(self._file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": _library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }
