"""Downloads by day and version, as a chart and as tables."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min

from foundation.clock import today
from foundation.refusals import InvalidParameter
from registry.downloads.metrics import COUNTING_CHANGES, CountingChange
from registry.models import Agent, DownloadDay
from registry.rules.periods import WINDOW_DAYS, window_start
from registry.rules.semver import precedence

MAX_DAYS = 90
# Versions with a chart of their own.
MAX_CHARTED_VERSIONS = 12
# Versions of one day in the table.
MAX_LISTED_VERSIONS = 4
# The width of a bar, as a share of its day; the rest is the gap to the next one.
BAR_SHARE = 0.8
# Percent. Even one download among thousands is visible.
MIN_BAR_HEIGHT = 1.5
COUNT_COLUMNS = ("downloads", "fetches", "networks", "signed_in")


@dataclass(frozen=True, slots=True)
class DailyCounts:
    """The counts of one version on one day; days without any have none."""

    day: date
    version_id: UUID
    version: str
    downloads: int
    fetches: int
    networks: int
    signed_in: int


@dataclass(frozen=True, slots=True)
class Period:
    """A number of days up to today (UTC).

    ``counted_since`` is the first day with counts on this site; None before the first download.
    """

    days: int
    first: date
    last: date
    counted_since: date | None

    def list_days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(self.days)]

    @property
    def counting_changes(self) -> list[CountingChange]:
        # The first one says how counting began: there was nothing before it.
        changes = COUNTING_CHANGES[1:]
        return [change for change in changes if self.first <= change.day <= self.last]


def parse_days(text: str | None) -> int:
    """The number of days in an address, 30 without one.

    Raises InvalidParameter for anything but a whole number from 1 to 90.
    """
    if text is None:
        return WINDOW_DAYS
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_DAYS):
        raise InvalidParameter(
            f"days must be a whole number from 1 to {MAX_DAYS}.", parameter="days"
        )
    return int(text)


def get_period(days: int) -> Period:
    last = today()
    counted_since = DownloadDay.objects.aggregate(first=Min("day"))["first"]
    return Period(days, window_start(last, days), last, counted_since)


def list_daily_counts(agent: Agent, period: Period) -> list[DailyCounts]:
    """The counts of all versions, newest day first, then highest version first."""
    columns = ("day", "version_id", "version__version", *COUNT_COLUMNS)
    days = DownloadDay.objects.of_agent(agent.pk).filter(day__range=(period.first, period.last))
    counts = [DailyCounts(*row) for row in days.values_list(*columns)]
    counts.sort(key=lambda item: (item.day, precedence(item.version)), reverse=True)
    return counts


# --- The chart -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in a chart. Place and size are percentages of the chart."""

    day: date
    count: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class VersionLine:
    """The small chart of one version.

    The last line sums the versions without a chart: it has no version and no bars, and
    ``version_count`` is their number.
    """

    version: str
    totals: Counter[str]
    bars: list[Bar]
    version_count: int = 1


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day in the table.

    ``versions`` have the most downloads; ``other_downloads`` is the sum of the others. ``letter``
    is that of a definition change on this day.
    """

    day: date
    downloads: int
    fetches: int
    signed_in: int
    versions: list[tuple[str, int]]
    other_downloads: int
    letter: str


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """The place of a definition change in the chart, in percent of its width."""

    x: float
    letter: str
    change: CountingChange

    @property
    def is_at_end(self) -> bool:
        """Whether there is no room for the letter to the right."""
        return self.x > 90


@dataclass(frozen=True, slots=True)
class Chart:
    """Downloads of all versions; ``axis_max`` is the value at the top of the axis."""

    period: Period
    totals: Counter[str]
    axis_max: int
    bars: list[Bar]
    lines: list[VersionLine]
    rows: list[DayRow]
    marks: list[ChangeMark]

    @property
    def is_empty(self) -> bool:
        return not self.totals["fetches"]

    @property
    def starts_late(self) -> bool:
        """Whether the period begins before the first day with counts."""
        counted_since = self.period.counted_since
        return counted_since is None or counted_since > self.period.first

    @property
    def peak(self) -> DayRow:
        """The last of the days with the most downloads."""
        return max(self.rows, key=lambda row: (row.downloads, row.day))


@dataclass(frozen=True, slots=True)
class InstallChart:
    """Signed-in users of each version and day, on a scale of their own."""

    total: int
    axis_max: int
    bars: list[Bar]


def make_chart(agent: Agent, days: int) -> Chart:
    """The chart of the last days, in two queries."""
    period = get_period(days)
    counts = list_daily_counts(agent, period)
    all_days = period.list_days()
    downloads: Counter[date] = Counter()
    for item in counts:
        downloads[item.day] += item.downloads
    axis_max = round_up_axis(max(downloads.values(), default=0))
    marks = [
        ChangeMark(_x((change.day - period.first).days, days), chr(ord("A") + number), change)
        for number, change in enumerate(period.counting_changes)
    ]
    return Chart(
        period=period,
        totals=_totals(counts),
        axis_max=axis_max,
        bars=_bars(downloads, all_days, axis_max),
        lines=_version_lines(counts, all_days),
        rows=_day_rows(counts, period, {mark.change.day: mark.letter for mark in marks}),
        marks=marks,
    )


def make_install_chart(chart: Chart) -> InstallChart:
    """The signed-in users in the days of a chart, without a query."""
    installs = Counter({row.day: row.signed_in for row in chart.rows})
    axis_max = round_up_axis(max(installs.values(), default=0))
    bars = _bars(installs, chart.period.list_days(), axis_max)
    return InstallChart(installs.total(), axis_max, bars)


def round_up_axis(count: int) -> int:
    """The next of 5, 10, 20, 50, 100 and so on."""
    axis_max = 5
    while axis_max < count:
        axis_max = axis_max * 5 // 2 if str(axis_max)[0] == "2" else axis_max * 2
    return axis_max


def _x(day_number: int, days: int) -> float:
    return round(100 * day_number / days, 3)


def _bars(counts: Counter[date], all_days: list[date], axis_max: int) -> list[Bar]:
    width = round(100 * BAR_SHARE / len(all_days), 3)
    bars = []
    for number, day in enumerate(all_days):
        if count := counts[day]:
            height = round(max(100 * count / axis_max, MIN_BAR_HEIGHT), 2)
            x, y = _x(number, len(all_days)), round(100 - height, 2)
            bars.append(Bar(day, count, x, width, y, height))
    return bars


def _totals(counts: Iterable[DailyCounts]) -> Counter[str]:
    # Without networks: the same network on two days must not count twice.
    totals: Counter[str] = Counter()
    for item in counts:
        totals.update(downloads=item.downloads, fetches=item.fetches, signed_in=item.signed_in)
    return totals


def _version_lines(counts: list[DailyCounts], all_days: list[date]) -> list[VersionLine]:
    """The highest versions first, all on the scale of the best day of any version."""
    by_version: dict[str, list[DailyCounts]] = {}
    for item in counts:
        by_version.setdefault(item.version, []).append(item)
    versions = sorted(by_version, key=precedence, reverse=True)
    scale = max((item.downloads for item in counts), default=0) or 1
    lines = []
    for version in versions[:MAX_CHARTED_VERSIONS]:
        downloads = Counter({item.day: item.downloads for item in by_version[version]})
        bars = _bars(downloads, all_days, scale)
        lines.append(VersionLine(version, _totals(by_version[version]), bars))
    if older := versions[MAX_CHARTED_VERSIONS:]:
        older_counts = [item for version in older for item in by_version[version]]
        lines.append(VersionLine("", _totals(older_counts), [], version_count=len(older)))
    return lines


def _day_rows(counts: list[DailyCounts], period: Period, letters: dict[date, str]) -> list[DayRow]:
    by_day: dict[date, list[DailyCounts]] = {day: [] for day in reversed(period.list_days())}
    for item in counts:
        by_day[item.day].append(item)
    return [_day_row(day, items, letters.get(day, "")) for day, items in by_day.items()]


def _day_row(day: date, counts: list[DailyCounts], letter: str) -> DayRow:
    totals = _totals(counts)
    best = sorted((item for item in counts if item.downloads), key=lambda item: -item.downloads)
    return DayRow(
        day=day,
        downloads=totals["downloads"],
        fetches=totals["fetches"],
        signed_in=totals["signed_in"],
        versions=[(item.version, item.downloads) for item in best[:MAX_LISTED_VERSIONS]],
        other_downloads=sum(item.downloads for item in best[MAX_LISTED_VERSIONS:]),
        letter=letter,
    )
