"""Find the lines of a markdown text whose words a rendered view does not show.

A model reads the whole source. Markdown drops parts of it: link definitions that no link uses,
footnotes without a reference, surplus cells of tables, comments, attributes of HTML. Instead of a
list of such places, this module compares the words of each line with those of the rendered blocks.
"""

import html
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from markdown_it.token import Token

from foundation.text.expressions import compile_text
from foundation.text.front_matter import FrontMatter, read_front_matter
from foundation.text.markdown import ParsedMarkdown, cut_source, parse_source
from foundation.text.markdown_anchors import MAX_NAME_WORDS, visible_anchors
from foundation.text.names import is_hidden_at

# Labels of links and footnotes are names such as [1] or [guide]. One that is longer or has several
# words could be a part of a message.
MAX_LABEL_LENGTH = 40

# The number of a list item and the box of a task are drawn, not written.
_MARKERS = compile_text(r"^[\s>]*(?:[-*+]\s+|\d{1,9}[.)]\s+)*(?:\[[ xX]\]\s)?")
_MARKER_STARTS = frozenset("-*+[0123456789")
_BLOCKS = {"inline", "fence", "code_block", "html_block"}


class _Separators(dict[int, int]):
    """For str.translate: blanks for all but letters, digits, marks and symbols.

    Symbols stay because some are letters in a circle or a square.
    """

    MAX_ENTRIES = 4_096

    def __missing__(self, code: int) -> int:
        character = chr(code)
        is_part_of_word = character.isalnum() or unicodedata.category(character) in _IN_WORDS
        result = code if is_part_of_word else ord(" ")
        if len(self) < self.MAX_ENTRIES:
            self[code] = result
        return result


_IN_WORDS = frozenset({"Mn", "Mc", "Me", "So"})
_SEPARATORS = _Separators()


@dataclass
class _Block:
    """Words that are visible in the lines from `start` up to `end`."""

    start: int
    end: int
    words: Counter[str] = field(default_factory=Counter)


@dataclass
class _LabelUse:
    """The tokens of one link, image or reference to a footnote that has a label."""

    label: str
    parts: list[Token]


def find_unseen_lines(source: str, document: ParsedMarkdown | None = None) -> tuple[int, ...]:
    """Returns the numbers of lines that a rendered view does not show in full, from 1.

    Behind the part that is rendered at all, every line with a character counts. `parsed` is the
    text, parsed without links to its package, and not rendered yet.
    """
    text = cut_source(source)
    front_matter = document.front_matter if document else read_front_matter(text)
    head_lines = text.split("\n")[: front_matter.line_count if front_matter else 0]
    first = len(_split_lines("\n".join(head_lines).removesuffix("\r"))) if head_lines else 0
    lines = _split_lines(text)
    # The lines of a text with other ends of lines are counted differently.
    can_reuse = document is not None and "\r" not in text
    tokens = document.tokens if document and can_reuse else parse_source("\n".join(lines[first:]))
    blocks = list(_visible_blocks(tokens))
    in_head = _compare(lines[:first], [_front_matter_block(front_matter, first)], Counter())
    in_body = _compare(lines[first:], blocks, _visible_anywhere(tokens))
    last, body_lines = len(lines), _split_lines(source[len(text) :])
    not_rendered = (last + n for n, line in enumerate(body_lines) if line.strip())
    numbers = chain(in_head, (first + number for number in in_body), not_rendered)
    # The line at which the view ends may be among both.
    return tuple(dict.fromkeys(numbers))


def _split_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _front_matter_block(front_matter: FrontMatter | None, end: int) -> _Block:
    block = _Block(0, end)
    for field_ in front_matter.fields if front_matter else ():
        block.words.update(_words(field_.key))
        # The escapes of a quoted value are shown as what they stand for.
        block.words.update(Counter(_words(field_.value)) | Counter(_words(field_.quoted_form)))
    return block


def _compare(
    lines: Sequence[str], blocks: Iterable[_Block], words_of_page: Counter[str]
) -> Iterator[int]:
    by_line = {number: block for block in blocks for number in range(block.start, block.end)}
    for index, line in enumerate(lines):
        if line.lstrip(" \t>")[:1] in _MARKER_STARTS:
            line = _MARKERS.sub("", line, count=1)
        words = Counter(_words(_unescape(line)))
        if not words:
            continue
        block = by_line.get(index)
        missing_words = _take(words, block.words) if block else words
        if _take(missing_words, words_of_page):
            yield index + 1


def _unescape(line: str) -> str:
    """Replaces entities, if a reader can see what they stand for.

    Of an invisible one the name counts as a word, which only a block of code shows.
    """
    if "&" not in line:
        return line
    text = html.unescape(line)
    if set(line).issuperset(text):
        return text
    hidden_characters = {text[index] for index in range(len(text)) if is_hidden_at(text, index)}
    return line if hidden_characters.difference(line) else text


def _take(words: Counter[str], visible: Counter[str]) -> Counter[str]:
    """Removes words from the visible ones, and returns those that are not visible.

    Each visible word stands for one word of the source. The operators of counters would look at
    all visible words for each line.
    """
    missing_words: Counter[str] = Counter()
    for word, count in words.items():
        surplus = count - visible[word]
        if surplus > 0:
            missing_words[word] = surplus
        if word in visible:
            visible[word] = max(-surplus, 0)
    return missing_words


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


def _visible_anywhere(tokens: Sequence[Token]) -> Counter[str]:
    """Words of tokens without lines, such as footnotes, labels and definitions."""
    words: Counter[str] = Counter()
    for name in visible_anchors(tokens):
        words.update(_words(name))
    defined_labels: set[str] = set()
    for token in tokens:
        if token.type in _BLOCKS and not token.map:
            words.update(_token_words(token))
        for use in _label_uses(token.children or ()):
            label_words = _label_words(use)
            is_name = not label_words or _is_name(use.label)
            words.update(label_words if is_name else ())
            # A definition is written once, however often its label is used.
            if use.label not in defined_labels:
                defined_labels.add(use.label)
                words.update(_words(use.label) if is_name else ())
                words.update(chain.from_iterable(map(_address_words, use.parts)))
    return words


def _is_name(label: str) -> bool:
    return len(label.split()) == 1 and len(_words(label)) <= MAX_NAME_WORDS


def _label_words(use: _LabelUse) -> list[str]:
    """Returns the words of the label, unless it is also the text: `[guide]`."""
    words = _words(use.label)
    return [] if words == [word for part in use.parts for word in _words(part.content)] else words


def _label_uses(parts: Iterable[Token]) -> Iterator[_LabelUse]:
    link: _LabelUse | None = None
    for part in parts:
        label = str(part.meta.get("label", ""))
        if link:
            link.parts.append(part)
            if part.type == "link_close":
                yield link
                link = None
        elif label and len(label) <= MAX_LABEL_LENGTH:
            use = _LabelUse(label, [part])
            if part.type == "link_open":
                link = use
            else:
                yield use


def _token_words(token: Token) -> Iterator[str]:
    if token.type != "inline":
        unescaped_words, source_words = _words(html.unescape(token.content)), _words(token.content)
        yield from (Counter(unescaped_words) | Counter(source_words)).elements()
        yield from _words(token.info)
    is_defined = False
    for part in token.children or ():
        is_image = part.type == "image"
        yield from _words(str(part.meta["label_text"]) if is_image else part.content)
        yield from _words(str(part.meta.get("credit", "")))
        if is_image or part.type == "link_open":
            is_defined = "label" in part.meta
        # The words of a definition are not in the lines of the block.
        if not is_defined:
            yield from _address_words(part)


def _address_words(part: Token) -> Iterator[str]:
    """Yields words of the address that a browser shows, or that follow a link."""
    if part.info == "bare":
        # The address is the text of the link, and is written once.
        return
    yield from _words(str(part.attrGet("href") or part.meta.get("address", "")))
    yield from _words(str(part.meta.get("shown", "")))


def _words(text: str) -> list[str]:
    return text.translate(_SEPARATORS).casefold().split()
