"""Find invisible, direction-changing and look-alike characters."""

import pytest

from registry.analysis.hidden_text import find_hidden

pytestmark = pytest.mark.once


def test_hidden_characters_are_found_with_line_and_kind() -> None:
    lines = ["plain", "turn\u202earound", "zero\u200bwidth", "раypal and Москва"]
    text = "\n".join([*lines, "family \U0001f468\u200d\U0001f469"])

    matches = [(match.line, match.kind, match.code) for match in find_hidden(text)]

    assert matches == [
        (2, "direction", "U+202E"),
        (3, "invisible", "U+200B"),
        (4, "lookalike", "U+0440"),
        (4, "lookalike", "U+0430"),
    ]


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("a\u200db", ["U+200D"]),
        ("a\ufe0fb 1\ufe0f\u20e3 ↩\ufe0e ℹ\ufe0f 😀\ufe0f\ufe0f", ["U+FE0F", "U+FE0F"]),
        ("می\u200cخواهم", []),
        ("a\u034fb\u2800c", ["U+034F", "U+2800"]),
        ("\uffff \ufdd0", ["U+FFFF", "U+FDD0"]),
        ("Hello \t  \t \t\t", ["U+0009"] * 4),
        ("\t\tx = 1  \t# y", []),
        ("a\u2002b\u2003c\u2009d", ["U+2002", "U+2003", "U+2009"]),
        ("10\u2009000 € – a\u2003b", []),
    ],
)
def test_character_is_hidden_where_a_reader_sees_no_effect(line: str, codes: list[str]) -> None:
    assert [match.code for match in find_hidden(line)] == codes
