"""Markdown as pages show it."""

import re
from urllib.parse import quote, unquote

import pytest

from foundation.text.markdown import Rendered, clean_html, render_markdown
from foundation.text.unseen_lines import find_unseen_lines
from registry.examiner.prose import PackagePages, render_documents

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


PAGES = "/agents/@ada/coach/versions/1.0.0+b/files"
BYTES = "/v1/agents/ada/coach/versions/1.0.0+b/files"


def render_in_package(readme: str, description: str = "a") -> dict[str, Rendered]:
    manifest = {"id": "@ada/coach", "version": "1.0.0+b", "description": description}
    paths = ["docs/a.md", "docs/a b.md", "docs/Caf\u00e9.md", "b.png", "docs/big.png", "x.yaml"]
    pages = PackagePages.of_version(manifest, paths, {"b.png": (40, 30)})
    return render_documents(manifest, {"README.md": readme}, pages)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("./docs/a.md#The-Part", "/docs/a.md#readme-the-part"),
        ("docs/../docs/a%20b.md", "/docs/a%20b.md"),
        ("/docs/a.md", "/docs/a.md"),
        ("DOCS/A.MD", "/docs/a.md"),
        ("docs/a.md?raw=true", "/docs/a.md"),
        ("docs/a.md#L3-L9", "/docs/a.md?view=source#L3-L9"),
        ("docs/Cafe\u0301.md", "/docs/Caf%C3%A9.md"),
        ("docs/caf%C3%A9.md", "/docs/Caf%C3%A9.md"),
        ("docs/", "#in-docs"),
        ("docs", "#in-docs"),
        ("./", ""),
        ("x.yaml#key", "/x.yaml"),
    ],
)
def test_relative_link_leads_to_a_page_of_the_version(target: str, address: str) -> None:
    html = render_in_package(f"[a](<{target}>)")["readme"].html

    assert f'<a href="{PAGES}{address}"' in html


@pytest.mark.parametrize("target", ["docs/b.md", "../x", "../../docs/a.md", "?x", "//x/docs/a.md"])
def test_link_to_nowhere_is_text_with_its_target(target: str) -> None:
    html = render_in_package(f"[a]({target})")["readme"].html

    assert html == f'<p><span>a</span> <span class="link-note">({target})</span></p>\n'


def test_texts_of_a_page_have_ids_of_their_own() -> None:
    texts = render_in_package("# A\n\nb[^1]\n\n[^1]: c\n", "# A\n\nb[^1]\n\n[^1]: c\n")

    ids = [re.findall(r' id="([^"]*)"', text.html) for text in texts.values()]
    assert ids == [
        ["about-a", "about-ref:1", "about-fn:1"],
        ["readme-a", "readme-ref:1", "readme-fn:1"],
    ]


def test_picture_of_the_package_is_shown_with_its_text() -> None:
    html = render_in_package("![A long day](b.png) ![Logo](./b.png)")["readme"].html

    img = f'<img src="{BYTES}/b.png" alt="{{}}" width="40" height="30" loading="lazy">'
    assert f'{img.format("")}<span class="picture-caption">A long day</span>' in html
    assert f'<span class="picture">{img.format("Logo")}</span>' in html


def test_picture_has_the_width_that_its_author_gives() -> None:
    html = render_in_package('<img src="b.png" width=80px align="right">')["readme"].html

    assert '<span class="picture picture-right">' in html
    assert 'width="80" height="60"' in html


def test_picture_that_pages_may_not_show_is_named() -> None:
    html = render_in_package("![Huge](docs/big.png)")["readme"].html

    assert html == '<p><span class="picture-note">image: Huge (docs/big.png)</span></p>\n'


def test_linked_badge_is_its_text() -> None:
    badge = "https://img.shields.io/badge/a-b"
    html = render_markdown(f"[![Build]({badge})](https://x.org/ci) ![License]({badge})").html

    rel = 'rel="nofollow noopener ugc"'
    assert html == (
        f'<p><a href="https://x.org/ci" {rel}><span class="badge" title="{badge}">Build</span></a>'
        f' <a class="badge" href="{badge}" {rel}>License</a></p>\n'
    )


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("What's new?", "whats-new"),
        ("C++ & Rust", "c--rust"),
        ("🚀 Getting Started", "-getting-started"),
        ("⚙️ Set-up", "\ufe0f-set-up"),
        ("`clawstore install` it", "clawstore-install-it"),
        ("Über snake_case", "über-snake_case"),
        ("中文 标题", "中文-标题"),
        ("हिन्दी", "हिन्दी"),
        ("1.2.0 (2026-11-01)", "120-2026-11-01"),
        ("A [link](https://x.org) *here*", "a-link-here"),
        ("**", ""),
    ],
)
def test_heading_has_the_slug_of_github(title: str, slug: str) -> None:
    html = render_markdown(f"## {title}\n\n[x](#{quote(slug)})\n").html

    assert f'<h2 id="readme-{slug}">' in html
    assert not slug or f'<a href="#readme-{quote(slug)}"' in html


@pytest.mark.parametrize("fragment", ["Usage", "usage", "%E2%9A%99-x", "Café", "Cafe%CC%81"])
def test_link_finds_its_heading_in_another_spelling(fragment: str) -> None:
    source = f"[x](#{fragment})\n\n# usage\n\n<h2>Café</h2>\n\n<a name='\u2699\ufe0f-x'></a>\n"
    html = render_markdown(source).html

    (target,) = re.findall(r'href="#([^"]*)"', html)
    assert f'id="{unquote(target)}"' in html


@pytest.mark.parametrize(
    ("text", "address", "ending"),
    [
        ("https://x.org/a_b_c.", "https://x.org/a_b_c", "."),
        ("(https://x.org/a_(b)).", "https://x.org/a_(b)", ")."),
        ("www.x.org/a, b", "http://www.x.org/a", ", b"),
        ("me@x.org!", "mailto:me@x.org", "!"),
        ("'https://x.org'", "https://x.org", "'"),
        ("见https://x.org/a。", "https://x.org/a", "。"),
    ],
)
def test_bare_address_is_a_link(text: str, address: str, ending: str) -> None:
    html = render_markdown(text).html

    assert f'<a href="{address}"' in html
    assert html.endswith(f"</a>{ending}</p>\n")


@pytest.mark.parametrize(
    "text", ["xwww.x.org", "http://", "www.", "a@b", "`https://x.org`", "x.org", "javascript://x"]
)
def test_other_text_is_no_link(text: str) -> None:
    assert "<a" not in render_markdown(text).html


@pytest.mark.parametrize("name", ["note", "TIP", "Important", "WARNING", "caution"])
def test_alert_has_its_kind_as_title(name: str) -> None:
    html = render_markdown(f"> [!{name}]\n> Mind *this*.\n").html

    assert html == (
        f'<div class="alert alert-{name.lower()}">\n'
        f'<p><span class="alert-title">{name.title()}</span></p>\n'
        "<p>Mind <em>this</em>.</p>\n</div>\n"
    )


@pytest.mark.parametrize(
    "source", ["> [!OTHER]\n> a", "> [!NOTE] a", "- > [!NOTE]\n  > a", "[!TIP]"]
)
def test_other_quote_is_no_alert(source: str) -> None:
    assert "alert" not in render_markdown(source).html


def test_html_of_the_author_is_rendered() -> None:
    source = (
        '<h1 align="center">Coach &amp; &lt;Co&gt;</h1>\n\n'
        "Press <kbd>a</kbd>, H<sub>2</sub>O<br>x\n\n"
        "<details><summary>More</summary>\n\n**b**\n\n</details>\n"
    )

    assert render_markdown(source).html == (
        '<h2 id="readme-coach--co" class="align-center">Coach &amp; &lt;Co&gt;</h2>'
        "<p>Press <kbd>a</kbd>, H<sub>2</sub>O<br>x</p>\n"
        "<details><summary>More</summary><p><strong>b</strong></p>\n</details>"
    )


@pytest.mark.parametrize(
    ("source", "emoji"),
    [
        ("Go :rocket: now :+1::100:", "<p>Go 🚀 now 👍💯</p>"),
        ("a:b:c 10:30:45 :nope: :x::rocket:", "<p>a:b:c 10:30:45 :nope: ❌🚀</p>"),
        ("`:rocket:` 10:100:20", "<p><code>:rocket:</code> 10:100:20</p>"),
        ("## :rocket: Start", '<h2 id="readme-rocket-start">🚀 Start</h2>'),
        ("[:tada:](https://x.org)", ">🎉</a></p>"),
    ],
)
def test_shortcodes_of_emoji_are_shown_as_on_github(source: str, emoji: str) -> None:
    assert emoji in render_markdown(source).html
    assert find_unseen_lines(source) == ()


def test_picture_for_the_dark_theme_is_used() -> None:
    """A browser takes the sources for an image directly in the picture element."""
    files = {"README.md": "", "light.png": "", "dark.png": ""}
    source = (
        '<picture>\n<source media="(prefers-color-scheme: dark)" srcset="dark.png">\n'
        '<img src="light.png" alt="Logo">\n</picture>\n'
    )
    sizes = {"light.png": (2, 1), "dark.png": (2, 1)}
    pages = PackagePages.of_version({"id": "@a/b", "version": "1.0.0"}, files, sizes)

    html = render_markdown(source, links=pages.links_of("README.md")).html

    assert re.search(r"<picture>\s*<source [^>]*/dark\.png\"[^>]*>\s*<img [^>]*/light\.png", html)


def test_one_tilde_strikes_through_as_two_do() -> None:
    assert render_markdown("~one~ ~~two~~ ~~~three~~~\n").html == (
        "<p><s>one</s> <s>two</s> ~~~three~~~</p>\n"
    )


def test_file_page_can_show_what_the_text_of_a_link_hides() -> None:
    source = (
        "[here](https://acme.com/x) https://acme.com/y [me](mailto:me@acme.com) <me@acme.com>\n"
        "[see][send] [Guide] [^keys]\n\n[send]: https://acme.com/z\n[guide]: https://acme.com/g\n\n"
        "[^keys]: A note.\n"
    )
    html = render_markdown(source).html

    links = re.findall(r'<a href="([^"#]+)"( class="bare")?( data-label="[^"]*")?', html)
    assert links == [
        ("https://acme.com/x", "", ""),
        ("https://acme.com/y", ' class="bare"', ""),
        ("mailto:me@acme.com", "", ""),
        ("mailto:me@acme.com", ' class="bare"', ""),
        ("https://acme.com/z", "", ' data-label="send"'),
        ("https://acme.com/g", "", ""),
    ]
    assert '<li id="readme-fn:1" data-label="keys">' in html
