"""Diff of two texts: lines for data, words for prose.

Every size that could grow has a limit, and the result tells where a limit was reached.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from rapidfuzz.distance import Indel

from foundation.text.words import Piece, diff_words

CONTEXT_LINES = 3
MAX_CELLS = 25_000_000
"""Old lines times new lines of one text that are matched line by line."""
MAX_LINE_LENGTH = 2_000
MAX_EDIT_LENGTH = 40_000
"""Characters of both sides together that are compared word by word."""
MIN_MOVED_LENGTH = 40
"""Characters of a block that is recognised at its new place."""
MAX_UNCHANGED_LENGTH = 400
UNCHANGED_CONTEXT_LENGTH = 150
ELLIPSIS = "…"

RowSign = Literal["=", "-", "+", "~"]


class DiffModel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )


# Row, Hunk and TextDiff are also the names of these schemas in the API.
class Row(DiffModel):
    """A line: unchanged (=), deleted (-), inserted (+), or an edited block (~).

    ``old`` and ``new`` are line numbers from 1. ``is_moved``: the same lines are at the other
    number. ``is_cut``: the line is longer. A ~ row without edited pieces differs only in spaces or
    line breaks. A "=" piece with the text "…" replaces a long unchanged stretch.
    """

    sign: RowSign
    old: int | None = None
    new: int | None = None
    pieces: tuple[Piece, ...] = ()
    is_moved: bool = False
    is_cut: bool = False


class Hunk(DiffModel):
    """Consecutive rows; ``skipped`` unchanged lines before them are left out."""

    skipped: int
    rows: tuple[Row, ...]


class TextDiff(DiffModel):
    """The hunks of one text.

    ``added`` and ``removed`` count all changed lines, also left out ones. ``is_cut``: the
    budget ended. ``is_coarse``: the texts are too long to be matched line by line.
    ``line_ends_changed``: CRLF or LF changed, or whether the last line ends with one.
    """

    hunks: tuple[Hunk, ...] = ()
    skipped_after: int = 0
    added: int = 0
    removed: int = 0
    is_cut: bool = False
    is_coarse: bool = False
    line_ends_changed: bool = False


@dataclass(slots=True)
class DiffBudget:
    """Remaining output and work of a comparison that may have many texts.

    ``cells`` are old lines times new lines, ``edits`` characters compared word by word.
    ``display_length`` returns how many characters a text has on the page.
    """

    rows: int = 2_000
    characters: int = 200_000
    cells: int = 60_000_000
    edits: int = 150_000
    rows_per_text: int = 600
    display_length: Callable[[str], int] = len

    @property
    def is_spent(self) -> bool:
        return self.rows <= 0 or self.characters <= 0

    def consume_edit(self, characters: int) -> bool:
        """Reserve a word-level comparison; False if it is too expensive."""
        if characters > min(MAX_EDIT_LENGTH, self.edits):
            return False
        self.edits -= characters
        return True

    def consume_row(self, row: Row) -> None:
        self.rows -= row.sign != "="
        self.characters -= sum(self.display_length(text) for _, text in row.pieces)


@dataclass(frozen=True, slots=True)
class Block:
    """A range of old lines and one of new lines, from 0, with exclusive ends."""

    is_equal: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int

    @property
    def old_count(self) -> int:
        return self.old_end - self.old_start

    @property
    def new_count(self) -> int:
        return self.new_end - self.new_start


Moves = dict[tuple[RowSign, int], int]
"""By sign and first line (from 0) of a moved block: its first line on the other side."""


def diff_texts(old: str, new: str, *, is_prose: bool, budget: DiffBudget) -> TextDiff:
    """Compare two texts and charge the budget for it."""
    old_lines, new_lines = _split(old), _split(new)
    blocks, is_coarse = _match(old_lines, new_lines, budget)
    moves = _find_moves(blocks, old_lines, new_lines)
    rows = _RowBuilder(old_lines, new_lines, is_prose, moves, budget).rows(blocks)
    hunks, skipped_after, is_cut = _group(rows, budget)
    return TextDiff(
        hunks=tuple(hunks),
        skipped_after=skipped_after,
        added=sum(block.new_count for block in blocks if not block.is_equal),
        removed=sum(block.old_count for block in blocks if not block.is_equal),
        is_cut=is_cut,
        is_coarse=is_coarse,
        line_ends_changed=bool(old and new) and _line_ends(old) != _line_ends(new),
    )


def _split(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def _line_ends(text: str) -> tuple[bool, bool]:
    return "\r\n" in text, text.endswith("\n")


def _match(old: Sequence[str], new: Sequence[str], budget: DiffBudget) -> tuple[list[Block], bool]:
    """Return the blocks of both texts, and whether the middle was too large to match."""
    # Equal ends cost nothing to match, and most updates change a few lines of a text.
    head = _shared_prefix(old, new)
    tail = min(min(len(old), len(new)) - head, _shared_prefix(old[::-1], new[::-1]))
    old_end, new_end = len(old) - tail, len(new) - tail
    cells = (old_end - head) * (new_end - head)
    is_coarse = cells > min(MAX_CELLS, budget.cells)
    blocks = [Block(True, 0, head, 0, head)]
    if is_coarse:
        # Still a true answer: all lines between were removed, and all new ones added.
        blocks.append(Block(False, head, old_end, head, new_end))
    else:
        budget.cells -= cells
        blocks += _match_lines(old[head:old_end], new[head:new_end], offset=head)
    blocks.append(Block(True, old_end, len(old), new_end, len(new)))
    return [block for block in blocks if block.old_count or block.new_count], is_coarse


def _shared_prefix(a: Sequence[str], b: Sequence[str]) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((index for index, (x, y) in pairs if x != y), min(len(a), len(b)))


def _match_lines(old: Sequence[str], new: Sequence[str], *, offset: int) -> Iterator[Block]:
    """Yield blocks; a deletion and an insertion at one place are one block."""
    old_at = new_at = offset
    for step in Indel.opcodes(old, new):
        if step.tag != "equal":
            continue
        old_start, new_start = step.src_start + offset, step.dest_start + offset
        if old_start > old_at or new_start > new_at:
            yield Block(False, old_at, old_start, new_at, new_start)
        old_end, new_end = step.src_end + offset, step.dest_end + offset
        yield Block(True, old_start, old_end, new_start, new_end)
        old_at, new_at = old_end, new_end
    if old_at < len(old) + offset or new_at < len(new) + offset:
        yield Block(False, old_at, len(old) + offset, new_at, len(new) + offset)


def _find_moves(blocks: Sequence[Block], old: Sequence[str], new: Sequence[str]) -> Moves:
    """Find blocks that were deleted at one place and inserted unchanged at another."""
    deleted_lines = {
        _text_of(old, block.old_start, block.old_end): block.old_start
        for block in blocks
        if not block.is_equal and not block.new_count
    }
    moves: Moves = {}
    for block in blocks:
        text = _text_of(new, block.new_start, block.new_end)
        is_insertion = not block.is_equal and not block.old_count
        if not is_insertion or len(text) < MIN_MOVED_LENGTH or text not in deleted_lines:
            continue
        old_start = deleted_lines.pop(text)
        moves["-", old_start], moves["+", block.new_start] = block.new_start, old_start
    return moves


def _text_of(lines: Sequence[str], start: int, end: int) -> str:
    return "\n".join(lines[start:end]).strip()


@dataclass(frozen=True, slots=True)
class _RowBuilder:
    """Turns blocks into rows."""

    old: Sequence[str]
    new: Sequence[str]
    is_prose: bool
    moves: Moves
    budget: DiffBudget

    def rows(self, blocks: Sequence[Block]) -> Iterator[Row | int]:
        """Yield rows, and the number of unchanged lines where some are left out."""
        for index, block in enumerate(blocks):
            if not block.is_equal:
                yield from self._changed(block)
                continue
            count = block.old_count
            lines_above = 0 if index == 0 else min(CONTEXT_LINES, count)
            lines_below = 0 if index == len(blocks) - 1 else min(CONTEXT_LINES, count - lines_above)
            for line in range(lines_above):
                yield self._unchanged(block.old_start + line, block.new_start + line)
            if count > lines_above + lines_below:
                yield count - lines_above - lines_below
            for line in range(lines_below, 0, -1):
                yield self._unchanged(block.old_end - line, block.new_end - line)

    def _unchanged(self, old: int, new: int) -> Row:
        return _row("=", self.new[new], old=old + 1, new=new + 1)

    def _changed(self, block: Block) -> Iterator[Row]:
        if not self.is_prose or not block.old_count or not block.new_count:
            yield from self._lines(block)
        elif block.old_count == block.new_count:
            for line in range(block.old_count):
                old, new = block.old_start + line, block.new_start + line
                yield from self._edited(Block(False, old, old + 1, new, new + 1))
        else:
            yield from self._edited(block)

    def _edited(self, block: Block) -> Iterator[Row]:
        old = "\n".join(self.old[block.old_start : block.old_end])
        new = "\n".join(self.new[block.new_start : block.new_end])
        pieces = diff_words(old, new) if self.budget.consume_edit(len(old) + len(new)) else None
        if pieces is None:
            yield from self._lines(block)
        else:
            short_pieces = tuple(_shorten(pieces))
            yield Row(
                sign="~", old=block.old_start + 1, new=block.new_start + 1, pieces=short_pieces
            )

    def _lines(self, block: Block) -> Iterator[Row]:
        target = self.moves.get(("-", block.old_start))
        source = self.moves.get(("+", block.new_start))
        for line in range(block.old_count):
            old = block.old_start + line
            moved_to = None if target is None else target + line + 1
            is_moved = target is not None
            yield _row("-", self.old[old], old=old + 1, new=moved_to, is_moved=is_moved)
        for line in range(block.new_count):
            new = block.new_start + line
            moved_from = None if source is None else source + line + 1
            is_moved = source is not None
            yield _row("+", self.new[new], old=moved_from, new=new + 1, is_moved=is_moved)


def _row(sign: Literal["=", "-", "+"], line: str, **columns: Any) -> Row:
    is_cut = len(line) > MAX_LINE_LENGTH
    return Row(sign=sign, pieces=((sign, line[:MAX_LINE_LENGTH]),), is_cut=is_cut, **columns)


def _shorten(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Replace the middle of long unchanged pieces by an ellipsis."""
    for index, (sign, text) in enumerate(pieces):
        if sign != "=" or len(text) <= MAX_UNCHANGED_LENGTH:
            yield sign, text
            continue
        if index > 0:
            yield "=", text[:UNCHANGED_CONTEXT_LENGTH]
        yield "=", ELLIPSIS
        if index < len(pieces) - 1:
            yield "=", text[-UNCHANGED_CONTEXT_LENGTH:]


def _group(items: Iterable[Row | int], budget: DiffBudget) -> tuple[list[Hunk], int, bool]:
    """Return the hunks, the unchanged lines after them, and whether they are cut."""
    hunks: list[Hunk] = []
    rows: list[Row] = []
    skipped_count, remaining_rows = 0, budget.rows_per_text
    for item in items:
        if isinstance(item, int):
            if rows:
                hunks.append(Hunk(skipped=skipped_count, rows=tuple(rows)))
            rows, skipped_count = [], item
            continue
        if item.sign != "=":
            if remaining_rows <= 0 or budget.is_spent:
                return _with_last_hunk(hunks, rows, skipped_count), 0, True
            remaining_rows -= 1
        budget.consume_row(item)
        rows.append(item)
    return _with_last_hunk(hunks, rows, skipped_count), 0 if rows else skipped_count, False


def _with_last_hunk(hunks: list[Hunk], rows: list[Row], skipped_count: int) -> list[Hunk]:
    return [*hunks, Hunk(skipped=skipped_count, rows=tuple(rows))] if rows else hunks
