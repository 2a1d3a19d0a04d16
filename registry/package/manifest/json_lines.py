"""On which line of a JSON text each value begins: so that a fact can point to what says so."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

Steps = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def lines_of_json(text: str) -> dict[Steps, int]:
    """The line, counted from 1, of every value in a JSON text that is known to be valid; by its
    keys and places, as in ``("setup", "secrets", 0, "key")``. What stands under a key has the line
    of the key."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    return {steps: bisect_right(starts, offset) for steps, offset in _values(text)}


def _values(text: str) -> Iterator[tuple[Steps, int]]:
    """Each value and where it begins. One pass with a stack, since nesting is the author's."""
    steps: list[str | int] = []
    kinds: list[str] = []  # What each open container is: "{" or "[".
    key_at: int | None = None
    expects_key = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "}]":
            kinds.pop()
            steps.pop()
            expects_key = False
        elif sign == ",":
            if kinds[-1] == "[":
                steps[-1] = int(steps[-1]) + 1
            expects_key = kinds[-1] == "{"
        elif sign == ":":
            expects_key = False
        elif expects_key:
            steps[-1] = json.loads(sign)
            key_at = token.start()
        else:
            yield tuple(steps), token.start() if key_at is None else key_at
            key_at = None
            if sign in "{[":
                kinds.append(sign)
                steps.append(0 if sign == "[" else "")
                expects_key = sign == "{"
