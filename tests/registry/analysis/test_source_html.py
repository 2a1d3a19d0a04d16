"""Source view: numbered lines in which no markup of the text has an effect."""

import re

import pytest

from registry.analysis.source_html import (
    MAX_CHARACTERS,
    MAX_COLOURED_CHARACTERS,
    MAX_COLOURED_LINE_LENGTH,
    render_source,
)
from registry.analysis.syntaxes import syntax_of

pytestmark = pytest.mark.once


def lines_of(html: str) -> list[str]:
    return re.findall(r"<code>(.*?)</code>", html, flags=re.DOTALL)


def test_every_line_has_a_number_and_a_link() -> None:
    html = render_source("a\n\nb\n")

    assert re.findall(r'id="(L\d+)"', html) == ["L1", "L2", "L3"]
    assert re.findall(r'href="(#L\d+)"', html) == ["#L1", "#L2", "#L3"]
    assert lines_of(html) == ["a", "", "b"]


@pytest.mark.parametrize("syntax", ["", "markdown", "json", "yaml", "toml", "xml"])
def test_markup_in_a_text_is_escaped(syntax: str) -> None:
    text = "<script>alert(1)</script>\n</code></pre><b onclick='x'>\n\"'&amp;\r\n\t- [x]: {a}"

    html = render_source(text, syntax)

    plain = re.sub(r"</?span[^<>]*>", "", html)
    assert "<script" not in html
    assert "<b " not in html
    assert "&amp;amp;" in plain
    assert len(lines_of(html)) == 4


def test_json_has_syntax_colours() -> None:
    assert '<span class="nt">&quot;a&quot;</span>' in render_source('{"a": 1}', "json")


def test_long_text_has_no_syntax_colours() -> None:
    assert 'class="nt"' not in render_source('{"a": 1}\n' + "x\n" * MAX_COLOURED_CHARACTERS, "json")
    assert 'class="nt"' not in render_source(
        '{"a": 1}\n' + "x" * (MAX_COLOURED_LINE_LENGTH + 1), "json"
    )


def test_long_text_is_cut() -> None:
    html = render_source("x" * 10 + "\n" + "y" * 2 * MAX_CHARACTERS)

    assert len(lines_of(html)[1]) == MAX_CHARACTERS - 11


def test_hidden_characters_are_marked() -> None:
    html = render_source('{"pаy": "a\u202eb\u200b"}', "json")

    assert '<mark class="lookalike" title="U+0430 CYRILLIC SMALL LETTER A">а</mark>' in html
    assert '<mark class="direction" title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</mark>' in html
    assert '<mark class="invisible" title="U+200B ZERO WIDTH SPACE">U+200B</mark>' in html
    assert "\u202e" not in html
    assert "\u200b" not in html


@pytest.mark.parametrize(
    ("path", "syntax"),
    [
        ("a/B.MD", "markdown"),
        ("x.yml", "yaml"),
        ("agent.json", "json"),
        ("LICENSE", ""),
        ("a.", ""),
    ],
)
def test_syntax_depends_on_the_file_extension(path: str, syntax: str) -> None:
    assert syntax_of(path) == syntax
