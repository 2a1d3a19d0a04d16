"""What changed in one text: lines for data, words for prose. Everything that could grow is capped,
and the result says where a cap held something back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz.distance import Indel

from registry.analysis.model import Fact
from registry.analysis.source_html import render_marked
from registry.analysis.words import Piece, edited

CONTEXT = 3
MOST_CELLS = 25_000_000
"""Lines of one side times lines of the other that are matched one by one in a text."""
LONGEST_LINE = 2_000
LONGEST_EDIT = 40_000
"""Characters of both sides together that are compared word by word."""
LEAST_MOVED = 40
"""Characters that a stretch must have to be recognised where it stands now."""
LONG_UNCHANGED = 400
SHOWN_UNCHANGED = 150
FOLDED = "…"

RowSign = Literal["=", "-", "+", "~"]
Op = tuple[bool, int, int, int, int]
"""Whether it is the same on both sides; from and to in the old lines, in the new ones."""


class Row(Fact):
    """A line as it is (=), was (-), came in (+), or a stretch that was edited in place (~).

    ``old`` and ``new`` are line numbers, from 1. ``is_moved``: the same lines stand elsewhere, at
    the other number. ``is_cut``: the line goes on. A ~ without edited pieces differs in spaces or
    line breaks alone. A piece of the sign "=" that is "…" stands for a long unchanged stretch.
    """

    sign: RowSign
    old: int | None = None
    new: int | None = None
    pieces: tuple[Piece, ...] = ()
    is_moved: bool = False
    is_cut: bool = False


class Hunk(Fact):
    """Rows that stand together; before them ``skipped`` unchanged lines are not shown."""

    skipped: int
    rows: tuple[Row, ...]


class TextDiff(Fact):
    """``added`` and ``removed`` count all changed lines, shown or not."""

    hunks: tuple[Hunk, ...] = ()
    skipped_after: int = 0
    added: int = 0
    removed: int = 0
    is_cut: bool = False
    is_coarse: bool = False
    """Too long and too different to be matched line by line."""
    line_ends_changed: bool = False
    """Of CRLF and LF, or whether the last line ends with one."""


@dataclass(slots=True)
class Budget:
    """What is left to be shown and matched of a whole comparison."""

    rows: int = 2_000
    characters: int = 200_000
    cells: int = 60_000_000
    edits: int = 150_000
    """Characters of both sides that are compared word by word."""
    rows_per_text: int = 600

    @property
    def is_spent(self) -> bool:
        return self.rows <= 0 or self.characters <= 0

    def allows_edit(self, characters: int) -> bool:
        if characters > min(LONGEST_EDIT, self.edits):
            return False
        self.edits -= characters
        return True

    def take(self, row: Row) -> None:
        self.rows -= row.sign != "="
        # As long as it will be on the page: a character that one does not see is spelt out there.
        self.characters -= sum(
            len(text if text.isascii() else render_marked(text)) for _, text in row.pieces
        )


def diff_texts(old: str, new: str, *, is_prose: bool, budget: Budget) -> TextDiff:
    """What to read to know what changed. Takes from the budget what it uses."""
    before, after = _lines(old), _lines(new)
    ops, is_coarse = _ops(before, after, budget)
    reading = _Reading(before, after, is_prose, _moved(ops, before, after), budget)
    hunks, skipped_after, is_cut = _hunks(reading.items(ops), budget)
    return TextDiff(
        hunks=tuple(hunks),
        skipped_after=skipped_after,
        added=sum(to - start for same, _, _, start, to in ops if not same),
        removed=sum(to - start for same, start, to, _, _ in ops if not same),
        is_cut=is_cut,
        is_coarse=is_coarse,
        line_ends_changed=bool(old and new) and _line_ends(old) != _line_ends(new),
    )


def _lines(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def _line_ends(text: str) -> tuple[bool, bool]:
    return "\r\n" in text, text.endswith("\n")


def _ops(before: Sequence[str], after: Sequence[str], budget: Budget) -> tuple[list[Op], bool]:
    """Both texts from end to end in stretches that are the same and stretches that are not."""
    head = _shared(before, after)
    rest = min(len(before), len(after)) - head
    tail = min(rest, _shared(before[::-1], after[::-1]))
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    cells = len(old) * len(new)
    is_coarse = cells > min(MOST_CELLS, budget.cells)
    budget.cells -= 0 if is_coarse else cells
    middle = [(False, 0, len(old), 0, len(new))] if is_coarse else list(_matched(old, new))
    ends: list[Op] = [(True, 0, head, 0, head)]
    ends += [(same, a + head, b + head, c + head, d + head) for same, a, b, c, d in middle]
    ends.append((True, len(before) - tail, len(before), len(after) - tail, len(after)))
    return [op for op in ends if op[1] < op[2] or op[3] < op[4]], is_coarse


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[Op]:
    """The library's steps, what was taken out and put in at one place as one."""
    at_old = at_new = 0
    for step in Indel.opcodes(old, new):
        if step.tag != "equal":
            continue
        if step.src_start > at_old or step.dest_start > at_new:
            yield False, at_old, step.src_start, at_new, step.dest_start
        yield True, step.src_start, step.src_end, step.dest_start, step.dest_end
        at_old, at_new = step.src_end, step.dest_end
    if at_old < len(old) or at_new < len(new):
        yield False, at_old, len(old), at_new, len(new)


Moved = dict[tuple[RowSign, int], int]
"""By side and first line (from 0): the first line on the other side."""


def _moved(ops: Sequence[Op], before: Sequence[str], after: Sequence[str]) -> Moved:
    """Stretches that were taken out at one place and put in at another, unchanged."""
    gone = {_stretch(before, a, b): a for same, a, b, c, d in ops if not same and c == d}
    found: Moved = {}
    for same, a, b, c, d in ops:
        stretch = _stretch(after, c, d)
        if same or a != b or len(stretch) < LEAST_MOVED or stretch not in gone:
            continue
        start = gone.pop(stretch)
        found["-", start], found["+", c] = c, start
    return found


def _stretch(lines: Sequence[str], start: int, end: int) -> str:
    return "\n".join(lines[start:end]).strip()


@dataclass(frozen=True, slots=True)
class _Reading:
    """Both texts as one goes through them from above."""

    before: Sequence[str]
    after: Sequence[str]
    is_prose: bool
    moved: Moved
    budget: Budget

    def items(self, ops: Sequence[Op]) -> Iterator[Row | int]:
        """Rows, and how many unchanged lines are left out between them."""
        for place, (same, a, b, c, d) in enumerate(ops):
            if same:
                above = 0 if not place else min(CONTEXT, b - a)
                below = 0 if place == len(ops) - 1 else min(CONTEXT, b - a - above)
                yield from (self._kept(a + at, c + at) for at in range(above))
                if b - a > above + below:
                    yield b - a - above - below
                yield from (self._kept(b - at, d - at) for at in range(below, 0, -1))
            else:
                yield from self._changed(a, b, c, d)

    def _kept(self, old: int, new: int) -> Row:
        return _row("=", self.after[new], old=old + 1, new=new + 1)

    def _changed(self, a: int, b: int, c: int, d: int) -> Iterator[Row]:
        if not self.is_prose or a == b or c == d:
            yield from self._lines(a, b, c, d)
        elif b - a == d - c:
            for at in range(b - a):
                yield from self._edited(a + at, a + at + 1, c + at, c + at + 1)
        else:
            yield from self._edited(a, b, c, d)

    def _edited(self, a: int, b: int, c: int, d: int) -> Iterator[Row]:
        old, new = "\n".join(self.before[a:b]), "\n".join(self.after[c:d])
        pieces = edited(old, new) if self.budget.allows_edit(len(old) + len(new)) else None
        if pieces is None:
            yield from self._lines(a, b, c, d)
        else:
            yield Row(sign="~", old=a + 1, new=c + 1, pieces=tuple(_folded(pieces)))

    def _lines(self, a: int, b: int, c: int, d: int) -> Iterator[Row]:
        to, of = self.moved.get(("-", a)), self.moved.get(("+", c))
        for at in range(a, b):
            there = None if to is None else to + at - a + 1
            yield _row("-", self.before[at], old=at + 1, new=there, is_moved=to is not None)
        for at in range(c, d):
            there = None if of is None else of + at - c + 1
            yield _row("+", self.after[at], old=there, new=at + 1, is_moved=of is not None)


def _row(sign: Literal["=", "-", "+"], line: str, **more: Any) -> Row:
    is_cut = len(line) > LONGEST_LINE
    return Row(sign=sign, pieces=((sign, line[:LONGEST_LINE]),), is_cut=is_cut, **more)


def _folded(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Of a long stretch that stayed, what stands next to an edit."""
    for place, (sign, text) in enumerate(pieces):
        if sign != "=" or len(text) <= LONG_UNCHANGED:
            yield sign, text
            continue
        if place:
            yield "=", text[:SHOWN_UNCHANGED]
        yield "=", FOLDED
        if place < len(pieces) - 1:
            yield "=", text[-SHOWN_UNCHANGED:]


def _hunks(items: Iterable[Row | int], budget: Budget) -> tuple[list[Hunk], int, bool]:
    """The hunks, how many unchanged lines follow, and whether the budget cut them short."""
    hunks: list[Hunk] = []
    rows: list[Row] = []
    skipped, left = 0, budget.rows_per_text
    for item in items:
        if isinstance(item, int):
            if rows:
                hunks.append(Hunk(skipped=skipped, rows=tuple(rows)))
            rows, skipped = [], item
            continue
        if item.sign != "=":
            if left <= 0 or budget.is_spent:
                return _closed(hunks, rows, skipped), 0, True
            left -= 1
        budget.take(item)
        rows.append(item)
    return _closed(hunks, rows, skipped), 0 if rows else skipped, False


def _closed(hunks: list[Hunk], rows: list[Row], skipped: int) -> list[Hunk]:
    return [*hunks, Hunk(skipped=skipped, rows=tuple(rows))] if rows else hunks
