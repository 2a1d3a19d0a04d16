"""Line numbers of the values in a JSON text."""

import pytest

from registry.package.checks.encoding import Utf8Probe, count_line_ends, decode_excerpt
from registry.package.checks.secrets import CandidateBudget, SecretScanner
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


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_for_every_line_end(end: str) -> None:
    assert line_numbers(f'{{{end}"a": 1,{end}"b": 2}}')[("b",)] == 3
    assert decode_excerpt(f"a{end}b{end}".encode()).split("\n")[1].rstrip("\r") == "b"
    text = f"one{end}two{end}{end}three".encode()
    assert [count_line_ends(text, 0, stop) for stop in (3, len(text) - 5, len(text))] == [0, 3, 3]
    # Wherever a text is cut, the two parts have the lines of the whole.
    for position in range(len(text) + 1):
        parts = count_line_ends(text, 0, position), count_line_ends(text, position)
        assert sum(parts) == 3, position


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_bad_line_does_not_depend_on_chunks(end: bytes, size: int) -> None:
    text = b"one" + end + "zw\u00f6lf".encode() + end + end + b"\xff" + end
    probe = Utf8Probe()
    for start in range(0, len(text), size):
        probe.feed(text[start : start + size])
    probe.feed(b"", at_end=True)

    assert probe.bad_line == 4


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_secret_is_found_on_its_line(end: bytes) -> None:
    scanner = SecretScanner(CandidateBudget(100))
    token = b"ghp_" + b"16C7e42F292c6912E7710c838347Ae178B4a"
    secrets = [*scanner.feed(b"a" + end + b"b" + end + token + end), *scanner.finish()]

    assert [secret.line for secret in secrets] == [3]
