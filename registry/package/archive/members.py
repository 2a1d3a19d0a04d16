"""The common form in which a tarball and a folder are read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

MemberKind = Literal["file", "folder", "link", "special"]


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive.

    `problem` says why the name is refused, in words that follow "the name"; None if it is fine.
    `size` is 0 unless the member is a file.
    """

    path: str
    kind: MemberKind
    mode: int
    size: int
    problem: str | None


class Archive(Protocol):
    """Yields its members one after another, each of them once."""

    def __iter__(self) -> Iterator[Member]: ...

    def content(self) -> Iterator[bytes]:
        """Yields the bytes of the member that was yielded last, in chunks."""
        ...
