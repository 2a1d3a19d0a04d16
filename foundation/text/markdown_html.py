"""HTML in markdown, read tag by tag into tokens of the parser.

Only the elements and attributes listed here get into a page, in a form that this module writes. The
tag of any other element is shown as it is written, as the specification of GitHub's markdown has it
for the dangerous ones: so nothing that a model reads is lost. Comments and attributes that are not
listed are left out; `unseen_lines` counts them. What comes from here is cleaned again by nh3.
"""

import html
from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from foundation.text.expressions import Pattern, compile_text
from foundation.text.markdown_limits import limit_rules

VOID = frozenset({"br", "hr", "img", "source", "wbr"})
FORMATTING = frozenset(
    {"abbr", "b", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp"}
    | {"small", "span", "strike", "strong", "sub", "sup", "time", "tt", "var", "ruby", "rt"}
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
TABLE_PARTS = frozenset({"caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
BLOCKS = HEADINGS | {
    *("blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "hr", "li", "ol"),
    *("p", "pre", "summary", "table", "ul"),
}
KNOWN_TAGS = VOID | FORMATTING | BLOCKS | TABLE_PARTS | {"a", "picture"}
# Elements without a meaning of their own: their content is shown without them.
TRANSPARENT = frozenset(
    {"address", "article", "aside", "bdo", "big", "body", "colgroup", "col", "font", "footer"}
    | {"header", "hgroup", "html", "label", "main", "nav", "nobr", "rp", "section", "u"}
)
# No page needs a longer tag, and its time stays small if it is nearly one.
MAX_TAG = 4_000
# Characters of the name of an anchor.
MAX_ANCHOR = 100

_TAG = compile_text(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?s:.*?))/?>")
_ATTRIBUTE = compile_text(
    r"([a-zA-Z_:][a-zA-Z0-9:._-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"'=<>`\s]+)))?"
)
_LENGTH = compile_text(r"([0-9]{1,4})(px|%)?")
_COUNT = compile_text(r"[0-9]{1,2}")
_ANY = compile_text(r"(?s:.*)")


def _words(*words: str) -> Pattern[str]:
    return compile_text("(?:" + "|".join(words) + ")", ignore_case=True)


_SIDE = _words("left", "center", "right", "justify", "middle", "top", "bottom", "baseline")
_ALIGNED = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td", "th", "table", "img")
_SIZED = ("img", "td", "th", "table")
# What an attribute may say. Its words count as seen, because a reader sees what it does.
ATTRIBUTES: dict[tuple[str, str], Pattern[str]] = {
    **{(tag, "align"): _SIDE for tag in (*_ALIGNED, "caption", "summary")},
    **{(tag, "valign"): _SIDE for tag in ("tr", "td", "th")},
    **{(tag, name): _LENGTH for tag in _SIZED for name in ("width", "height")},
    **{(tag, name): _COUNT for tag in ("td", "th") for name in ("colspan", "rowspan")},
    ("ol", "start"): compile_text(r"[0-9]{1,9}"),
    ("li", "value"): compile_text(r"[0-9]{1,9}"),
    ("details", "open"): _words("", "open", "true"),
    ("a", "href"): _ANY,
    ("img", "src"): _ANY,
    ("img", "alt"): _ANY,
    ("img", "title"): _ANY,
    ("a", "title"): _ANY,
    ("source", "srcset"): compile_text(r"[^\s,]+"),
    ("source", "media"): _words(r"\(prefers-color-scheme: *(?:dark|light)\)"),
}
# They change nothing here, and have no room for a message.
_WITHOUT_EFFECT: dict[str, Pattern[str]] = {
    "target": _words("_blank", "blank", "_self", "_top", "_parent", "_new"),
    "rel": _words("(?:(?:nofollow|noopener|noreferrer|external|me) ?)+"),
    "border": _LENGTH,
    "cellpadding": _LENGTH,
    "cellspacing": _LENGTH,
    "hspace": _LENGTH,
    "vspace": _LENGTH,
    "loading": _words("lazy", "eager"),
    "decoding": _words("async", "sync", "auto"),
}
_DIRECTION = _words("ltr", "rtl", "auto")
_ANCHORS = ("id", "name")


def read_html(state: StateCore) -> None:
    """Replaces the HTML of a document by tokens."""
    for token in state.tokens:
        if token.type == "html_block":
            token.type = "inline"
            token.meta = {**token.meta, "is_html": True}
            token.children = list(_read_block(token.content.rstrip("\n"), state.env))
        elif token.type == "inline" and token.children and "<" in token.content:
            token.children = [part for child in token.children for part in _read_inline(child)]


def _read_block(source: str, env: MutableMapping[str, Any]) -> Iterable[Token]:
    parts: list[Token] = []
    parser = _block_parser()
    parser.inline.parse(source, parser, env, parts)
    for part in parts:
        # The parser joins entities with the text before this rule runs.
        part.type = "text" if part.type == "text_special" else part.type
    return (part for child in parts for part in _read_inline(child))


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    """Returns a parser that knows tags and entities, but no markdown."""
    parser = MarkdownIt("zero", {"html": True}).enable(["html_inline", "entity"])
    limit_rules(parser)
    return parser


def _read_inline(token: Token) -> Iterable[Token]:
    return _read_tag(token.content) if token.type == "html_inline" else (token,)


def _read_tag(source: str) -> Iterable[Token]:
    if source[1] in "!?":
        return
    match = _TAG.fullmatch(source) if len(source) <= MAX_TAG else None
    tag = match[2].lower() if match else ""
    if match and tag in TRANSPARENT:
        yield _credited(Token("text", "", 0), [tag])
    elif match and tag == "center":
        yield _element("div", -1 if match[1] else 1, {"align": "center"}, ["center"])
    elif match and tag in KNOWN_TAGS:
        yield _end(tag) if match[1] else _start(tag, match[3])
    else:
        yield Token("text", "", 0, content=source)


def _end(tag: str) -> Token:
    return _element(tag, -1, {}, [tag])


def _start(tag: str, source: str) -> Token:
    attributes: dict[str, str] = {}
    credit = [tag]
    for match in _ATTRIBUTE.finditer(source):
        name = match[1].lower()
        value = html.unescape(match[2] or match[3] or match[4] or "")
        if name in attributes:
            continue
        if _is_shown(tag, name, value):
            attributes[name] = value
            is_credited_later = tag in ("img", "a", "source") or name in _ANCHORS
            credit += [name, *([] if is_credited_later else [value])]
        elif name in _WITHOUT_EFFECT and _WITHOUT_EFFECT[name].fullmatch(value):
            credit += [name, value]
    if tag in ("img", "a", "source"):
        credit += [attributes.get(name, "") for name in ("align", "width", "height", "media")]
        # The address of a link and the texts of an image are credited where they are shown.
        credit += [attributes.get("dir", "")]
    return _element(tag, 0 if tag in VOID else 1, attributes, credit)


def _is_shown(tag: str, name: str, value: str) -> bool:
    if name == "dir":
        return tag in BLOCKS and bool(_DIRECTION.fullmatch(value))
    if name == "id" or (name == "name" and tag == "a"):
        return 0 < len(value) <= MAX_ANCHOR and len(value.split()) == 1
    allowed_values = ATTRIBUTES.get((tag, name))
    return allowed_values is not None and bool(allowed_values.fullmatch(value.strip()))


def _element(tag: str, nesting: int, attributes: dict[str, str], credit: list[str]) -> Token:
    kind = {"a": "link_open" if nesting == 1 else "link_close", "img": "image"}.get(tag, "html_tag")
    token = Token(kind, tag, nesting, attrs=dict(attributes))  # type: ignore[arg-type]
    token.meta["is_html"] = True
    token.meta["anchors"] = [str(attributes[name]) for name in _ANCHORS if name in attributes]
    if kind == "image":
        token.children = [Token("text", "", 0, content=token.attrs.get("alt", ""))]  # type: ignore[arg-type]
    return _credited(token, credit)


def _credited(token: Token, words: Iterable[str]) -> Token:
    """Notes words of the source whose effect a reader sees."""
    token.meta["credit"] = " ".join(words)
    return token
