"""Times each lexer with texts that are made from its own expressions.

Use: python -m tests.foundation.text.hostile_sources TEXTS [LANGUAGE …]. It ends with 1 at the first
text that takes too long, and by a signal if one expression does not end.
"""

import random
import re
import signal
import sys
import time
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]

from foundation.text.colouring import (
    LANGUAGES,
    MAX_COLOURED_CHARACTERS,
    ColourBudget,
    _lexer_class,
    lex,
)
from tests.foundation.text.hostile_expressions import all_samples

SECONDS = 2.5
# Of lexers that are not made of expressions, and pieces that open something in many languages.
OPENERS = [
    "{",
    "[",
    "(",
    "<",
    '"',
    "'",
    "`",
    "\\",
    "#",
    "$(",
    "${",
    "/*",
    "//",
    "--",
    "<!--",
    "<a",
    "</",
    "{{",
    "{%",
    "'''",
    '"""',
    "-",
    ":",
    "=",
    "@",
    "%",
    "&",
    "|",
    ";",
    ",",
    ".",
    "1",
    "a",
    "\n",
    "\t",
]


def main() -> int:
    count = int(sys.argv[1])
    for language in sys.argv[2:] or sorted(set(LANGUAGES.values())):
        for unit in hostile_units(language, count):
            text = (unit * MAX_COLOURED_CHARACTERS)[:MAX_COLOURED_CHARACTERS]
            print(f"{language}: {unit!r}", flush=True)
            signal.alarm(20)  # Its default action ends the process.
            process_ids = time.process_time()
            is_same = "".join(part for _, part in lex(text, language, ColourBudget())) == text
            if not is_same or time.process_time() - process_ids > SECONDS:
                print("slow" if is_same else "changed")
                return 1
    return 0


def hostile_units(language: str, count: int) -> Iterator[str]:
    states = getattr(_lexer_class(language), "_tokens", {})
    expressions = {
        (pattern.pattern, pattern.flags)
        for rules in states.values()
        for rule in rules
        if isinstance(pattern := getattr(rule[0], "__self__", None), re.Pattern)
    }
    samples = {
        sample
        for source, flags in expressions
        for sample in all_samples(parser.parse(source, flags))
        if 0 < len(sample) < 200
    }
    pieces = sorted(samples | set(OPENERS) - {""})
    chance = random.Random(language)
    for _ in range(count):
        yield "".join(chance.choices(pieces, k=chance.choice([1, 1, 2, 3])))


if __name__ == "__main__":
    sys.exit(main())
