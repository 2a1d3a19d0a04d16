"""Answers of the examiner, computed once in a run of tests.

Hundreds of tests publish the same few packages. What the examiner answers depends on its argument
and its files alone, so a real child process computes it at the first time, and all processes of
the run read it from their folder. Tests with a pool or limits of their own get no kept answers.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, cast, get_type_hints

import pytest

from foundation.sandbox import pool
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.messages import json_codec
from foundation.sandbox.pool import Session
from foundation.sandbox.usage import add_child_seconds, child_seconds
from registry.package.costs import TASK_LIMITS
from registry.sandbox import lanes
from tests.support.servers.tables import run_folder

# The others write to a file, or have limits of their own.
KEPT_TASKS = {"read_manifest", "check", "derive", "render_texts", "render_site_texts"}
Answer = tuple[float, bytes]
"""The processor time of the child, and the result as JSON."""
_answers: dict[str, Answer] = {}


class SessionWithAnswers(Session):
    """A session that asks its child only for answers that no test has needed before."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._check_key = ""
        # The last check, if its answer was a kept one: `derive` needs it in the child.
        self._unseen_check: tuple[Any, ...] = ()
        self._copies = ExitStack()

    def close(self) -> None:
        self._copies.close()
        super().close()

    def _perform(
        self, task: Any, argument: Any, files: Sequence[BinaryIO], limits: TaskLimits
    ) -> Any:
        if not self._may_use_answers(task):
            return super()._perform(task, argument, files, limits)
        hints = get_type_hints(task)
        key = self._key_of(task, json_codec(hints["argument"]).dump_json(argument), files)
        answer = kept_answer(key)
        if answer:
            add_child_seconds(answer[0])
            result = json_codec(hints["return"]).validate_json(answer[1])
        else:
            result = self._ask_child(key, task, argument, files, limits)
        if task.__name__ == "check":
            self._check_key = key
            self._unseen_check = (task, argument, self._copies_of(files)) if answer else ()
        return result

    def _may_use_answers(self, task: Any) -> bool:
        is_usual = self._pool is lanes.POOL and lanes.LIMITS is TASK_LIMITS
        return is_usual and task.__name__ in KEPT_TASKS

    def _key_of(self, task: Any, argument: bytes, files: Sequence[BinaryIO]) -> str:
        digest = hashlib.sha256(task.__name__.encode())
        if task.__name__ == "derive":
            digest.update(self._check_key.encode())
        for data in (argument, *map(bytes_of, files)):
            digest.update(b"%d:" % len(data) + data)
        return digest.hexdigest()

    def _ask_child(
        self, key: str, task: Any, argument: Any, files: Sequence[BinaryIO], limits: TaskLimits
    ) -> Any:
        if task.__name__ == "derive" and self._unseen_check:
            super()._perform(*self._unseen_check, limits)
            self._unseen_check = ()
        begin = child_seconds()
        result = super()._perform(task, argument, files, limits)
        body = json_codec(get_type_hints(task)["return"]).dump_json(result, by_alias=True)
        keep_answer(key, (child_seconds() - begin, body))
        return result

    def _copies_of(self, files: Sequence[BinaryIO]) -> list[BinaryIO]:
        """The same open files, because the caller may close its own."""
        return [
            cast(BinaryIO, self._copies.enter_context(FileIO(os.dup(file.fileno()))))
            for file in files
        ]


def bytes_of(file: BinaryIO) -> bytes:
    """The whole content, from the beginning; the position does not move."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def kept_answer(key: str) -> Answer | None:
    if key not in _answers and (path := path_of(key)).is_file():
        seconds, _, body = path.read_bytes().partition(b"\n")
        _answers[key] = float(seconds), body
    return _answers.get(key)


def keep_answer(key: str, answer: Answer) -> None:
    _answers[key] = answer
    path = path_of(key)
    path.parent.mkdir(exist_ok=True)
    # Another process must never read a half of it.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(b"%r\n%b" % (answer[0], answer[1]))
    Path(file.name).rename(path)


def path_of(key: str) -> Path:
    return run_folder() / "answers" / key


@contextmanager
def sessions_with_answers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "Session", SessionWithAnswers)
        yield
