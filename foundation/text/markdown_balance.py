"""Closes and nests the tags of an author's HTML.

A browser repairs unclosed and crossed tags by rules that repeat them in each later paragraph. After
this pass there is nothing to repair: a tag ends at the latest where the list item, quote or
paragraph ends in which it begins, or with the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from foundation.text.markdown_html import BLOCKS, TABLE_PARTS, VOID

MAX_OPEN_TAGS = 40
_ROW_PARENTS = frozenset({"table", "thead", "tbody", "tfoot"})
_PARENTS = {
    "td": frozenset({"tr"}),
    "th": frozenset({"tr"}),
    "tr": _ROW_PARENTS,
    **dict.fromkeys(("thead", "tbody", "tfoot", "caption"), frozenset({"table"})),
}
# Text in them is moved in front of the table by a browser, and an element would be repeated.
_WITHOUT_TEXT = _ROW_PARENTS | {"tr"}


@dataclass(slots=True)
class _Open:
    """An element that is open; one of markdown closes all inside of it when it ends."""

    tag: str
    is_html: bool


def balance_html(state: StateCore) -> None:
    """Adds missing end tags, and removes those without a start."""
    if not any(map(_has_html, state.tokens)):
        return
    nesting = _Nesting()
    state.tokens = [*_balance_all(state.tokens, nesting), *nesting.close_html()]


def _has_html(token: Token) -> bool:
    return any("is_html" in child.meta for child in token.children or ())


def _balance_all(tokens: list[Token], nesting: "_Nesting") -> Iterator[Token]:
    for token in tokens:
        if token.type != "inline":
            yield from nesting.enter(token)
            continue
        if "is_html" in token.meta:
            token.children = [part for child in token.children or () for part in nesting.add(child)]
        else:
            nesting.open_elements.append(_Open("", is_html=False))
            parts = [part for child in token.children or () for part in nesting.add(child)]
            token.children = [*parts, *nesting.close_html()]
            nesting.open_elements.pop()
        yield token


class _Nesting:
    """The elements that are open at a place of the text."""

    def __init__(self) -> None:
        self.open_elements: list[_Open] = []
        self._html_count = 0

    def add(self, token: Token) -> Iterator[Token]:
        """Yields the token, if it may stand here, and what must stand before it."""
        if "is_html" not in token.meta:
            yield from self.enter(token)
        elif token.nesting == -1:
            yield from self._close(token)
        elif token.type == "text" or token.tag in VOID:
            yield token
        else:
            yield from self._open(token)

    def enter(self, token: Token) -> Iterator[Token]:
        """Follows an element of markdown."""
        if token.nesting == -1:
            yield from self.close_html()
            self.open_elements.pop()
        elif token.block:
            yield from self._close_paragraph()
        yield token
        if token.nesting == 1:
            self.open_elements.append(_Open(token.tag, is_html=False))

    def close_html(self) -> Iterator[Token]:
        """Closes the author's tags that were opened since the last element of markdown."""
        while self.open_elements and self.open_elements[-1].is_html:
            yield self._pop()

    def _pop(self) -> Token:
        tag = self.open_elements.pop().tag
        self._html_count -= 1
        return Token("link_close" if tag == "a" else "html_tag", tag, -1, meta={"is_html": True})

    def _close(self, token: Token) -> Iterator[Token]:
        depth = self._depth_of(frozenset({token.tag}))
        if depth is None:
            # Its words are seen all the same: a browser ignores such a tag, too.
            yield Token("text", "", 0, meta={"credit": token.meta["credit"]})
            return
        while len(self.open_elements) > depth + 1:
            yield self._pop()
        opening_tag = self._pop()
        opening_tag.meta = token.meta
        yield opening_tag

    def _open(self, token: Token) -> Iterator[Token]:
        tag = token.tag
        if tag in BLOCKS:
            yield from self._close_paragraph()
        if tag in TABLE_PARTS:
            depth = self._depth_of(_PARENTS[tag])
            while depth is not None and len(self.open_elements) > depth + 1:
                yield self._pop()
            may_stand = depth is not None
        else:
            parent = self.open_elements[-1] if self.open_elements else None
            may_stand = not (parent and parent.is_html and parent.tag in _WITHOUT_TEXT)
        is_nested_link = tag == "a" and any(element.tag == "a" for element in self.open_elements)
        if not may_stand or is_nested_link or self._html_count >= MAX_OPEN_TAGS:
            yield Token("text", "", 0, meta={"credit": token.meta["credit"]})
            return
        self.open_elements.append(_Open(tag, is_html=True))
        self._html_count += 1
        yield token

    def _close_paragraph(self) -> Iterator[Token]:
        """A block ends the paragraph that it begins in."""
        depth = self._depth_of(frozenset({"p"}))
        while depth is not None and len(self.open_elements) > depth:
            yield self._pop()

    def _depth_of(self, tags: frozenset[str]) -> int | None:
        """Returns the place of the innermost of these tags.

        None if there is none inside of the innermost element of markdown.
        """
        for depth in range(len(self.open_elements) - 1, -1, -1):
            element = self.open_elements[depth]
            if not element.is_html:
                return None
            if element.tag in tags:
                return depth
        return None
