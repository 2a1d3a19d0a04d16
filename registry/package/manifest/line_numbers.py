"""Finds the line of each value in a JSON text, so that a message can name it."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

JsonPath = tuple[str | int, ...]
"""Keys and list indexes that lead to a value: ``("setup", "secrets", 0, "key")``."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def line_numbers(text: str) -> dict[JsonPath, int]:
    """Returns the line of every value in a valid JSON text, counted from 1.

    The line of a value in an object is the line of its key.
    """
    line_starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
    return {path: bisect_right(line_starts, offset) for path, offset in _value_offsets(text)}


def _value_offsets(text: str) -> Iterator[tuple[JsonPath, int]]:
    """Yields each value with its offset.

    Uses a stack instead of recursion, because the author decides how deep the text is nested.
    """
    path: list[str | int] = []
    open_brackets: list[str] = []
    key_offset: int | None = None
    expects_key = False
    for match in _TOKEN.finditer(text):
        symbol = match[0]
        if symbol in "}]":
            open_brackets.pop()
            path.pop()
            expects_key = False
        elif symbol == ",":
            if open_brackets[-1] == "[":
                path[-1] = int(path[-1]) + 1
            expects_key = open_brackets[-1] == "{"
        elif symbol == ":":
            expects_key = False
        elif expects_key:
            path[-1] = json.loads(symbol)
            key_offset = match.start()
        else:
            yield tuple(path), match.start() if key_offset is None else key_offset
            key_offset = None
            if symbol in "{[":
                open_brackets.append(symbol)
                path.append(0 if symbol == "[" else "")
                expects_key = symbol == "{"
