"""Markdown to safe HTML.

Two independent defences: the parser never passes on the author's raw HTML, and nh3 allows only the
tags and attributes listed here.
"""

import html
import io
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink, normalizeLinkText
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from pygments.formatters import HtmlFormatter

from foundation.text.colouring import ColourBudget, is_language, lex, may_colour
from foundation.text.front_matter import FrontMatter, read_front_matter
from foundation.text.markdown_limits import MAX_NESTING, limit_rules
from foundation.text.names import has_visible

RENDERER_VERSION = "7"  # Increase it when the same source would give different HTML.
MAX_BYTES = 100_000
# Opening brackets: from each unclosed one the parser scans to the end of the text.
MAX_BRACKETS = 5_000
# A definition of a link may be used thousands of times, each time with its address and title.
MAX_ADDRESS = 2_048
MAX_TITLE = 300
ELLIPSIS = "…"
MAX_HTML = 2_000_000
"""Characters of HTML. A text that gives more is shown as its source."""
# The prefix keeps an author's heading from taking the id of another element of the page.
HEADING_ID_PREFIX = "readme-"

# The library fills its tables of characters at their first use, and a second thread would then see
# a part of them. So they are filled here, before there are threads.
normalizeLink("https://example.org/%20é")
normalizeLinkText("https://example.org/%20é")

EXTERNAL_LINKS = ("https://", "http://", "mailto:", "#")
ResolveLink = Callable[[str], str]

TAGS = {
    *("a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "input", "li", "ol", "p", "pre", "s", "section", "span", "strong"),
    *("sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    "a": {"href", "id", "class"},
    "code": {"class"},
    "div": {"class"},
    "p": {"class"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "h5": {"id"},
    "h6": {"id"},
    "input": {"type", "checked", "disabled"},
    "li": {"class", "id"},
    "ol": {"start", "class"},
    "pre": {"class", "tabindex"},
    "section": {"class"},
    "span": {"class"},
    "sup": {"class"},
    "table": {"class", "tabindex"},
    "td": {"class"},
    "th": {"class"},
    "ul": {"class"},
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML, and whether the source was longer than the part that was rendered."""

    html: str
    is_cut: bool


def render_markdown(
    source: str, *, max_bytes: int = MAX_BYTES, resolve_link: ResolveLink | None = None
) -> Rendered:
    """Render up to ``max_bytes`` and ``MAX_BRACKETS`` opening brackets of ``source``.

    ``resolve_link`` returns the URL path for a relative link, or "" to show the link as plain text.
    Without it every relative link becomes plain text.
    """
    text = cut_source(source, max_bytes)
    resolved: set[str] = set()
    env = {
        "resolve_link": resolve_link or (lambda target: ""),
        "resolved": resolved,
        "colours": ColourBudget(),
    }
    front_matter = read_front_matter(text)
    body = "\n".join(text.split("\n")[front_matter.line_count :]) if front_matter else text
    unsafe_html = _front_matter_table(front_matter) + _parser().render(body, env)
    if len(unsafe_html) > MAX_HTML:
        unsafe_html = _plain_code(text)
    safe_html = clean_html(unsafe_html, is_own_page=resolved.__contains__)
    return Rendered(safe_html, is_cut=len(text) < len(source))


def cut_source(source: str, max_bytes: int = MAX_BYTES) -> str:
    """Returns the part of a text that is rendered."""
    raw = source.encode()
    text = raw[:max_bytes].decode(errors="ignore") if len(raw) > max_bytes else source
    return _cut_after_max_brackets(text)


def parse_source(body: str) -> tuple[list[Token], dict[str, Any]]:
    """Returns the tokens of a text without front matter, and what the parser learned."""
    env: dict[str, Any] = {"resolve_link": lambda target: "", "resolved": set()}
    return _parser().parse(body, env), env


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
        "html": False,
        "linkify": False,
        "maxNesting": MAX_NESTING,
        # Tells which link definitions are used.
        "store_labels": True,
    }
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    limit_rules(parser)
    parser.core.ruler.after("inline", "task_lists", _mark_task_lists)
    parser.core.ruler.after("inline", "links", _resolve_links)
    parser.core.ruler.push("images", _describe_images)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("link_close", _link_close)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("td_open", _cell)
    parser.add_render_rule("th_open", _cell)
    return parser


def _mark_task_lists(state: StateCore) -> None:
    """Give items that begin with ``[ ]`` or ``[x]`` a checkbox.

    The library's plugin searches the list again for every item; this is a single pass.
    """
    lists: list[Token] = []
    for index, token in enumerate(state.tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif _is_task_item(token) and state.tokens[index - 2].type == "list_item_open":
            _insert_checkbox(token.children or [])
            state.tokens[index - 2].attrSet("class", "task-list-item")
            lists[-1].attrSet("class", "contains-task-list")


def _is_task_item(token: Token) -> bool:
    first = token.children[0] if token.type == "inline" and token.children else None
    return bool(first and first.type == "text" and _begins_with_box(token.content))


def _begins_with_box(text: str) -> bool:
    return text[:3] in ("[ ]", "[x]", "[X]") and text[3:4].isspace() and bool(text[4:].strip())


def _insert_checkbox(line: list[Token]) -> None:
    checked = "" if line[0].content.startswith("[ ]") else "checked "
    line[0].content = line[0].content[3:]
    line.insert(0, Token("html_inline", "", 0, content=f'<input {checked}type="checkbox">'))


def _resolve_links(state: StateCore) -> None:
    """Keep external links, resolve relative ones, turn the others into plain text."""
    for token in state.tokens:
        open_links: list[Token] = []
        has_text = False
        for part in token.children or []:
            if part.type == "link_open":
                open_links.append(part)
                has_text = False
                _resolve_link(part, state.env)
            elif part.type == "link_close":
                _close_link(part, open_links.pop(), has_text=has_text)
            else:
                has_text = has_text or part.type == "image" or has_visible(part.content)


def _resolve_link(link: Token, env: MutableMapping[str, Any]) -> None:
    target = str(link.attrGet("href") or "")
    link.attrSet("title", _shorten(str(link.attrGet("title") or ""), MAX_TITLE))
    is_too_long = len(target) > MAX_ADDRESS
    if target.startswith(EXTERNAL_LINKS) and not is_too_long:
        return
    is_relative = not target.startswith(("/", "?")) and ":" not in target and not is_too_long
    url = env["resolve_link"](target) if is_relative else ""
    if url:
        env["resolved"].add(url)
        link.attrSet("href", url)
    else:
        link.tag = "span"
        link.attrs.pop("href", None)
        link.meta["target"] = _shorten(target, MAX_ADDRESS)


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + ELLIPSIS


def _close_link(closing: Token, opening: Token, *, has_text: bool) -> None:
    """End a link, and keep what its text does not show: a title, a dead target.

    A reader cannot point at a link without text, so its address is written out, too.
    """
    closing.tag = opening.tag
    target, title = str(opening.meta.get("target", "")), opening.attrs.pop("title", "")
    if not has_text:
        target = target or str(opening.attrGet("href") or "")
    closing.meta |= {"target": target, "shown": f"{target} {title}".strip()}


def _describe_images(state: StateCore) -> None:
    """Give each image the text that stands for it, and the address if it is linked."""
    for token in state.tokens:
        for image in token.children or []:
            if image.type == "image":
                _describe_image(image, state)


def _describe_image(image: Token, state: StateCore) -> None:
    renderer = cast(RendererHTML, state.md.renderer)
    label = renderer.renderInlineAsText(image.children or [], state.md.options, state.env)
    source, title = str(image.attrGet("src") or ""), str(image.attrGet("title") or "")
    source, title = _shorten(source, MAX_ADDRESS), _shorten(title, MAX_TITLE)
    is_external = source.startswith(("https://", "http://")) and not source.endswith(ELLIPSIS)
    parts = [title, "" if is_external else source]
    image.meta["label_text"] = label
    image.meta["shown"] = ", ".join(part for part in parts if part)
    image.meta["address"] = source if is_external else ""


def _link_close(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    closing = tokens[index]
    note = html.escape(str(closing.meta.get("shown", "")))
    return f"</{closing.tag}>" + (f' <span class="link-note">({note})</span>' if note else "")


def _heading_id(heading: Token) -> str:
    texts = (t.content for t in heading.children or [] if t.type in ("text", "code_inline"))
    title = "".join(texts).casefold()
    words = "".join(c if c.isalnum() else " " for c in title).split()
    return HEADING_ID_PREFIX + "-".join(words)[:80]


def _unique_id(base: str, last_numbers: dict[str, int]) -> str:
    """Return ``base``, or ``base-N`` if it is used.

    ``last_numbers`` has every id in use. It remembers the last number of each base, so that
    thousands of equal headings are numbered in linear time.
    """
    unique = base
    while unique in last_numbers:
        last_numbers[base] += 1
        unique = f"{base}-{last_numbers[base]}"
    last_numbers[unique] = 0
    return unique


def _heading(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # One level down, because the page has its own h1. No level is skipped on the way down, because
    # screen reader users navigate by headings.
    token = tokens[index]
    if token.nesting == 1:
        env["level"] = min(6, int(token.tag[1]) + 1, env.get("level", 1) + 1)
        token.attrSet("id", _unique_id(_heading_id(tokens[index + 1]), env.setdefault("ids", {})))
    token.tag = f"h{env['level']}"
    return self.renderToken(tokens, index, options, env)


def _cell(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # The parser aligns by a style attribute, which the content security policy forbids.
    style = tokens[index].attrs.pop("style", None)
    if style:
        tokens[index].attrSet("class", str(style).replace("text-align:", "align-"))
    return self.renderToken(tokens, index, options, env)


def _image(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # Pages load nothing from other hosts: an image becomes its alternative text, linked if the
    # source is external.
    meta = tokens[index].meta
    address, note = meta["address"], meta["shown"]
    label = f"image: {meta['label_text'] or 'image'}"
    text = html.escape(f"[{label}, {note}]" if note else f"[{label}]")
    if address:
        return f'<a href="{html.escape(address)}">{text}</a>'
    return f"<span>{text}</span>"


def _fence(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    """A code block, below its info string unless that only names a language."""
    info = tokens[index].info.strip()
    language = info.split(maxsplit=1)[0] if info else ""
    block = _highlighted(tokens[index].content, language, env["colours"])
    if not info or (info == language and is_language(language)):
        return block
    return f'<p class="fence-info"><code>{html.escape(info)}</code></p>\n{block}'


def _table(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # A wide table scrolls, so it must be reachable by keyboard; the same holds for code blocks.
    tokens[index].attrSet("tabindex", "0")
    return self.renderToken(tokens, index, options, env)


def _code(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    return _plain_code(tokens[index].content)


def _plain_code(code: str) -> str:
    return f'<pre tabindex="0"><code>{html.escape(code, quote=False)}</code></pre>\n'


def _highlighted(source: str, language: str, budget: ColourBudget) -> str:
    if not may_colour(source, language) or budget.is_spent():
        return _plain_code(source)
    highlighted = io.StringIO()
    _formatter().format(lex(source, language, budget), highlighted)
    return f'<pre class="highlight" tabindex="0"><code>{highlighted.getvalue()}</code></pre>\n'


@lru_cache(maxsize=1)
def _formatter() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True)


def clean_html(unsafe_html: str, *, is_own_page: Callable[[str], bool] = lambda path: False) -> str:
    """Remove tags and attributes that are not allowed, and internal links.

    ``is_own_page`` tells which URL paths of this site may be linked.
    """

    def filter_attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "a" and name == "href":
            return value if value.startswith(EXTERNAL_LINKS) or is_own_page(value) else None
        return "0" if name == "tabindex" else value

    return nh3.clean(
        unsafe_html,
        tags=TAGS,
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=filter_attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative="pass_through",
        link_rel="nofollow noopener ugc",
        set_tag_attribute_values={"input": {"disabled": "", "type": "checkbox"}},
    )
