"""Links of a text: to other hosts, to files of the package, and bare addresses.

A link that leads nowhere is plain text, and its address follows it, as a model reads that, too.
"""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from foundation.text.expressions import compile_text
from foundation.text.names import has_visible

# A definition of a link may be used thousands of times, each time with its address and title.
MAX_ADDRESS = 2_048
MAX_TITLE = 300
ELLIPSIS = "…"
EXTERNAL = ("https://", "http://", "mailto:")
EXTERNAL_LINKS = (*EXTERNAL, "#")

# Of GitHub's markdown. An address in Chinese or Japanese text ends at its punctuation, too.
_BARE = compile_text(
    r"https?://[^\s\pZ<\x{3001}\x{3002}\x{300a}-\x{3011}\x{ff01}\x{ff08}\x{ff09}\x{ff0c}\x{ff1a}"
    r"\x{ff1b}\x{ff1f}]+|www\.[^\s\pZ<\x{3001}\x{3002}\x{300a}-\x{3011}\x{ff01}\x{ff08}\x{ff09}"
    r"\x{ff0c}\x{ff1a}\x{ff1b}\x{ff1f}]+|[a-z0-9._+-]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)+",
    ignore_case=True,
)
_BEFORE_WWW = frozenset("*_~(\"'")
_TRAILING = frozenset("?!.,:;*_~'\"")
_NOT_IN_HOST = frozenset("/?#:")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a page may show.

    `width` and `height` are in pixels, 0 if not known.
    """

    address: str
    width: int = 0
    height: int = 0


class PackageLinks(Protocol):
    """Resolves the links of a text to the package that it is in."""

    def page(self, target: str) -> str:
        """Returns the URL path of a relative link, or ""."""

    def picture(self, target: str) -> Picture | None:
        """Returns the picture at a relative address, if pages may show it."""


class NoLinks:
    """For texts whose package has no pages."""

    def page(self, target: str) -> str:
        return ""

    def picture(self, target: str) -> Picture | None:
        return None


def shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + ELLIPSIS


def link_addresses(state: StateCore) -> None:
    """Turns bare addresses into links, outside of links and code."""
    for token in state.tokens:
        if token.type == "inline" and "is_html" not in token.meta and _may_have(token.content):
            token.children = list(_link_parts(token.children or [], state.md))


def _may_have(text: str) -> bool:
    return "://" in text or "@" in text or "www." in text.lower()


def _link_parts(parts: list[Token], parser: MarkdownIt) -> Iterator[Token]:
    depth = 0
    for part in parts:
        if part.type in ("link_open", "link_close"):
            depth += part.nesting
        if part.type != "text" or depth or part.meta or not _may_have(part.content):
            yield part
        else:
            yield from _split(part.content, parser)


def _split(text: str, parser: MarkdownIt) -> Iterator[Token]:
    position = 0
    for start, end, address in find_addresses(text):
        address = parser.normalizeLink(address)
        if not parser.validateLink(address):
            continue
        if start > position:
            yield Token("text", "", 0, content=text[position:start])
        yield Token("link_open", "a", 1, attrs={"href": address}, info="bare")
        yield Token("text", "", 0, content=text[start:end])
        yield Token("link_close", "a", -1, info="bare")
        position = end
    if position < len(text):
        yield Token("text", "", 0, content=text[position:])


def find_addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Yields start, end and target of each bare address, as GitHub finds them."""
    for match in _BARE.finditer(text):
        start, address = match.start(), match[0]
        before = text[start - 1 : start]
        if address[:4].lower() == "http":
            end, prefix = _trimmed(address), ""
            host = address[:end].partition("://")[2]
            is_link = not (before.isascii() and before.isalnum()) and host[:1].isalnum()
        elif "@" in address and address[:4].lower() != "www.":
            end, prefix = len(address), "mailto:"
            is_link = address[-1].isalnum()
        else:
            end, prefix = _trimmed(address), "http://"
            may_follow = not before or before.isspace() or before in _BEFORE_WWW
            is_link = may_follow and _is_domain(address[:end])
        if is_link:
            yield start, start + end, prefix + address[:end]


def _is_domain(text: str) -> bool:
    host = next((text[:i] for i, c in enumerate(text) if c in _NOT_IN_HOST), text)
    labels = host.split(".")
    return len(labels) > 1 and all(labels) and "_" not in labels[-1] + labels[-2]


def _trimmed(address: str) -> int:
    """Returns the length without punctuation that belongs to the sentence."""
    end = len(address)
    surplus = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return end


def resolve_links(state: StateCore) -> None:
    """Keep external links, resolve relative ones, turn the others into plain text."""
    # HTML of the author may open a link in one block and close it in another.
    open_links: list[Token] = []
    has_text = False
    link_text = ""
    for token in state.tokens:
        for part in token.children or []:
            if part.type == "link_open":
                _resolve_link(part, state.env, is_nested=bool(open_links))
                open_links.append(part)
                has_text, link_text = False, ""
            elif part.type == "link_close" and open_links:
                _mark_link(open_links[-1], link_text)
                _close_link(part, open_links.pop(), has_text=has_text)
            elif part.type == "image":
                has_text = True
                part.meta["is_in_link"] = any(link.tag == "a" for link in open_links)
            else:
                has_text = has_text or has_visible(part.content)
                link_text = (link_text + part.content)[:MAX_ADDRESS] if open_links else ""


def _resolve_link(link: Token, env: MutableMapping[str, Any], *, is_nested: bool) -> None:
    if "href" not in link.attrs:
        # An anchor of the author's HTML.
        link.tag = "span"
        link.attrs = {name: value for name, value in link.attrs.items() if name == "id"}
        return
    target = str(link.attrGet("href") or "").strip()
    link.attrSet("title", shorten(str(link.attrGet("title") or ""), MAX_TITLE))
    url = "" if is_nested or len(target) > MAX_ADDRESS else resolve_target(target, env)
    if url:
        link.attrSet("href", url)
    else:
        link.tag = "span"
        link.attrs.pop("href", None)
        link.meta["target"] = shorten(target, MAX_ADDRESS)


def resolve_target(target: str, env: MutableMapping[str, Any]) -> str:
    """Returns the address to link to, or "" for none."""
    if target.startswith("#"):
        return str(env["anchors"].address(target[1:]))
    if external := external_address(target):
        return external
    if target.startswith(("//", "?")) or ":" in target.partition("/")[0]:
        return ""
    url = str(env["links"].page(target))
    env["resolved"].add(url)
    return url


def external_address(target: str) -> str:
    """Returns an address with its scheme in lower case, or "" if it is not external."""
    scheme, colon, remainder = target.partition(":")
    address = scheme.lower() + colon + remainder
    if not address.startswith(EXTERNAL) or any(c in "<>\"'" or c.isspace() for c in address):
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.hostname or parts.scheme == "mailto" else ""


def _mark_link(opening: Token, link_text: str) -> None:
    """Note whether the text of a link is its address, and the label in its source.

    The page of a file writes behind a link what its text does not show.
    """
    if opening.tag != "a":
        return
    target = str(opening.attrs["href"])
    if link_text and target in (link_text, f"mailto:{link_text}", f"http://{link_text}"):
        opening.attrSet("class", "bare")
    label = str(opening.meta.get("label", ""))
    if label and label.casefold() != link_text.casefold():
        opening.attrSet("data-label", label.lower())


def _close_link(closing_token: Token, opening_token: Token, *, has_text: bool) -> None:
    """End a link, and keep what its text does not show: a title, a dead target.

    A reader cannot point at a link without text, so its address is written out, too.
    """
    closing_token.tag = opening_token.tag
    target, title = str(opening_token.meta.get("target", "")), opening_token.attrs.pop("title", "")
    if not has_text:
        target = target or str(opening_token.attrGet("href") or "")
    closing_token.meta |= {"target": target, "shown": f"{target} {title}".strip()}
