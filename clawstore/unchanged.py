"""Whether a page is still what somebody has a copy of, known without making it.

A page's ETag is the digest of its bytes, so it is always right, and costs the whole page. Therefore
a process remembers what the pages were made from that it has just made for nobody in particular:
the rows whose numbers move by themselves (downloads, ratings), and what the audit log said last.
While both are as they were, so is the page. Nothing is answered from here but "unchanged".
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from foundation.clock import now
from foundation.events.models import AuditLog
from foundation.refusals import Refusal
from registry.forms import AgentSearchForm
from registry.front import PICKS, ROWS
from registry.models import Agent, AgentPick, AgentQuerySet
from registry.search import AgentSearch, in_order
from registry.views import AGENTS_PER_PAGE

# An event is seen when it is committed and dated when it is written. A transaction that takes no
# longer than the difference of these two cannot slip in unseen between two looks.
LOG_WINDOW = timedelta(seconds=180)
LONGEST_UNSEEN = 60.0
# What no event tells of (a command of the operator's) is shown after so many seconds at the latest.
LONGEST_KEPT = 300.0
MOST_EVENTS = 500
MOST_PAGES = 2000
LONGEST_ADDRESS = 500
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

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a page is made from: the day (it says *today*), rows as they are, recent events."""

    day: str
    rows: Rows
    events: frozenset[UUID]


@dataclass(slots=True)
class Copy:
    """A page that was made: ``seen_at`` is when it was last known to be right."""

    stamp: Stamp
    headers: dict[str, str]
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


class Copies:
    """The pages that this process has made last, by what was asked for."""

    def __init__(self) -> None:
        self._copies: OrderedDict[tuple[object, ...], Copy] = OrderedDict()
        self._lock = threading.Lock()

    def unchanged(self, request: HttpRequest, stamp: Stamp) -> HttpResponseBase | None:
        """The short answer, where the caller's copy is the page; None where it must be made."""
        key, moment = _asked(request), monotonic()
        with self._lock:
            copy = self._copies.get(key)
        if copy is None or not copy.is_still(stamp, moment):
            return None
        copy.stamp, copy.seen_at = stamp, moment
        whole = HttpResponse(headers=copy.headers)
        answer = get_conditional_response(request, etag=copy.headers["ETag"], response=whole)
        return None if answer is whole else answer

    def keep(self, request: HttpRequest, stamp: Stamp, response: HttpResponseBase) -> None:
        """Remember a page for nobody in particular; ``stamp`` is from before it was made."""
        if response.status_code not in (200, 304) or "ETag" not in response.headers:
            return
        vary = response.headers.get("Vary", "")
        if not {name.strip().lower() for name in vary.split(",") if name.strip()} <= VARIES_BY:
            return
        headers = {k: response.headers[k] for k in ("ETag", "Vary") if k in response.headers}
        moment = monotonic()
        with self._lock:
            self._copies[_asked(request)] = Copy(stamp, headers, moment, moment)
            self._copies.move_to_end(_asked(request))
            while len(self._copies) > MOST_PAGES:
                self._copies.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._copies.clear()


def _asked(request: HttpRequest) -> tuple[object, ...]:
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
    look = LOOKS.get(match.view_name) if match else None
    if match is None or look is None or len(request.get_full_path()) > LONGEST_ADDRESS:
        return None
    moment = now()
    # The log before the rows: what happens in between is then seen as new.
    recent = AuditLog.objects.filter(created_at__gte=moment - LOG_WINDOW)
    events = frozenset(recent.values_list("pk", flat=True)[: MOST_EVENTS + 1])
    if len(events) > MOST_EVENTS:
        return None
    rows = look(request, match.kwargs)
    return None if rows is None else Stamp(moment.date().isoformat(), rows, events)


Look = Callable[[HttpRequest, dict[str, Any]], Rows | None]


def _values(agents: AgentQuerySet) -> Rows:
    return list(agents.values_list(*COLUMNS))


def _agent(request: HttpRequest, address: dict[str, Any]) -> Rows | None:
    agents = Agent.objects.filter(scope=address["scope"], name=address["name"])
    return _values(agents) or None


def _home(request: HttpRequest, address: dict[str, Any]) -> Rows:
    return _values(_front())  # A copy of it: nothing that was read is kept.


@cache
def _front() -> AgentQuerySet:
    """Whoever may stand on the first page, in one question; every list there is ordered by what the
    rows say. Built once, since that takes as long as asking it."""
    listed = Agent.objects.listed()
    picks = AgentPick.objects.filter(agent__is_listed=True).order_by("-picked_at", "pk")
    shown: AgentQuerySet = Agent.objects.filter(
        Q(pk__in=listed.order_by("-created_at", "id").values("pk")[:ROWS])
        | Q(pk__in=listed.exclude(rising=None).order_by("-rising", "id").values("pk")[:ROWS])
        | Q(pk__in=listed.order_by("-downloads_30d", "id").values("pk")[:ROWS])
        | Q(pk__in=picks.values("pk")[:PICKS])
    ).order_by("pk")
    return shown


def _browse(request: HttpRequest, address: dict[str, Any]) -> Rows | None:
    page = request.GET.get("page", "1")
    if not (page.isascii() and page.isdigit() and 0 < len(page) < 5):
        return None
    try:
        found = _found(AgentSearchForm(request.GET).search())
    except Refusal:
        return None
    begin = (max(int(page), 1) - 1) * AGENTS_PER_PAGE
    # A page behind the last one shows the last one: then these are none, and nothing is known.
    return list(found[begin : begin + AGENTS_PER_PAGE]) or None


@lru_cache(maxsize=256)
def _found(search: AgentSearch) -> QuerySet[Agent, tuple[Any, ...]]:
    # Only ever sliced, which makes a copy: nothing that was read is kept.
    return in_order(search).values_list(*COLUMNS)


LOOKS: dict[str, Look] = {
    "home": _home,
    "browse": _browse,
    **dict.fromkeys(("agent", "version", "versions", "files", "version_files", "file"), _agent),
}
