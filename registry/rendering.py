"""Markdown into cleaned HTML, once, at publish.

Two locks, one behind the other: the parser writes no raw HTML of the author's, and nh3 lets
through only the tags and attributes named here.
"""

import html
import posixpath
import re
from collections.abc import Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

RENDERER = "4"  # Goes up when the same source would give other HTML.
SHOWN_BYTES = 100_000
# Of opening brackets: the parser looks from each, if it is never closed, to the end of the text.
MOST_BRACKETS = 5_000
MOST_HIGHLIGHTED = 20_000

LEADS_OUT = ("https://", "http://", "mailto:", "#")
FILE_PAGE = re.compile(r"/agents/@[a-z0-9-]+/[a-z0-9-]+/versions/[0-9A-Za-z.+-]+/files/")
AddressOf = Callable[[str], str]
TASK = re.compile(r"\[[ xX]\]\s+\S")

TAGS = {
    *("a", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h2", "h3", "h4"),
    *("h5", "h6", "hr", "input", "li", "ol", "p", "pre", "s", "section", "span", "strong"),
    *("sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {
    "a": {"href", "id", "class"},
    "code": {"class"},
    "div": {"class"},
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
    "table": {"tabindex"},
    "td": {"class"},
    "th": {"class"},
    "ul": {"class"},
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """``is_cut`` says that the source was longer than what is shown."""

    html: str
    is_cut: bool


def render_markdown(
    source: str, *, shown_bytes: int = SHOWN_BYTES, address_of: AddressOf | None = None
) -> Rendered:
    """The first ``shown_bytes`` of ``source``, up to the bracket that is one too many, as HTML that
    may stand inside a page of ours.

    ``address_of`` gives the page of a file that a relative link names, or ""; without it such a
    link is words alone.
    """
    raw = source.encode()
    text = raw[:shown_bytes].decode(errors="ignore") if len(raw) > shown_bytes else source
    text = _up_to_too_many_brackets(text)
    env = {"address_of": address_of or (lambda _: "")}
    html = clean_html(_parser().render(_without_front_matter(text), env))
    return Rendered(html, is_cut=len(text) < len(source))


def _up_to_too_many_brackets(text: str) -> str:
    pieces = text.split("[", MOST_BRACKETS + 1)
    return "[".join(pieces[:-1]) if len(pieces) > MOST_BRACKETS + 1 else text


def _without_front_matter(text: str) -> str:
    if not text.startswith("---\n"):
        return text
    end = text.find("\n---\n", 4)
    return text[end + 5 :] if end != -1 else text


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt(
        "commonmark", {"html": False, "linkify": False, "maxNesting": 40, "highlight": _highlighted}
    ).enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    parser.core.ruler.after("inline", "task_lists", _task_lists)
    parser.core.ruler.after("inline", "links", _links)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("td_open", _cell)
    parser.add_render_rule("th_open", _cell)
    return parser


def _task_lists(state: StateCore) -> None:
    """Items that begin with ``[ ]`` or ``[x]`` get a box, and their lists a class. In one pass:
    the library's plugin looks for the list from every item anew."""
    lists: list[Token] = []
    for place, token in enumerate(state.tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif _begins_a_task(token) and state.tokens[place - 2].type == "list_item_open":
            _put_box(token.children or [])
            state.tokens[place - 2].attrSet("class", "task-list-item")
            lists[-1].attrSet("class", "contains-task-list")


def _links(state: StateCore) -> None:
    """Links that lead out stay, relative ones lead to the page of the file, the rest is words."""
    for token in state.tokens:
        open_links: list[Token] = []
        for part in token.children or []:
            if part.type == "link_open":
                open_links.append(part)
                _lead(part, state.env["address_of"])
            elif part.type == "link_close":
                part.tag = open_links.pop().tag


def _lead(link: Token, address_of: AddressOf) -> None:
    target = str(link.attrGet("href") or "")
    if target.startswith(LEADS_OUT):
        return
    address = "" if target.startswith(("/", "?")) or ":" in target else address_of(target)
    if address:
        link.attrSet("href", address)
    else:
        link.tag, link.attrs = "span", {}


def _begins_a_task(token: Token) -> bool:
    first = token.children[0] if token.type == "inline" and token.children else None
    return bool(first and first.type == "text" and TASK.match(token.content))


def _put_box(line: list[Token]) -> None:
    checked = "" if line[0].content.startswith("[ ]") else "checked "
    line[0].content = line[0].content[3:]
    line.insert(0, Token("html_inline", "", 0, content=f'<input {checked}type="checkbox">'))


def _heading_id(heading: Token) -> str:
    # The prefix keeps an author's heading from taking the id of a part of the page.
    texts = (t.content for t in heading.children or [] if t.type in ("text", "code_inline"))
    title = "".join(texts).casefold()
    words = "".join(c if c.isalnum() else " " for c in title).split()
    return "readme-" + "-".join(words)[:80]


def _free_id(wanted: str, taken: dict[str, int]) -> str:
    """The id, with a number where it is taken. The counting goes on where it stopped: thousands of
    headings that are alike must not each begin at one."""
    free = wanted
    while free in taken:
        taken[wanted] += 1
        free = f"{wanted}-{taken[wanted]}"
    taken[free] = 0
    return free


def _heading(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # One level down, since the page itself has the h1; and none left out on the way down, since
    # people who hear a page go through it by its headings.
    token = tokens[index]
    if token.nesting == 1:
        env["level"] = min(6, int(token.tag[1]) + 1, env.get("level", 1) + 1)
        token.attrSet("id", _free_id(_heading_id(tokens[index + 1]), env.setdefault("ids", {})))
    token.tag = f"h{env['level']}"
    return self.renderToken(tokens, index, options, env)


def _cell(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # The parser aligns by style; a strict policy wants a class.
    style = tokens[index].attrs.pop("style", None)
    if style:
        tokens[index].attrSet("class", str(style).replace("text-align:", "align-"))
    return self.renderToken(tokens, index, options, env)


def _image(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # Pages load nothing from other hosts: an image becomes its words, a link where it leads out.
    token = tokens[index]
    label = self.renderInlineAsText(token.children or [], options, env) or "image"
    source = str(token.attrGet("src") or "")
    text = html.escape(f"[image: {label}]")
    if source.startswith(("https://", "http://")):
        return f'<a href="{html.escape(source)}">{text}</a>'
    return f"<span>{text}</span>"


def _table(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    # What is wider than the page scrolls, so the keyboard must come to it; code blocks alike.
    tokens[index].attrSet("tabindex", "0")
    return self.renderToken(tokens, index, options, env)


def _code(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    return _plain(tokens[index].content)


def _plain(code: str) -> str:
    return f'<pre tabindex="0"><code>{html.escape(code, quote=False)}</code></pre>\n'


def _highlighted(code: str, language: str, _attributes: str) -> str:
    if not language or len(code) > MOST_HIGHLIGHTED:
        return _plain(code)
    lexer = _lexer(language)
    if lexer is None:
        return _plain(code)
    coloured: str = highlight(code, lexer(), _formatter())
    return f'<pre class="highlight" tabindex="0"><code>{coloured}</code></pre>'


@lru_cache(maxsize=256)
def _lexer(language: str) -> type[Lexer] | None:
    # Looked for once: the library goes through all of its five hundred every time.
    try:
        return type(get_lexer_by_name(language))
    except ClassNotFound:
        return None


@lru_cache(maxsize=1)
def _formatter() -> "HtmlFormatter[str]":
    return HtmlFormatter(nowrap=True)


def clean_html(dirty: str) -> str:
    return nh3.clean(
        dirty,
        tags=TAGS,
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative="pass_through",
        link_rel="nofollow noopener ugc",
        set_tag_attribute_values={"input": {"disabled": "", "type": "checkbox"}},
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Links lead out, to a heading, or to the page of a file."""
    if tag == "a" and name == "href":
        return value if value.startswith(LEADS_OUT) or FILE_PAGE.match(value) else None
    if name == "tabindex":
        return "0"
    return value


def renderings_of(
    manifest: Mapping[str, Any], texts: Mapping[str, str], paths: Collection[str]
) -> dict[str, Rendered]:
    """What a version's page shows as prose, by document: its description, and its README if any.
    Their relative links lead to the pages of these ``paths``."""
    pages = f"/agents/{manifest['id']}/versions/{manifest['version']}/files/"

    def address_of(target: str) -> str:
        named, mark, heading = target.partition("#")
        path = posixpath.normpath(unquote(named))
        return f"{pages}{quote(path)}{mark}{heading}" if path in paths else ""

    description = str(manifest["description"])
    found = {"description": render_markdown(description, address_of=address_of)}
    readme = next((texts[path] for path in texts if path.casefold() == "readme.md"), None)
    if readme:
        found["readme"] = render_markdown(readme, address_of=address_of)
    return found
