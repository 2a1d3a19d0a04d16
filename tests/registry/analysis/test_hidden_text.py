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
