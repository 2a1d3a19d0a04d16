"""JSON, read strictly: what another reader would understand differently is refused."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import NoReturn

MAX_DEPTH = 64
MAX_DIGITS = 32


class ManifestNotJson(Exception):
    """The bytes are not one JSON value. The text says why, in a sentence."""


def parse_json(raw: bytes | str) -> object:
    """The value; raises ManifestNotJson and nothing else.

    Refused beside broken JSON: other encodings than UTF-8, a key that appears twice, NaN, Infinity,
    numbers of more than 32 digits or beyond a double, more than 64 levels.
    """
    try:
        value = json.loads(
            raw if isinstance(raw, str) else raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise ManifestNotJson("The text is not UTF-8.") from None
    except RecursionError:
        raise ManifestNotJson(f"The value has more than {MAX_DEPTH} levels.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ManifestNotJson(f"{error.msg} ({place}).") from None
    _refuse_too_deep(value)
    return value


def _refuse_too_deep(value: object) -> None:
    level, depth = [value], 0
    while level := [part for parent in level for part in _containers(parent)]:
        depth += 1
        if depth >= MAX_DEPTH:
            raise ManifestNotJson(f"The value has more than {MAX_DEPTH} levels.")


def _containers(value: object) -> Iterator[object]:
    """The objects and lists that are directly in an object or list."""
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(parts, Iterable) and not isinstance(parts, str):
        yield from (part for part in parts if isinstance(part, dict | list))


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ManifestNotJson("A key appears twice in one object.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ManifestNotJson(f"A number has more than {MAX_DIGITS} digits.")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ManifestNotJson("A number is too large.")
    return number


def _constant(name: str) -> NoReturn:
    raise ManifestNotJson(f"{name} is not JSON.")
