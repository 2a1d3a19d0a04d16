"""Markdown as pages show it."""

import re

import pytest

from foundation.text.markdown import clean_html, render_markdown
from registry.examiner.prose import render_documents

pytestmark = pytest.mark.once

LEAST = '<pre tabindex="0"><code>'


@pytest.mark.parametrize(
    "source",
    ["    a < b\n", "```\na < b\n```\n"],
    ids=["indented", "fenced"],
)
def test_scrollable_code_has_a_tabindex(source: str) -> None:
    assert render_markdown(source).html.strip() == f"{LEAST}a &lt; b\n</code></pre>"


def test_unknown_language_is_named_above_the_code() -> None:
    result = render_markdown("```no-such-language\na < b\n```\n").html

    assert result.startswith('<p class="fence-info"><code>no-such-language</code></p>')
    assert result.strip().endswith(f"{LEAST}a &lt; b\n</code></pre>")


def test_coloured_code_has_a_tabindex() -> None:
    result = render_markdown("```python\nimport os\n```\n").html

    assert result.startswith('<pre class="highlight" tabindex="0"><code>')


def test_long_code_is_not_coloured() -> None:
    result = render_markdown(f"```python\n{'x = 1' * 5_000}\n```\n").html

    assert result.startswith(f"{LEAST}x = 1x = 1")


def test_scrollable_table_has_a_tabindex() -> None:
    result = render_markdown("| a |\n|---|\n| 1 |\n").html

    assert result.startswith('<table tabindex="0">')


def test_tabindex_of_the_source_is_removed() -> None:
    assert clean_html('<pre tabindex="7">a</pre><p tabindex="0">b</p>') == (
        '<pre tabindex="0">a</pre><p>b</p>'
    )


def test_heading_levels_follow_the_page_without_gaps() -> None:
    result = render_markdown("# A\n\n##### B\n\n###### C\n\n## D\n").html

    assert re.findall(r"<(h\d) ", result) == ["h2", "h3", "h4", "h3"]
    assert re.findall(r"</(h\d)>", result) == ["h2", "h3", "h4", "h3"]


def test_long_source_is_shown_to_its_first_100_kb() -> None:
    result = render_markdown("word " * 400_000)

    assert result.is_cut
    assert len(result.html) < 100_100


def test_relative_links_lead_to_the_pages_of_files() -> None:
    manifest = {"id": "@ada/coach", "version": "1.0.0+b", "description": "[a](./docs/a.md#x)"}
    readme = "[gone](docs/b.md) [a](docs/../docs/a%20b.md) [up](../x) [odd](/docs/a.md) [q](?x)"
    paths = {"docs/a.md", "docs/a b.md"}

    result = render_documents(manifest, {"README.md": readme}, paths)

    pages = "/agents/@ada/coach/versions/1.0.0+b/files/docs"
    assert f'<a href="{pages}/a.md#x"' in result["description"].html
    assert f'<a href="{pages}/a%20b.md"' in result["readme"].html
    assert result["readme"].html.count("<a ") == 1
    assert "<span>gone</span>" in result["readme"].html
