"""Markdown to safe HTML that looks as on GitHub.

Two independent defences: this renderer writes each tag and attribute itself, also those of an
author's HTML (`markdown_html`), and nh3 allows only what is listed in `markdown_clean`.
"""

import html
from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink, normalizeLinkText
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from foundation.text import markdown_anchors, markdown_blocks
from foundation.text.colouring import ColourBudget
from foundation.text.emoji import show_emoji
from foundation.text.front_matter import FrontMatter, read_front_matter
from foundation.text.markdown_anchors import DEFAULT_PREFIX, Anchors, set_ids
from foundation.text.markdown_balance import balance_html
from foundation.text.markdown_blocks import mark_alerts, mark_task_lists, plain_code
from foundation.text.markdown_clean import ATTRIBUTES, TAGS, clean_html
from foundation.text.markdown_html import read_html
from foundation.text.markdown_images import describe_images, image
from foundation.text.markdown_limits import MAX_NESTING, limit_rules
from foundation.text.markdown_links import (
    NoLinks,
    PackageLinks,
    link_addresses,
    resolve_links,
)

__all__ = [
    "ATTRIBUTES",
    "TAGS",
    "ParsedMarkdown",
    "clean_html",
    "cut_source",
    "parse_markdown",
    "parse_source",
    "render_markdown",
]

RENDERER_VERSION = "11"  # Increase it when the same source would give different HTML.
MAX_BYTES = 100_000
# Opening brackets: from each unclosed one the parser scans to the end of the text.
MAX_BRACKETS = 5_000
MAX_HTML = 2_000_000
"""Characters of HTML. A text that gives more is shown as its source."""

# The library fills its tables of characters at their first use, and a second thread would then see
# a part of them. So they are filled here, before there are threads.
normalizeLink("https://example.org/%20é")
normalizeLinkText("https://example.org/%20é")


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML, and whether the source was longer than the part that was rendered."""

    html: str
    is_cut: bool


def render_markdown(
    source: str,
    *,
    max_bytes: int = MAX_BYTES,
    links: PackageLinks | None = None,
    id_prefix: str = DEFAULT_PREFIX,
) -> Rendered:
    """Render up to ``max_bytes`` and ``MAX_BRACKETS`` opening brackets of ``source``.

    ``links`` resolves relative links and pictures. Without it they become plain text. The texts of
    one page need different prefixes of their ids.
    """
    return parse_markdown(source, max_bytes=max_bytes, links=links, id_prefix=id_prefix).render()


@dataclass(frozen=True, slots=True)
class ParsedMarkdown:
    """The part of a text that is rendered: front matter, and the tokens of the rest."""

    text: str
    is_cut: bool
    front_matter: FrontMatter | None
    tokens: list[Token]
    env: dict[str, Any]

    def render(self) -> Rendered:
        """Makes HTML of the text, once: the rules for HTML may change the tokens."""
        parser = _parser()
        # The time until now was not spent on colours.
        env = self.env | {"colours": ColourBudget()}
        body = parser.renderer.render(self.tokens, parser.options, env)
        unsafe_html = _front_matter_table(self.front_matter) + body
        if len(unsafe_html) > MAX_HTML:
            unsafe_html = plain_code(self.text)
        safe_html = clean_html(unsafe_html, is_own_page=env["resolved"].__contains__)
        return Rendered(safe_html, self.is_cut)


def parse_markdown(
    source: str,
    *,
    max_bytes: int = MAX_BYTES,
    links: PackageLinks | None = None,
    id_prefix: str = DEFAULT_PREFIX,
) -> ParsedMarkdown:
    """Returns what `render_markdown` makes HTML of."""
    text = cut_source(source, max_bytes)
    env = _new_env(links, id_prefix)
    front_matter = read_front_matter(text)
    body = "\n".join(text.split("\n")[front_matter.line_count :]) if front_matter else text
    is_cut = len(text) < len(source)
    return ParsedMarkdown(text, is_cut, front_matter, _parser().parse(body, env), env)


def cut_source(source: str, max_bytes: int = MAX_BYTES) -> str:
    """Returns the part of a text that is rendered."""
    raw = source.encode()
    text = raw[:max_bytes].decode(errors="ignore") if len(raw) > max_bytes else source
    return _cut_after_max_brackets(text)


def parse_source(body: str) -> list[Token]:
    """Returns the tokens of a text without front matter."""
    return _parser().parse(body, _new_env(None, DEFAULT_PREFIX))


def _new_env(links: PackageLinks | None, id_prefix: str) -> dict[str, Any]:
    """Returns what the rules of one text share; `resolved` has all paths on this site."""
    return {
        "links": links or NoLinks(),
        "resolved": set(),
        "anchors": Anchors(id_prefix),
        "colours": ColourBudget(),
    }


def _front_matter_table(front_matter: FrontMatter | None) -> str:
    if front_matter is None:
        return ""
    rows = "".join(
        f"<tr><th>{html.escape(field.key)}</th><td>{html.escape(field.value)}</td></tr>"
        for field in front_matter.fields
    )
    return f'<table class="front-matter" tabindex="0"><tbody>{rows}</tbody></table>\n'


def _cut_after_max_brackets(text: str) -> str:
    pieces = text.split("[", MAX_BRACKETS + 1)
    return "[".join(pieces[:-1]) if len(pieces) > MAX_BRACKETS + 1 else text


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    options = {
        "html": True,
        "linkify": False,
        "maxNesting": MAX_NESTING,
        "strikethrough_single_tilde": True,
        # Tells which link definitions are used.
        "store_labels": True,
    }
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False)
    limit_rules(parser)
    for name, rule in (
        ("task_lists", mark_task_lists),
        ("alerts", mark_alerts),
        ("html", read_html),
        ("balance", balance_html),
        ("addresses", link_addresses),
        ("emoji", show_emoji),
        ("ids", set_ids),
        ("links", resolve_links),
        ("images", describe_images),
    ):
        parser.core.ruler.push(name, rule)
    for kind, render in (
        ("alert_title", markdown_blocks.alert_title),
        ("checkbox", markdown_blocks.checkbox),
        ("code_block", markdown_blocks.code_block),
        ("emoji", _emoji),
        ("fence", markdown_blocks.fence),
        ("footnote_anchor", markdown_anchors.footnote_anchor),
        ("footnote_open", markdown_anchors.footnote_open),
        ("footnote_ref", markdown_anchors.footnote_ref),
        ("html_tag", markdown_blocks.html_tag),
        ("image", image),
        ("link_close", _link_close),
        ("table_open", markdown_blocks.table),
        ("td_open", markdown_blocks.cell),
        ("th_open", markdown_blocks.cell),
    ):
        parser.add_render_rule(kind, render)
    return parser


def _emoji(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    return html.escape(tokens[index].content)


def _link_close(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    closing_token = tokens[index]
    note = html.escape(str(closing_token.meta.get("shown", "")))
    return f"</{closing_token.tag}>" + (f' <span class="link-note">({note})</span>' if note else "")
