"""Find the lines of a markdown text whose words a rendered view does not show.

A model reads the whole source. Markdown drops parts of it: link definitions that no link uses,
footnotes without a reference, surplus cells of tables, lists nested too deeply. Instead of a list
of such places, this module compares the words of each line with those of the rendered blocks.
"""

import html
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from foundation.text.expressions import compile_text
from foundation.text.front_matter import read_front_matter
from foundation.text.markdown import cut_source, parse_source

MAX_LINES = 1_000
# Labels of links and footnotes are names such as [1] or [guide]. A longer one could be a message.
MAX_LABEL_LENGTH = 40

# The number of a list item and the box of a task are drawn, not written.
_MARKERS = compile_text(r"^[\s>]*(?:[-*+]\s+|\d{1,9}[.)]\s+)*(?:\[[ xX]\]\s)?")
_MARKER_STARTS = frozenset("-*+[0123456789")
_BLOCKS = {"inline", "fence", "code_block", "html_block"}


class _Separators(dict[int, int]):
    """For str.translate: letters, digits and marks stay, all else becomes a blank."""

    MAX_ENTRIES = 4_096

    def __missing__(self, code: int) -> int:
        character = chr(code)
        is_part_of_word = character.isalnum() or unicodedata.category(character)[0] == "M"
        result = code if is_part_of_word else ord(" ")
        if len(self) < self.MAX_ENTRIES:
            self[code] = result
        return result


_SEPARATORS = _Separators()


@dataclass
class _Block:
    """Words that are visible in the lines from `start` up to `end`."""

    start: int
    end: int
    words: Counter[str] = field(default_factory=Counter)


def find_unseen_lines(source: str) -> tuple[int, ...]:
    """Returns the numbers of lines that a rendered view does not show in full, from 1.

    At most `MAX_LINES`. What comes after the part that is rendered at all is not looked at.
    """
    text = cut_source(source)
    front_matter = read_front_matter(text)
    first = front_matter.line_count if front_matter else 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tokens, environment = parse_source("\n".join(lines[first:]))
    blocks = list(_visible_blocks(tokens))
    anywhere = _visible_anywhere(tokens, environment)
    numbers = _compare(lines[first:], blocks, anywhere)
    return tuple(first + number for _, number in zip(range(MAX_LINES), numbers, strict=False))


def _compare(
    lines: Sequence[str], blocks: Iterable[_Block], anywhere: Counter[str]
) -> Iterator[int]:
    by_line = {number: block for block in blocks for number in range(block.start, block.end)}
    for index, line in enumerate(lines):
        if line.lstrip(" \t>")[:1] in _MARKER_STARTS:
            line = _MARKERS.sub("", line, count=1)
        words = Counter(_words(html.unescape(line)))
        if not words:
            continue
        block = by_line.get(index)
        missing = _take(words, block.words) if block else words
        if _take(missing, anywhere):
            yield index + 1


def _take(words: Counter[str], visible: Counter[str]) -> Counter[str]:
    """Removes words from the visible ones, and returns those that are not visible.

    Each visible word stands for one word of the source. The operators of counters would look at
    all visible words for each line.
    """
    missing: Counter[str] = Counter()
    for word, count in words.items():
        rest = count - visible[word]
        if rest > 0:
            missing[word] = rest
        if word in visible:
            visible[word] = max(-rest, 0)
    return missing


def _visible_blocks(tokens: Sequence[Token]) -> Iterator[_Block]:
    table: _Block | None = None
    for token in tokens:
        if token.type == "table_open" and token.map:
            # Cells have no lines of their own.
            table = _Block(token.map[0], token.map[1])
        elif token.type == "table_close" and table:
            yield table
            table = None
        elif token.type in _BLOCKS and (table or token.map):
            start, end = token.map or (0, 0)
            block = table or _Block(start, end)
            block.words.update(_token_words(token))
            if not table:
                yield block


def _visible_anywhere(tokens: Iterable[Token], environment: dict[str, Any]) -> Counter[str]:
    """Words of tokens without lines, such as footnotes, and words of labels."""
    words: Counter[str] = Counter()
    for token in tokens:
        if token.type in _BLOCKS and not token.map:
            words.update(_token_words(token))
        for part in token.children or ():
            label = str(part.meta.get("label", ""))
            if label and len(label) <= MAX_LABEL_LENGTH:
                # Once where it is used, and once where it is defined.
                words.update(2 * _words(label))
                definition = environment.get("references", {}).get(label.upper(), {})
                words.update(_words(str(definition.get("href", ""))))
                words.update(_words(str(definition.get("title", ""))))
    return words


def _token_words(token: Token) -> Iterator[str]:
    if token.type != "inline":
        yield from _words(html.unescape(token.content))
        yield from _words(token.content)
        yield from _words(token.info)
    for part in token.children or ():
        yield from _words(part.content)
        # The address of a link or image is shown by the browser, or written after its text.
        for name in ("href", "src", "title"):
            yield from _words(str(part.attrGet(name) or ""))
        for child in part.children or ():
            yield from _words(child.content)
        # What the renderer writes after a link.
        yield from _words(str(part.meta.get("shown", "")))


def _words(text: str) -> list[str]:
    return text.translate(_SEPARATORS).casefold().split()
