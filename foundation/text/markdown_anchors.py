"""Ids of headings, anchors and footnotes, and the links to them.

A page holds several texts of authors and has ids of its own. So each text has a prefix for its ids,
as GitHub has `user-content-`, and the links within the text get it, too.
"""

import html
import unicodedata
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from foundation.text.expressions import compile_text
from foundation.text.markdown_html import HEADINGS

DEFAULT_PREFIX = "readme-"
MAX_SLUG = 300
MAX_NAME_WORDS = 3
"""A name of more words that no heading has and no link shows could be a hidden message."""
_WORD_ENDS = compile_text(r"[^\pL\pN\pM]+")
_EMOJI_STYLE = "\ufe0f"
_IN_SLUGS = frozenset({"Mn", "Mc", "Me", "Nd", "Nl", "Pc"})


class Anchors:
    """The ids of one text. Slugs of headings are given first, as on GitHub."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self._last_numbers: dict[str, int] = {}
        self._by_key: dict[str, str] = {}

    def add_heading(self, title: str) -> str:
        """Returns the id of the next heading: its slug, or `slug-N` if that is used.

        The last number of each slug is remembered, so that thousands of equal headings are
        numbered in linear time.
        """
        base = unique = slug_of(title)
        while unique in self._last_numbers:
            self._last_numbers[base] += 1
            unique = f"{base}-{self._last_numbers[base]}"
        return self._add(unique)

    def add_name(self, name: str) -> str:
        """Returns the id of an author's own anchor, or "" if it is used."""
        name = unicodedata.normalize("NFC", name).lower()
        return "" if name in self._last_numbers else self._add(name)

    def _add(self, name: str) -> str:
        self._last_numbers[name] = 0
        self._by_key.setdefault(_key(name), name)
        return self.prefix + name

    def address(self, fragment: str) -> str:
        """Returns the address of the place that a link means by `#fragment`."""
        name = unquote(fragment)
        if name.lower() in ("", "top") and _key(name) not in self._by_key:
            return "#"
        if name not in self._last_numbers:
            name = self._by_key.get(_key(name), name)
        return "#" + quote(self.prefix + name)


def slug_of(title: str) -> str:
    """Returns the id that GitHub gives to a heading with this text."""
    title = unicodedata.normalize("NFC", title[:MAX_SLUG])
    letters = (c for c in title.lower() if _is_in_slug(c))
    return "".join(letters).replace(" ", "-")


def _is_in_slug(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in " -_"
    return character.isalpha() or unicodedata.category(character) in _IN_SLUGS


def fragment_of(fragment: str, prefix: str = DEFAULT_PREFIX) -> str:
    """Returns the fragment for a place in another text, as well as it is known."""
    name = unicodedata.normalize("NFC", unquote(fragment)).lower()
    return quote(prefix + name) if name else ""


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).replace(_EMOJI_STYLE, "").casefold()


def set_ids(state: StateCore) -> None:
    """Gives headings and anchors their ids, and headings their level on the page."""
    anchors: Anchors = state.env["anchors"]
    headings = list(_headings(state.tokens))
    # The highest level of the text becomes h2, because the page has its own h1. No level is skipped
    # on the way down, because screen reader users navigate by headings.
    shift = 2 - min((int(opening.tag[1]) for opening, _ in headings), default=1)
    level = 1
    for opening, title in headings:
        level = min(6, int(opening.tag[1]) + shift, level + 1)
        opening.meta["level"] = level
        opening.meta["id"] = anchors.add_heading(title)
    _set_levels(state.tokens)
    for token in _all_tokens(state.tokens):
        if "is_html" in token.meta and token.nesting != -1:
            _set_own_id(token, anchors)
        if "id" in token.meta and token.tag in HEADINGS:
            token.attrs["id"] = token.meta["id"]


def visible_anchors(tokens: Sequence[Token]) -> Iterator[str]:
    """Yields the names of anchors that a reader learns or that are short."""
    parts = list(_all_tokens(tokens))
    ids = {str(part.meta["id"]) for part in parts if part.tag in HEADINGS and "id" in part.meta}
    ids |= {str(part.attrs.get("href", "")).removeprefix("#") for part in parts}
    names = {_key(unquote(name).removeprefix(DEFAULT_PREFIX)) for name in ids}
    for part in parts:
        for name in part.meta.get("anchors", ()):
            if len(_WORD_ENDS.split(name)) <= MAX_NAME_WORDS or _key(name) in names:
                yield name


def _set_own_id(token: Token, anchors: Anchors) -> None:
    name = token.attrs.pop("id", "") or token.attrs.pop("name", "")
    token.attrs.pop("name", None)
    if name and (full := anchors.add_name(str(name))):
        token.attrs["id"] = full


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    """Yields the start of each heading with its text."""
    opening: Token | None = None
    texts: list[str] = []
    for token in _all_tokens(tokens):
        if token.tag in HEADINGS and token.nesting == 1:
            opening, texts = token, []
        elif token.tag in HEADINGS and token.nesting == -1 and opening:
            yield opening, _title(opening, texts)
            opening = None
        elif opening and token.type in ("text", "text_special", "code_inline", "emoji"):
            texts.append(str(token.meta.get("written", token.content)))
    if opening:
        yield opening, _title(opening, texts)


def _title(opening: Token, texts: list[str]) -> str:
    title = "".join(texts)
    return " ".join(title.split()) if "is_html" in opening.meta else title


def _set_levels(tokens: Sequence[Token]) -> None:
    levels: list[int] = []
    for token in _all_tokens(tokens):
        if token.tag in HEADINGS and token.nesting == 1:
            levels.append(token.meta.get("level", 6))
            token.tag = f"h{levels[-1]}"
        elif token.tag in HEADINGS and levels:
            token.tag = f"h{levels.pop()}"


def _all_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def footnote_ref(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    meta, prefix = tokens[index].meta, env["anchors"].prefix
    number = meta["id"] + 1
    return (
        f'<sup class="footnote-ref"><a href="#{prefix}fn:{number}" id="{prefix}ref:{number}'
        f'{_repetition(meta)}">{number}</a></sup>'
    )


def footnote_open(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    number = tokens[index].meta["id"] + 1
    label = str(tokens[index].meta.get("label") or "")
    # A reader sees the number alone, and a model the name.
    name = f' data-label="{html.escape(label)}"' if label != str(number) else ""
    return f'<li id="{env["anchors"].prefix}fn:{number}"{name}>'


def footnote_anchor(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    meta, prefix = tokens[index].meta, env["anchors"].prefix
    address = f"#{prefix}ref:{meta['id'] + 1}{_repetition(meta)}"
    return f' <a href="{address}" class="footnote-backref">↩</a>'


def _repetition(meta: dict[str, Any]) -> str:
    return f":{meta['subId']}" if meta.get("subId", 0) > 0 else ""
