"""Downloads by day and version, laid out to be drawn and to be read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min

from foundation.clock import today
from foundation.refusals import InvalidParameter
from registry.downloads.metrics import CHANGES, CountingChange
from registry.models import Agent, DownloadDay
from registry.rules.periods import WINDOW_DAYS, window_start
from registry.rules.semver import precedence

LONGEST_DAYS = 90
VERSIONS_DRAWN = 12
VERSIONS_NAMED = 4
BAR_SHARE = 0.8  # Of a day's place; the rest is the gap to the next.
LEAST_HEIGHT = 1.5  # Percent: even one download among thousands is to be seen.
NUMBERS = ("downloads", "fetches", "networks", "signed_in")


@dataclass(frozen=True, slots=True)
class Entry:
    """One version on one day; there is none for a day on which nothing happened."""

    day: date
    version_id: UUID
    version: str
    downloads: int
    fetches: int
    networks: int
    signed_in: int


@dataclass(frozen=True, slots=True)
class Span:
    """So many days up to today (UTC). ``counted_since`` is the first day that this shop knows
    anything of, None before the first download."""

    days: int
    first: date
    last: date
    counted_since: date | None

    def each_day(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.days)]

    @property
    def changes(self) -> list[CountingChange]:
        """Days of the span on which the definition changed."""
        return [change for change in CHANGES if self.first <= change.day <= self.last]


def read_days(text: str | None) -> int:
    """Refuses what is no whole number of 1 to 90."""
    if text is None:
        return WINDOW_DAYS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= LONGEST_DAYS):
        raise InvalidParameter(
            f"days must be a whole number from 1 to {LONGEST_DAYS}.", parameter="days"
        )
    return int(text)


def span_of(days: int) -> Span:
    last = today()
    since = DownloadDay.objects.aggregate(first=Min("day"))["first"]
    return Span(days, window_start(last, days), last, since)


def entries_of(agent: Agent, span: Span) -> list[Entry]:
    """The newest day first, on each day the highest version first."""
    columns = ("day", "version_id", "version__version", *NUMBERS)
    rows = DownloadDay.objects.of_agent(agent.pk).filter(day__range=(span.first, span.last))
    found = [Entry(*row) for row in rows.values_list(*columns)]
    found.sort(key=lambda entry: (entry.day, precedence(entry.version)), reverse=True)
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of one drawing, in percent of its width and height; ``number`` is what it counts."""

    day: date
    number: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """One version, or several that are not drawn alone (then without a number)."""

    version: str
    totals: Counter[str]
    bars: list[Bar]
    others: int = 0


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day in the table. ``versions`` are those with the most downloads, ``others`` what the
    rest came to; ``letter`` is that of a change of the definition."""

    day: date
    downloads: int
    fetches: int
    signed_in: int
    versions: list[tuple[str, int]]
    others: int
    letter: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where on the chart the definition changed, in percent of its width."""

    x: float
    letter: str
    change: CountingChange

    @property
    def is_at_the_end(self) -> bool:
        """Its letter then stands before it."""
        return self.x > 90


@dataclass(frozen=True, slots=True)
class Chart:
    span: Span
    totals: Counter[str]
    top: int
    bars: list[Bar]
    lines: list[Line]
    rows: list[DayRow]
    marks: list[Mark]

    @property
    def is_empty(self) -> bool:
        return not self.totals["fetches"]

    @property
    def starts_late(self) -> bool:
        """Whether some of its days are from before counting began."""
        since = self.span.counted_since
        return since is None or since > self.span.first

    @property
    def best(self) -> DayRow:
        return max(self.rows, key=lambda row: (row.downloads, row.day))


@dataclass(frozen=True, slots=True)
class Installs:
    """The signed-in users of each version and day, drawn beside the downloads and to a scale of
    their own."""

    total: int
    top: int
    bars: list[Bar]


def installs_in(chart: Chart) -> Installs:
    """Read from the chart's own days: no query."""
    by_day = Counter({row.day: row.signed_in for row in chart.rows})
    top = round_top(max(by_day.values(), default=0))
    return Installs(by_day.total(), top, _bars(by_day, chart.span.each_day(), top))


def chart_of(agent: Agent, days: int) -> Chart:
    """Two queries, however many versions there are."""
    span = span_of(days)
    entries = entries_of(agent, span)
    each_day = span.each_day()
    by_day: Counter[date] = Counter()
    for entry in entries:
        by_day[entry.day] += entry.downloads
    top = round_top(max(by_day.values(), default=0))
    marks = _marks(span)
    return Chart(
        span=span,
        totals=_totals(entries),
        top=top,
        bars=_bars(by_day, each_day, top),
        lines=_lines(entries, each_day),
        rows=_rows(entries, span, {mark.change.day: mark.letter for mark in marks}),
        marks=marks,
    )


def _marks(span: Span) -> list[Mark]:
    return [
        Mark(_x((change.day - span.first).days, span.days), chr(ord("A") + n), change)
        for n, change in enumerate(span.changes)
    ]


def round_top(most: int) -> int:
    """The number at the top of the axis: 5, 10, 20, 50, 100 and so on."""
    top = 5
    while top < most:
        top = top * 5 // 2 if str(top)[0] == "2" else top * 2
    return top


def _x(place: int, days: int) -> float:
    return round(100 * place / days, 3)


def _bars(by_day: Counter[date], each_day: list[date], top: int) -> list[Bar]:
    days = len(each_day)
    width = round(100 * BAR_SHARE / days, 3)
    bars = []
    for place, day in enumerate(each_day):
        if number := by_day[day]:
            height = round(max(100 * number / top, LEAST_HEIGHT), 2)
            bars.append(Bar(day, number, _x(place, days), width, round(100 - height, 2), height))
    return bars


def _totals(entries: Iterable[Entry]) -> Counter[str]:
    """Not of networks: the same one on two days would be two."""
    totals: Counter[str] = Counter()
    for entry in entries:
        totals.update(downloads=entry.downloads, fetches=entry.fetches, signed_in=entry.signed_in)
    return totals


def _lines(entries: list[Entry], each_day: list[date]) -> list[Line]:
    """The highest versions first, all to the scale of the one with the most on a day."""
    by_version: dict[str, list[Entry]] = {}
    for entry in entries:
        by_version.setdefault(entry.version, []).append(entry)
    numbers = sorted(by_version, key=precedence, reverse=True)
    top = max((entry.downloads for entry in entries), default=0) or 1
    lines = []
    for number in numbers[:VERSIONS_DRAWN]:
        by_day = Counter({entry.day: entry.downloads for entry in by_version[number]})
        bars = _bars(by_day, each_day, top)
        lines.append(Line(number, _totals(by_version[number]), bars))
    if rest := numbers[VERSIONS_DRAWN:]:
        together = [entry for number in rest for entry in by_version[number]]
        lines.append(Line("", _totals(together), [], others=len(rest)))
    return lines


def _rows(entries: list[Entry], span: Span, letters: dict[date, str]) -> list[DayRow]:
    by_day: dict[date, list[Entry]] = {}
    for entry in entries:
        by_day.setdefault(entry.day, []).append(entry)
    return [
        _row(day, by_day.get(day, []), letters.get(day, "")) for day in reversed(span.each_day())
    ]


def _row(day: date, entries: list[Entry], letter: str) -> DayRow:
    totals = _totals(entries)
    most = sorted((e for e in entries if e.downloads), key=lambda e: -e.downloads)
    named = [(entry.version, entry.downloads) for entry in most[:VERSIONS_NAMED]]
    others = sum(entry.downloads for entry in most[VERSIONS_NAMED:])
    numbers = totals["downloads"], totals["fetches"], totals["signed_in"]
    return DayRow(day, *numbers, named, others, letter)
