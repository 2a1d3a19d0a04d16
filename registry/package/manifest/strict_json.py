"""Parses JSON and refuses text that another parser could read differently."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import NoReturn

from registry.package.manifest.caps import MAX_DEPTH, MAX_DIGITS

_TOO_DEEP = f"The value has more than {MAX_DEPTH} levels."


class StrictJsonError(Exception):
    """The text is not acceptable JSON. The message is a sentence for its author."""


def parse_json(text: bytes | str) -> object:
    """Returns the JSON value. Raises StrictJsonError and nothing else.

    Refuses, besides malformed JSON: encodings other than UTF-8, a key that appears twice, NaN,
    Infinity, numbers of more than 32 digits or outside of a double, more than 64 levels.
    """
    try:
        value = json.loads(
            text if isinstance(text, str) else text.decode("utf-8"),
            object_pairs_hook=_parse_object,
            parse_int=_parse_integer,
            parse_float=_parse_float,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError:
        raise StrictJsonError("The text is not UTF-8.") from None
    # The author decides the depth, and the parser of the standard library calls itself.
    except RecursionError:
        raise StrictJsonError(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise StrictJsonError(f"{error.msg} ({place}).") from None
    _refuse_deep_nesting(value)
    return value


def _refuse_deep_nesting(value: object) -> None:
    # Level by level instead of by recursion, which a deep value would exhaust.
    level, depth = [value], 0
    while level := [child for parent in level for child in _containers(parent)]:
        depth += 1
        if depth >= MAX_DEPTH:
            raise StrictJsonError(_TOO_DEEP)


def _containers(value: object) -> Iterator[object]:
    """Yields the objects and lists directly inside an object or a list."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(children, Iterable) and not isinstance(children, str):
        yield from (child for child in children if isinstance(child, dict | list))


def _parse_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    # Parsers disagree about which of the two counts, and a reader sees one of them.
    if len(value) < len(pairs):
        raise StrictJsonError("A key appears twice in one object.")
    return value


def _parse_integer(digits: str) -> int:
    # Before `int`, which takes quadratic time for long numbers.
    if len(digits) > MAX_DIGITS:
        raise StrictJsonError(f"A number has more than {MAX_DIGITS} digits.")
    return int(digits)


def _parse_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise StrictJsonError("A number is too large.")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON.")
