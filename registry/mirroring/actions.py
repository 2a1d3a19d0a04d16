"""Mirrors scopes of another shop, for the command and for the job (ADR 55)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.refusals import Refusal
from profiles.mirrored import actor_of, mirror_scope
from profiles.models import Scope
from profiles.revisions import bump_person
from registry.agents.revisions import bump_agents
from registry.mirroring.agents import DELISTED_HERE, compare_agent
from registry.mirroring.errors import (
    BadAnswer,
    CursorRefused,
    NoMirroredScopes,
    SourceFailed,
    SourceRefuses,
)
from registry.mirroring.feed import follow_feed, listings_of, read_lists, start_over
from registry.mirroring.problems import note_problem
from registry.mirroring.run import MirrorRun, leased
from registry.mirroring.source import Source, read_origin
from registry.models import Agent, Mirror, MirroredAgent, MirrorProblem
from registry.rules.identifiers import scope_and_name

SHOWN_EVERY = timedelta(hours=1)
"""How often the time of the last comparison on pages moves on: each time they change."""


MAX_FAILURES_IN_A_ROW = 3
"""One agent that the source cannot answer for must not stop all others."""


@dataclass(frozen=True, slots=True)
class MirrorResult:
    """The work of one run. ``problem_count`` counts all known problems."""

    agent_count: int
    published_count: int
    skipped_count: int
    problem_count: int
    alarm_count: int


def run_mirror(
    url: str,
    *,
    scopes: Collection[str] = (),
    follows_all: bool = False,
    retries_refused: bool = False,
    key: str = "",
    by: Actor,
) -> MirrorResult:
    """Mirror scopes of the shop at ``url`` until everything there is here.

    ``scopes`` are added to those that are mirrored already; ``follows_all`` adds all, also later
    ones. ``retries_refused`` tries versions again that were refused. Raises InvalidSource,
    ScopeTaken, ScopeReserved, NoMirroredScopes, MirrorBusy, and SourceFailed or another refusal
    where it stopped: the next run goes on there.
    """
    origin = read_origin(url)
    mirror = add_scopes(origin, scopes, follows_all=follows_all, by=by)
    with leased(mirror) as token:
        run = MirrorRun(mirror, Source(origin, key), token, retries_refused)
        run.read_scopes()
        try:
            agent_count = _run(run, by)
        except Refusal as refusal:
            _note_failure(run, refusal.message)
            raise
        except Exception as error:
            _note_failure(run, f"An error of this shop: {type(error).__name__}.")
            raise
        return _finish(run, agent_count)


@transaction.atomic
def add_scopes(
    origin: str, scopes: Collection[str], *, follows_all: bool = False, by: Actor
) -> Mirror:
    """Create the mirror of a source, or add scopes to it, all or none.

    Raises ScopeTaken, ScopeReserved or NoMirroredScopes.
    """
    names = sorted({name.strip().lower().removeprefix("@") for name in scopes})
    mirror = Mirror.objects.select_for_update().filter(source=origin).first()
    if mirror is None and not names and not follows_all:
        raise NoMirroredScopes
    mirror = mirror or Mirror.objects.create(source=origin)
    present_names = set(
        Scope.objects.filter(mirrored_from=origin, name__in=names).values_list("name", flat=True)
    )
    new_names = [name for name in names if name not in present_names]
    for name in new_names:
        mirror_scope(name, source=origin, by=by)
    if follows_all and not mirror.follows_all:
        mirror.follows_all, new_names = True, [""]
    if new_names:
        mirror.listings = mirror.listings + listings_of(new_names)
        # The events of a new scope are all over the feed.
        mirror.cursor = ""
        mirror.save(update_fields=["follows_all", "listings", "cursor"])
        record("mirror.extended", "mirror", origin, by=by, scopes=names, all=follows_all)
    return mirror


def _run(run: MirrorRun, by: Actor) -> int:
    """Learn what changed, then compare each agent. Returns how many."""
    read_lists(run, by)
    try:
        follow_feed(run, by)
    except CursorRefused:
        start_over(run, by)
        read_lists(run, by)
        follow_feed(run, by)
    _mark_relisted(run)
    if run.retries_refused:
        _mark_refused(run)
    return _compare_pending(run)


def _compare_pending(run: MirrorRun) -> int:
    """Compare each pending agent once, also those that a move adds. Returns how many."""
    compared_ids: set[int] = set()
    pending = run.mirror.agents.pending().order_by("changed_at", "id")
    # An agent that stays pending must not be met for ever.
    while row_ids := [pk for pk in pending.values_list("pk", flat=True) if pk not in compared_ids]:
        for row_id in row_ids:
            compared_ids.add(row_id)
            row = MirroredAgent.objects.filter(pk=row_id, is_pending=True).first()
            if row is not None and _is_followed(run, row):
                _compare(run, row)
    return len(compared_ids)


def _is_followed(run: MirrorRun, row: MirroredAgent) -> bool:
    scope = run.scopes.get(scope_and_name(row.full_id)[0])
    # A maintainer who suspends the account of a scope stops its mirror; the agents wait.
    return scope is not None and scope.holder.is_active


def _compare(run: MirrorRun, row: MirroredAgent) -> None:
    """Compare an agent; an answer that makes no sense leaves it pending.

    So does a source that fails, but several agents in a row stop the run.
    """
    try:
        compare_agent(run, row)
        run.failures_in_a_row = 0
    except SourceRefuses:
        raise
    except SourceFailed as refusal:
        is_bad = isinstance(refusal, BadAnswer)
        run.failures_in_a_row = 0 if is_bad else run.failures_in_a_row + 1
        if run.failures_in_a_row >= MAX_FAILURES_IN_A_ROW:
            raise
        by = actor_of(run.scopes[scope_and_name(row.full_id)[0]])
        with run.progress() as mirror:
            note_problem(
                mirror,
                row.full_id,
                code=refusal.code,
                message=refusal.message,
                is_alarm=is_bad,
                by=by,
            )


def _mark_relisted(run: MirrorRun) -> None:
    """Mark agents that were delisted here and are not any more."""
    problems = MirrorProblem.objects.filter(mirror=run.mirror, code=DELISTED_HERE)
    for full_id in problems.values_list("full_id", flat=True):
        scope, name = scope_and_name(full_id)
        if not Agent.objects.filter(scope=scope, name=name, delisted_at__isnull=False).exists():
            run.mirror.agents.filter(full_id=full_id).update(is_pending=True)


def _mark_refused(run: MirrorRun) -> None:
    refused_ids = run.mirror.problems.exclude(version="").values("full_id")
    run.mirror.agents.filter(full_id__in=refused_ids).update(is_pending=True)


def _note_failure(run: MirrorRun, message: str) -> None:
    rows = Mirror.objects.filter(pk=run.mirror.pk, lease_token=run.token)
    rows.update(failed_at=now(), last_error=message[:2000])


def _finish(run: MirrorRun, agent_count: int) -> MirrorResult:
    moment = now()
    with run.progress() as mirror:
        mirror.succeeded_at, mirror.last_error = moment, ""
        mirror.save(update_fields=["succeeded_at", "last_error"])
        _show_comparison(run)
    problems = run.mirror.problems
    return MirrorResult(
        agent_count=agent_count,
        published_count=run.published_count,
        skipped_count=run.skipped_count,
        problem_count=problems.count(),
        alarm_count=problems.filter(is_alarm=True).count(),
    )


def _show_comparison(run: MirrorRun) -> None:
    """Move on the time that pages show, at most once an hour."""
    moment = now()
    is_due = Q(mirrored_at=None) | Q(mirrored_at__lt=moment - SHOWN_EVERY)
    scopes = Scope.objects.filter(is_due, mirrored_from=run.mirror.source)
    holder_ids = list(scopes.values_list("holder_id", flat=True))
    if not holder_ids:
        return
    scopes.update(mirrored_at=moment)
    bump_agents(Q(owner_user__in=holder_ids))
    for holder_id in holder_ids:
        bump_person(holder_id)
