"""Line numbers of the values in a JSON text."""

import pytest

from registry.package.manifest.line_numbers import line_numbers

pytestmark = pytest.mark.once


def test_every_value_has_the_line_where_it_begins() -> None:
    text = '{\n "a": [\n  1,\n  {"b": "x\\"y,{"}\n ],\n "c": {},\n "d": []\n}'

    assert line_numbers(text) == {
        (): 1,
        ("a",): 2,
        ("a", 0): 3,
        ("a", 1): 4,
        ("a", 1, "b"): 4,
        ("c",): 6,
        ("d",): 7,
    }
