"""An examiner that misbehaves at files with certain names, in a child only."""

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from foundation.sandbox.place import working_on
from registry.examiner.records import CheckAnswer, CheckRequest, DeriveAnswer, DeriveRequest
from registry.examiner.tasks import Examiner

Files = Sequence[BinaryIO]


class HostileExaminer(Examiner):
    """Does what a package that exploits a flaw could make the real one do."""

    def check(self, argument: CheckRequest, files: Files) -> CheckAnswer:
        answer = super().check(argument, files)
        for file in answer.files:
            working_on(file.path)
            name = file.path.rpartition("/")[2]
            if name == "loop.md":
                self._loop()
            elif name == "memory.md":
                self._allocate()
            elif name == "crash.md":
                self._die()
            elif name == "flood.md":
                return replace(answer, metadata="x" * 10_000_000)
        return answer

    def derive(self, argument: DeriveRequest, files: Files) -> DeriveAnswer:
        answer = super().derive(argument, files)
        if "comes late" in argument.metadata:
            working_on("late.md")
            self._die()
        return answer

    def _die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _loop(self) -> None:
        while True:
            pass

    def _allocate(self) -> None:
        blocks = []
        while True:
            blocks.append(bytearray(16 * 1024 * 1024))
