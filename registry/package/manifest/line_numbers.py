"""Finds the line of each value in a JSON text, so that a message can name it."""

import json
from bisect import bisect_right
from collections.abc import Iterator

JsonPath = tuple[str | int, ...]
"""Keys and list indexes that lead to a value: ``("setup", "secrets", 0, "key")``."""

_decoder = json.JSONDecoder()


def line_numbers(text: str) -> dict[JsonPath, int]:
    """Returns the line of every value in a valid JSON text, counted from 1.

    The line of a value in an object is the line of its key.
    """
    newlines = [
        offset
        for offset, character in enumerate(text)
        # CR alone ends a line, and CR LF ends one.
        if character == "\n" or (character == "\r" and text[offset + 1 : offset + 2] != "\n")
    ]
    return {path: bisect_right(newlines, offset) + 1 for path, offset in _value_offsets(text)}


def _tokens(text: str) -> Iterator[tuple[int, str | None, object]]:
    """Yields offset, and symbol of a bracket, comma or colon, or value of a scalar."""
    offset = 0
    while offset < len(text):
        character = text[offset]
        if character in "{}[],:":
            yield offset, character, None
            offset += 1
        elif character in " \t\n\r":
            offset += 1
        else:
            value, end = _decoder.raw_decode(text, offset)
            yield offset, None, value
            offset = end


def _value_offsets(text: str) -> Iterator[tuple[JsonPath, int]]:
    """Yields each value with its offset.

    Uses a stack instead of recursion, because the author decides how deep the text is nested.
    """
    path: list[str | int] = []
    open_brackets: list[str] = []
    key_offset: int | None = None
    expects_key = False
    for offset, symbol, value in _tokens(text):
        if symbol in ("}", "]"):
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
            path[-1] = str(value)
            key_offset = offset
        else:
            yield tuple(path), offset if key_offset is None else key_offset
            key_offset = None
            if symbol:
                open_brackets.append(symbol)
                path.append(0 if symbol == "[" else "")
                expects_key = symbol == "{"
