"""Tasks that behave as badly as a process can. They run in a child only."""

import os
import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundation.sandbox.place import working_on

Files = Sequence[BinaryIO]


@dataclass(frozen=True)
class Surroundings:
    """The environment variables of a child, and the files that it may not write."""

    variables: tuple[str, ...]
    refusals: tuple[str, ...]


class HostileTasks:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def remember(self, argument: str, files: Files) -> list[str]:
        self.lines.append(argument)
        return self.lines

    def first_line(self, argument: int, files: Files) -> str:
        return files[argument].readline().decode()

    def process_id(self, argument: None, files: Files) -> int:
        return os.getpid()

    def loop_for_ever(self, argument: str, files: Files) -> None:
        working_on("first.md")
        working_on(argument)
        while True:
            pass

    def work(self, argument: float, files: Files) -> None:
        end = time.process_time() + argument
        while time.process_time() < end:
            pass

    def sleep_for_ever(self, argument: str, files: Files) -> None:
        working_on(argument)
        while True:
            time.sleep(60)

    def allocate_without_end(self, argument: str, files: Files) -> None:
        working_on(argument)
        blocks = []
        while True:
            blocks.append(bytearray(16 * 1024 * 1024))

    def recurse_without_end(self, argument: str, files: Files) -> None:
        working_on(argument)
        self.recurse_without_end(argument, files)

    def flood(self, argument: int, files: Files) -> str:
        working_on("flood.md")
        return "x" * argument

    def write_garbage(self, argument: str, files: Files) -> None:
        """Writes to every socket, as a process that was taken over could do."""
        for descriptor in range(3, 256):
            try:
                stolen_socket = socket.socket(fileno=os.dup(descriptor))
            except OSError:
                continue
            while True:
                stolen_socket.sendall(b"\xff" * 65536)

    def answer_another_type(self, argument: str, files: Files) -> int:
        return "no number"  # type: ignore[return-value]

    def die(self, argument: str, files: Files) -> None:
        working_on(argument)
        os.kill(os.getpid(), signal.SIGKILL)

    def fail(self, argument: str, files: Files) -> None:
        raise ValueError(argument)

    def look_around(self, argument: str, files: Files) -> Surroundings:
        refusal = []
        for name, action in (("relative file", "mine.txt"), ("file", argument)):
            try:
                with Path(action).open("wb", buffering=0) as file:
                    file.write(b"x")
            except OSError:
                refusal.append(name)
        return Surroundings(tuple(sorted(os.environ)), tuple(refusal))
