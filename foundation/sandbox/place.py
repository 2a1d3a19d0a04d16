"""Tells the parent what a task is working on, at no cost to either of them.

The child writes the name of the file into a page of shared memory. The parent reads it only after
it had to stop the child, so thousands of files need no message.
"""

import mmap
import struct
from collections.abc import Iterable, Iterator
from typing import IO, Self

from foundation.sandbox.outputs import create_memory_file

PAGE_BYTES = 4096
_LENGTH = struct.Struct("!H")


class PlacePage:
    """A shared page with one line of text."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, PAGE_BYTES)

    @classmethod
    def create(cls) -> tuple[Self, IO[bytes]]:
        """Returns a page and its file, which a child can map, too."""
        file = create_memory_file(PAGE_BYTES)
        return cls(file.fileno()), file

    def write(self, place: str) -> None:
        line = place.encode(errors="replace")[: PAGE_BYTES - _LENGTH.size]
        self._memory[: _LENGTH.size + len(line)] = _LENGTH.pack(len(line)) + line

    def read(self) -> str:
        (length,) = _LENGTH.unpack(self._memory[: _LENGTH.size])
        # The child may have been killed while it wrote, or may lie about the length.
        line = self._memory[_LENGTH.size : min(_LENGTH.size + length, PAGE_BYTES)]
        return line.decode(errors="replace")


_page: PlacePage | None = None


def share_place(page: PlacePage) -> None:
    """Makes `working_on` of this process write to a page."""
    global _page
    _page = page


def working_on(place: str) -> None:
    """Records the file that is examined now. Outside of a child it does nothing."""
    if _page is not None:
        _page.write(place)


def in_turn(places: Iterable[str]) -> Iterator[str]:
    """Yields the places, and records each of them while it is worked on."""
    for place in places:
        working_on(place)
        yield place
