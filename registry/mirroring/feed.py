"""Learns which agents to compare, from lists of agents and the change feed.

The lists have agents from before the feed began. The feed is read from its very beginning then, so
what happens between the two is in it.
"""

from collections.abc import Collection, Iterable
from typing import Any

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.refusals import Refusal
from profiles.mirrored import mirror_scope
from registry.mirroring.answers import AgentList, SourceFeed
from registry.mirroring.errors import BadAnswer, CursorRefused
from registry.mirroring.problems import forget_problem, note_problem
from registry.mirroring.run import MirrorRun
from registry.mirroring.source import parse
from registry.models import Mirror, MirroredAgent
from registry.rules.identifiers import scope_and_name

PAGE_LENGTH = "100"
MAX_PAGES = 20_000
"""Of one run. A source whose lists have no end would otherwise be read for ever."""
MAX_AGENTS = 200_000


def listings_of(scopes: Iterable[str]) -> list[dict[str, str]]:
    """The lists of agents of scopes; a blank scope is all of them.

    Agents with pre-releases alone are in a list of their own.
    """
    of_scopes = [{"scope": scope} if scope else {} for scope in scopes]
    return [{**listing, **more} for listing in of_scopes for more in ({}, {"channel": "beta"})]


def read_lists(run: MirrorRun, by: Actor) -> None:
    """Mark the agents of all lists that are still to be read, page by page."""
    for _ in range(MAX_PAGES):
        if not run.mirror.listings:
            return
        listing = run.mirror.listings[0]
        page = run.source.read(AgentList, "/agents", **listing, sort="name", limit=PAGE_LENGTH)
        with run.progress() as mirror:
            _mark(run, mirror, [f"@{row.scope}/{row.name}" for row in page.items], by)
            other_listings = mirror.listings[1:]
            next_page = [listing | {"cursor": page.nextCursor}] if page.nextCursor else []
            mirror.listings = next_page + other_listings
            mirror.save(update_fields=["listings"])
    raise BadAnswer("The lists of agents have no end.")


def follow_feed(run: MirrorRun, by: Actor) -> None:
    """Mark the agents of all new events, page by page.

    Raises CursorRefused if the source does not know the position any more.
    """
    for _ in range(MAX_PAGES):
        cursor = run.mirror.cursor
        parameters: dict[str, Any] = {"since": cursor} if cursor else {}
        answer = run.source.get("/changes", limit=PAGE_LENGTH, **parameters)
        if cursor and answer.status == 400:
            raise CursorRefused
        feed = parse(SourceFeed, answer, "/changes")
        if feed.more and feed.next in (None, cursor):
            raise BadAnswer("The change feed does not go on.")
        with run.progress() as mirror:
            ids = {full_id for event in feed.items for full_id in (event.id, event.movedTo)}
            _mark(run, mirror, sorted(filter(None, ids)), by)
            mirror.cursor = feed.next or cursor
            mirror.save(update_fields=["cursor"])
        if not feed.more:
            return
    raise BadAnswer("The change feed has no end.")


def start_over(run: MirrorRun, by: Actor) -> None:
    """Read the lists and the whole feed again. What is here already is only compared."""
    with run.progress() as mirror:
        mirror.cursor = ""
        mirror.listings = listings_of([""] if mirror.follows_all else run.scopes)
        mirror.save(update_fields=["cursor", "listings"])
        record("mirror.started_over", "mirror", mirror.source, by=by)


def _mark(run: MirrorRun, mirror: Mirror, full_ids: Collection[str], by: Actor) -> None:
    """Mark agents of mirrored scopes as pending, in the transaction of the position."""
    if mirror.follows_all:
        _add_scopes(run, mirror, {scope_and_name(full_id)[0] for full_id in full_ids}, by)
    ids = [full_id for full_id in full_ids if scope_and_name(full_id)[0] in run.scopes]
    moment = now()
    rows = [MirroredAgent(mirror=mirror, full_id=full_id, changed_at=moment) for full_id in ids]
    MirroredAgent.objects.bulk_create(rows, ignore_conflicts=True)
    mirror.agents.filter(full_id__in=ids).update(is_pending=True, changed_at=moment)
    if ids and mirror.agents.count() > MAX_AGENTS:
        raise BadAnswer(f"The source has more than {MAX_AGENTS:,} agents.")


def _add_scopes(run: MirrorRun, mirror: Mirror, names: Collection[str], by: Actor) -> None:
    for name in sorted(names - run.scopes.keys()):
        try:
            run.scopes[name] = mirror_scope(name, source=mirror.source, by=by)
        except Refusal as refusal:
            note_problem(mirror, f"@{name}", code=refusal.code, message=refusal.message, by=by)
        else:
            forget_problem(mirror, f"@{name}")
