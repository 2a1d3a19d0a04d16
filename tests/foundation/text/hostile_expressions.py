"""Times every expression of `re` in the project with texts that make it backtrack.

Prints each expression before it is tried, so that the last line of a run that hangs names it.
"""

import importlib
import os
import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import django

from scripts.style import MODULES_WITH_RE

SECONDS_FOR_ONE = 1.0


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for name, pattern, length in expressions():
        print(f"{name}: {pattern.pattern!r}", flush=True)
        signal.alarm(20)  # Its default action ends the process.
        for text in hostile_texts(pattern, length):
            process_ids = time.process_time()
            pattern.search(text)
            pattern.match(text)
            pattern.fullmatch(text)
            if time.process_time() - process_ids > SECONDS_FOR_ONE:
                print(f"slow: {text[:40]!r} of {len(text)} characters")
                return 1
    return 0


def expressions() -> Iterator[tuple[str, re.Pattern[Any], int]]:
    for path, length in MODULES_WITH_RE.items():
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and length:
                yield f"{module.__name__}.{name}", value, length


def hostile_texts(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """Repetitions of what the expression repeats, of parts of it, and of mixtures."""
    source = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin1")
    )
    expression = parser.parse(source, pattern.flags & ~re.UNICODE if pattern.flags else 0)
    samples = list(dict.fromkeys(sample for sample in all_samples(expression) if sample))
    generator = random.Random(source)
    samples += ["".join(generator.choices(samples, k=3)) for _ in range(10)] if samples else []
    for unit in [*samples, " ", "a", "0", "\t", "-"]:
        for end in ("", "\0!"):
            text = (unit * (length // len(unit)))[: length - len(end)] + end
            yield text if isinstance(pattern.pattern, str) else text.encode("latin1", "replace")


def all_samples(expression: Any) -> Iterator[str]:
    """A text that each part of a parsed expression matches, the largest part first."""
    yield sample(expression)
    for code, argument in expression:
        for part in parts_of(code, argument):
            yield from all_samples(part)


def parts_of(code: Any, argument: Any) -> list[Any]:
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return [argument[2]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [argument[1]]
    return [argument] if code is codes.ATOMIC_GROUP else []


def sample(expression: Any) -> str:
    return "".join(sample_of(code, argument) for code, argument in expression)


def sample_of(code: Any, argument: Any) -> str:
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if code is codes.ANY:
        return "a"
    if code is codes.IN:
        return sample_of_set(argument)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        return sample(argument[2]) * max(1, argument[0])
    parts = parts_of(code, argument) if code is not codes.ASSERT_NOT else []
    return sample(parts[0]) if parts else ""


def sample_of_set(items: Any) -> str:
    text = {codes.CATEGORY_DIGIT: "0", codes.CATEGORY_WORD: "a", codes.CATEGORY_SPACE: " "}
    is_negated = any(code is codes.NEGATE for code, _ in items)
    for code, argument in items if not is_negated else ():
        if code is codes.LITERAL:
            return chr(argument)
        if code is codes.RANGE:
            return chr(argument[0])
        if code is codes.CATEGORY:
            return text.get(argument, "a")
    return "a"


if __name__ == "__main__":
    sys.exit(main())
