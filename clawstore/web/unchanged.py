"""Pages for nobody in particular that need not be made again, known without making them.

A page's ETag is the digest of its bytes, so it is always right, and costs the whole page. Therefore
a process remembers what the pages were made from that it has just made for nobody in particular:
the rows whose numbers move by themselves (downloads, ratings), and what the audit log said last.
While both are as they were, so is the page: whoever has it hears so, and whoever has not gets the
bytes that were made for somebody else. See ADR 14.
"""

import gzip
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import or_
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, OuterRef, Q, Subquery, UUIDField
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from clawstore.home.queries import PICKS, ROWS
from foundation.audit.queries import LONGEST_UNSEEN, recent_events
from foundation.clock import now
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from foundation.refusals import Refusal
from registry.compare.queries import MAX_AGENTS, MAX_SUGGESTIONS, MIN_AGENTS, most_downloaded_agents
from registry.models import Agent, AgentPick, AgentQuerySet, VersionDiff
from registry.rules.identifiers import scope_and_name
from registry.search.forms import AgentSearchForm
from registry.search.pages import read_rows
from registry.search.views import AGENTS_PER_PAGE

# What no event tells of (a command of the operator's) is shown after so many seconds at the latest.
LONGEST_KEPT = 300.0
# A page that was asked for so often is one that is worth keeping.
WANTED = 2
# What one process remembers at most: pages, and bytes of them as they are sent (packed).
MOST_PAGES = 2000
MOST_BYTES = 16 * 1024 * 1024
PACKED_SO_MUCH = 5  # Of nine; the rest takes twice the time for a hundredth of the bytes.
LONGEST_ADDRESS = 500
# Digits of the number of a page: to know what stands on one takes longer the deeper it lies.
DEEPEST = 2
# More than a search sorts in memory.
UNKNOWN_TOTAL = 1_000_000
READS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
VARIES_BY = {"cookie", "accept-language", "hx-request", "accept-encoding"}
# What moves without an event, and what tells best that something else did. Every other column
# changes only together with `updated_at` or an event; a test asks whoever adds one.
COLUMNS = (
    "id",
    "updated_at",
    "download_count",
    "downloads_30d",
    "networks_30d",
    "signed_in_30d",
    "rising",
    "avg_rating",
    "review_count",
    "latest_version_id",
    "delisted_at",
)

# That a version asks for more than the one before it is found out by the worker, some time behind
# the publish, and stands in every row.
LAST_GROWTH = Subquery(
    VersionDiff.objects.filter(
        new_version__agent=OuterRef("pk"), is_adjacent=True, asks_for_more=True
    )
    .order_by("-made_at")
    .values("made_at")[:1]
)
# Each answer gets these anew.
NOT_KEPT = {"cache-control", "content-length", "content-encoding"}
# More agents than this of one person are not looked through for each who asks.
MOST_OF_A_PERSON = 100
A_ROW, AN_EVENT, A_COPY = 400, 120, 1000

Rows = list[tuple[Any, ...]]
Asked = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a page is made from: the day (it says *today*), rows as they are, recent events."""

    day: str
    rows: Rows
    events: frozenset[UUID]


@dataclass(slots=True)
class Copy:
    """A page that was made: ``seen_at`` is when it was last known to be right; ``packed`` is None
    where it was made for somebody who had it already."""

    stamp: Stamp
    headers: dict[str, str]
    packed: bytes | None
    made_at: float
    seen_at: float

    def is_still(self, stamp: Stamp, moment: float) -> bool:
        return (
            moment - self.seen_at < LONGEST_UNSEEN
            and moment - self.made_at < LONGEST_KEPT
            and (self.stamp.day, self.stamp.rows) == (stamp.day, stamp.rows)
            # Events only grow old; one that was not known then is one that came since.
            and stamp.events <= self.stamp.events
        )

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        made_from = A_ROW * len(self.stamp.rows) + AN_EVENT * len(self.stamp.events)
        return A_COPY + made_from + len(self.packed or b"")


class Copies:
    """The pages that this process has made last, by what was asked for."""

    def __init__(self) -> None:
        self._copies: OrderedDict[Asked, Copy] = OrderedDict()
        self._asked_for: OrderedDict[Asked, int] = OrderedDict()
        self._lock = threading.Lock()
        self.size = 0

    def may_spare(self, request: HttpRequest) -> bool:
        """Whether it is worth the two or three questions that it takes to know. It is for somebody
        who has a copy; and for a page that is asked for again, not for each of ten thousand."""
        if not _is_looked_at(request):
            return False
        if "HTTP_IF_NONE_MATCH" in request.META:
            return True
        if not settings.KEEP_PAGES:
            return False
        key = _asked(request)
        with self._lock:
            before = self._asked_for.pop(key, 0)
            self._asked_for[key] = before + 1
            while len(self._asked_for) > MOST_PAGES:
                self._asked_for.popitem(last=False)
            return before >= WANTED or key in self._copies

    def answer(self, request: HttpRequest, stamp: Stamp) -> HttpResponse | None:
        """The page, or in short that the caller has it; None where it must be made."""
        key, moment = _asked(request), monotonic()
        with self._lock:
            copy = self._copies.get(key)
            if copy is None or not copy.is_still(stamp, moment):
                return None
            former = copy.size
            copy.stamp, copy.seen_at = stamp, moment
            self.size += copy.size - former
            self._copies.move_to_end(key)
        whole = HttpResponse(headers=copy.headers)
        if "HTTP_IF_NONE_MATCH" in request.META:
            etag = copy.headers["ETag"]
            short = get_conditional_response(request, etag=etag, response=whole)
            if short is not None and short is not whole:
                return short
        if copy.packed is None or not settings.KEEP_PAGES:
            return None
        return filled(whole, copy.packed, request)

    def keep(
        self,
        request: HttpRequest,
        stamp: Stamp,
        response: HttpResponseBase,
        packed: bytes | None,
    ) -> None:
        """Remember a page for nobody in particular; ``stamp`` is from before it was made."""
        if response.status_code not in (200, 304) or "ETag" not in response.headers:
            return
        vary = response.headers.get("Vary", "")
        if not {name.strip().lower() for name in vary.split(",") if name.strip()} <= VARIES_BY:
            return
        headers = {k: v for k, v in response.headers.items() if k.lower() not in NOT_KEPT}
        moment = monotonic()
        body = packed if settings.KEEP_PAGES else None
        self._put(_asked(request), Copy(stamp, headers, body, moment, moment))

    def _put(self, key: Asked, copy: Copy) -> None:
        with self._lock:
            former = self._copies.pop(key, None)
            self.size += copy.size - (former.size if former else 0)
            self._copies[key] = copy
            while len(self._copies) > MOST_PAGES or self.size > MOST_BYTES:
                self.size -= self._copies.popitem(last=False)[1].size

    def forget(self) -> None:
        with self._lock:
            self._copies.clear()
            self._asked_for.clear()
            self.size = 0


def packed(content: bytes) -> bytes:
    """As it is sent, and kept."""
    return gzip.compress(content, PACKED_SO_MUCH, mtime=0)


def reads_packed(request: HttpRequest) -> bool:
    """Whether the caller named gzip, and not only to refuse it."""
    return READS_GZIP.search(request.headers.get("Accept-Encoding", "")) is not None


def filled(response: HttpResponse, body: bytes, request: HttpRequest) -> HttpResponse:
    """The answer with a packed page in it, unpacked for those who do not read that."""
    if reads_packed(request):
        response.content = body
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.content = gzip.decompress(body)
    response.headers["Content-Length"] = str(len(response.content))
    return response


def _asked(request: HttpRequest) -> Asked:
    """All that an answer to nobody in particular can depend on."""
    return (
        request.get_host(),
        request.is_secure(),
        request.get_full_path(),
        get_language(),
        request.headers.get("HX-Request", ""),
        request.headers.get("HX-Target", ""),
    )


def stamp_of(request: HttpRequest) -> Stamp | None:
    """What the page that is asked for is made from, now. None for a page of which that is not
    known, and where too much happens to say it quickly."""
    match = request.resolver_match
    if match is None or not _is_looked_at(request):
        return None
    moment = now()
    # The log before the rows: what happens in between is then seen as new.
    events = recent_events(moment)
    if events is None:
        return None
    rows = LOOKS[match.view_name](request, match.kwargs)
    return None if rows is None else Stamp(moment.date().isoformat(), rows, events)


def _is_looked_at(request: HttpRequest) -> bool:
    match = request.resolver_match
    is_known = match is not None and match.view_name in LOOKS
    return is_known and len(request.get_full_path()) <= LONGEST_ADDRESS


Look = Callable[[HttpRequest, dict[str, Any]], Rows | None]


def _prepared(agents: AgentQuerySet) -> CompiledQuery:
    return CompiledQuery(agents.values(*COLUMNS, last_growth=LAST_GROWTH))


def _agent(request: HttpRequest, address: dict[str, Any]) -> Rows | None:
    return _one().tuples(scope=address["scope"], name=address["name"]) or None


@cache
def _one() -> CompiledQuery:
    scope, name = Parameter("scope", CharField()), Parameter("name", CharField())
    return _prepared(Agent.objects.filter(scope=scope, name=name))


def _home(request: HttpRequest, address: dict[str, Any]) -> Rows:
    return _front().tuples()


@cache
def _front() -> CompiledQuery:
    """Whoever may stand on the first page, in one question; every list there is ordered by what the
    rows say."""
    listed = Agent.objects.listed()
    picks = AgentPick.objects.filter(agent__is_listed=True).order_by("-picked_at", "pk")
    shown: AgentQuerySet = Agent.objects.filter(
        Q(pk__in=listed.order_by("-created_at", "id").values("pk")[:ROWS])
        | Q(pk__in=listed.exclude(rising=None).order_by("-rising", "id").values("pk")[:ROWS])
        | Q(pk__in=listed.order_by("-downloads_30d", "id").values("pk")[:ROWS])
        | Q(pk__in=picks.values("pk")[:PICKS])
    ).order_by("pk")
    return _prepared(shown)


def _browse(request: HttpRequest, address: dict[str, Any]) -> Rows | None:
    page = request.GET.get("page", "1")
    if not (page.isascii() and page.isdigit() and 0 < len(page) <= DEEPEST):
        return None
    try:
        search = AgentSearchForm(request.GET).agent_search
    except Refusal:
        return None
    end = max(int(page), 1) * AGENTS_PER_PAGE
    page_rows = read_rows(search, ("id",), end - AGENTS_PER_PAGE, end, total=UNKNOWN_TOTAL)
    ids = [row["id"] for row in page_rows]
    rows = {row[0]: row for row in _these(len(ids)).tuples(ids=ids)}
    # A page behind the last one shows the last one: then these are none, and nothing is known.
    return [rows[found] for found in ids if found in rows] or None


@lru_cache(maxsize=AGENTS_PER_PAGE + 1)
def _these(count: int) -> CompiledQuery:
    return _prepared(Agent.objects.filter(pk__in=list_parameter("ids", UUIDField(), count)))


def _compared(request: HttpRequest, address: dict[str, Any]) -> Rows | None:
    """Of two to four agents; the empty form offers the best known. What it offers beside one is not
    looked for twice."""
    ids = [full_id.strip().lower() for full_id in request.GET.getlist("id")]
    if not ids:
        return _best_known().tuples()
    if not MIN_AGENTS <= len(ids) <= MAX_AGENTS:
        return None
    named = [scope_and_name(full_id) for full_id in ids]
    said = {f"scope_{n}": scope for n, (scope, _) in enumerate(named)}
    rows = _beside(len(ids)).tuples(
        **said, **{f"name_{n}": name for n, (_, name) in enumerate(named)}
    )
    return rows if len(rows) == len(ids) else None


@cache
def _best_known() -> CompiledQuery:
    return _prepared(most_downloaded_agents()[:MAX_SUGGESTIONS])


@cache
def _beside(count: int) -> CompiledQuery:
    named = [
        Q(scope=Parameter(f"scope_{n}", CharField()), name=Parameter(f"name_{n}", CharField()))
        for n in range(count)
    ]
    return _prepared(Agent.objects.filter(reduce(or_, named)).order_by("pk"))


def _person(request: HttpRequest, address: dict[str, Any]) -> Rows | None:
    rows = _theirs().tuples(scope=address["login"])
    return rows if len(rows) <= MOST_OF_A_PERSON else None


@cache
def _theirs() -> CompiledQuery:
    theirs = Agent.objects.filter(scope=Parameter("scope", CharField())).order_by("pk")
    return _prepared(theirs[: MOST_OF_A_PERSON + 1])


LOOKS: dict[str, Look] = {
    "home": _home,
    "browse": _browse,
    "compare": _compared,
    **dict.fromkeys(("person", "person_reviews"), _person),
    **dict.fromkeys(("downloads", "reviews", "share"), _agent),
    **dict.fromkeys(("agent", "version", "versions", "files", "version_files", "file"), _agent),
    **dict.fromkeys(("changes", "latest_changes"), _agent),
}
