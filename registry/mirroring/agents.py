"""Compares one agent with the source: its address, its versions, its states."""

from collections.abc import Iterator

from foundation.actor import Actor
from foundation.clock import now
from profiles.mirrored import actor_of
from registry.agents.former_addresses import present_id
from registry.errors import AgentMoved
from registry.lifecycle.actions import unarchive_agent
from registry.mirroring.answers import (
    AgentFacts,
    SourceIndex,
    SourceVersion,
    VersionRecord,
    VersionRow,
    VersionRows,
)
from registry.mirroring.errors import BadAnswer, VersionRefused
from registry.mirroring.problems import forget_problem, note_problem
from registry.mirroring.run import MirrorRun
from registry.mirroring.source import parse, segment
from registry.mirroring.states import State, apply_listing, apply_state
from registry.mirroring.versions import CLOSED_CODES, take_over_version
from registry.models import Agent, MirroredAgent, MirrorProblem, Version
from registry.rules.identifiers import AGENT_ID, scope_and_name
from registry.rules.semver import order_of
from registry.transfers.actions import move_mirrored_agent
from registry.transfers.errors import NameTaken

MAX_PAGES = 200
"""Of the versions of one agent."""
DELISTED_HERE = "delisted_here"


def compare_agent(run: MirrorRun, row: MirroredAgent) -> None:
    """Take over all that changed of an agent since it was compared last.

    Raises SourceFailed and other refusals, which stop the run, and BadAnswer.
    """
    scope, name = scope_and_name(row.full_id)
    path = f"/index/@{scope}/{name}.json"
    answer = run.source.get(path)
    if answer.status == 301:
        _follow_move(run, row, _new_id(answer.error, row.full_id))
    elif answer.status == 410 and answer.code == "agent_delisted":
        details = answer.error.get("details")
        reason = details.get("reason") if isinstance(details, dict) else None
        _follow_delisting(run, row, str(reason or "It was delisted."))
    elif answer.status == 404 and answer.code == "agent_not_found":
        _follow_delisting(run, row, "It has this agent no longer.")
    else:
        index = parse(SourceIndex, answer, path)
        if index.id != row.full_id:
            raise BadAnswer(f"/v1{path} is about {index.id}.")
        _compare_index(run, row, index)


# --- Addresses ----------------------------------------------------------------------------------


def _new_id(error: dict[str, object], full_id: str) -> str:
    details = error.get("details")
    new_id = str(details.get("id", "")) if isinstance(details, dict) else ""
    is_move = error.get("code") == AgentMoved.code and AGENT_ID.fullmatch(new_id)
    if not is_move or scope_and_name(new_id)[1] != scope_and_name(full_id)[1]:
        raise BadAnswer(f"The source redirects {full_id} elsewhere. Redirects are not followed.")
    return new_id


def _follow_move(run: MirrorRun, row: MirroredAgent, new_id: str) -> None:
    """Move an agent that moved at the source, if its new scope is mirrored, too."""
    scope, name = scope_and_name(row.full_id)
    new_scope = run.scopes.get(scope_and_name(new_id)[0])
    agent = Agent.objects.filter(scope=scope, name=name).first()
    by = actor_of(run.scopes[scope])
    news: dict[str, object] = {"is_pending": True, "changed_at": now()}
    with run.progress():
        if agent is not None and new_scope is not None:
            if _move(run, agent, new_id, by):
                # It goes with the agent, or what it says would not be undone.
                news["state"] = row.state
        elif agent is not None:
            reason = f"It moved to {new_id}, which is not mirrored here."
            deprecation = {"reason": reason, "successor": None}
            state = _state() | row.state | {"deprecation": deprecation, "archived": True}
            apply_state(agent, row.state, state, by=by)
            row.state = state
        rows = MirroredAgent.objects.filter(mirror=run.mirror, full_id=new_id)
        # One that was compared under its new id already has nothing new.
        if new_scope is not None and (agent is not None or not rows.exists()):
            MirroredAgent.objects.update_or_create(mirror=run.mirror, full_id=new_id, defaults=news)
        _finish(row)


def _move(run: MirrorRun, agent: Agent, new_id: str, by: Actor) -> bool:
    """Move an agent; returns False if its new id is taken here, which is an alarm."""
    try:
        move_mirrored_agent(agent, run.scopes[scope_and_name(new_id)[0]], by=by)
    except NameTaken as refusal:
        message = f"It is {new_id} at the source. {refusal.message}"
        note_problem(
            run.mirror, agent.full_id, code=refusal.code, message=message, is_alarm=True, by=by
        )
        return False
    return True


def _find_agent(run: MirrorRun, row: MirroredAgent, facts: AgentFacts) -> Agent | None:
    """Return our copy of an agent, moved to its present id; None without one."""
    scope, name = scope_and_name(row.full_id)
    agent = Agent.objects.filter(scope=scope, name=name).first()
    former_ids = [facts.move.from_] if facts.move else []
    # An agent that moved back has left the id that it had here since.
    former_ids.append(present_id(scope, name))
    for former_id in filter(None, former_ids):
        former_scope, former_name = scope_and_name(former_id)
        if agent is not None or former_scope not in run.scopes or former_name != name:
            continue
        former_agent = Agent.objects.filter(scope=former_scope, name=name).first()
        if former_agent is not None:
            with run.progress():
                _move(run, former_agent, row.full_id, actor_of(run.scopes[former_scope]))
                former_row = run.mirror.agents.filter(full_id=former_id).first()
                row.state = former_row.state if former_row else row.state
                row.save(update_fields=["state"])
            agent = Agent.objects.filter(scope=scope, name=name).first()
    return agent


# --- Versions -----------------------------------------------------------------------------------


def _compare_index(run: MirrorRun, row: MirroredAgent, index: SourceIndex) -> None:
    scope, name = scope_and_name(row.full_id)
    by = actor_of(run.scopes[scope])
    facts = run.source.read(AgentFacts, f"/agents/{scope}/{name}")
    rows = {version.version: version for version in _read_versions(run, scope, name)}
    agent = _find_agent(run, row, facts)
    if agent is not None:
        _open_for_versions(run, row, agent, index, by)
    if agent is not None and agent.is_delisted:
        _note_delisted_here(run, row, by)
    else:
        _take_over_versions(run, row, index, agent, by)
    agent = Agent.objects.filter(scope=scope, name=name).first()
    # Read before the transaction, because it may ask the source.
    state = _state_of(run, row, agent, index, facts, rows) if agent else None
    with run.progress():
        if agent is not None and state is not None:
            apply_state(agent, row.state, state, by=by)
            row.state = state
        _finish(row)


def _read_versions(run: MirrorRun, scope: str, name: str) -> Iterator[VersionRow]:
    cursor: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        path = f"/agents/{scope}/{name}/versions"
        page = run.source.read(VersionRows, path, limit="100", **cursor)
        yield from page.items
        if not page.nextCursor:
            return
        cursor = {"cursor": page.nextCursor}
    raise BadAnswer(f"The list of versions of @{scope}/{name} has no end.")


def _open_for_versions(
    run: MirrorRun, row: MirroredAgent, agent: Agent, index: SourceIndex, by: Actor
) -> None:
    """End what would refuse new versions, as far as the source itself decided it."""
    known_numbers = set(Version.objects.of(agent.pk).values_list("version", flat=True))
    has_new = any(version.version not in known_numbers for version in index.versions)
    with run.progress():
        if row.state.get("delisted"):
            apply_listing(agent, row.state["delisted"], None, by=by)
            row.state = row.state | {"delisted": None}
        if has_new and row.state.get("archived"):
            unarchive_agent(agent, by=by)
            row.state = row.state | {"archived": False}
        row.save(update_fields=["state"])
    agent.refresh_from_db()


def _note_delisted_here(run: MirrorRun, row: MirroredAgent, by: Actor) -> None:
    with run.progress() as mirror:
        note_problem(
            mirror,
            row.full_id,
            code=DELISTED_HERE,
            message="It is delisted here, so new versions are not taken over.",
            by=by,
        )


def _take_over_versions(
    run: MirrorRun, row: MirroredAgent, index: SourceIndex, agent: Agent | None, by: Actor
) -> None:
    with run.progress() as mirror:
        forget_problem(mirror, row.full_id)
    digests = _digests(agent)
    # What our rules refused is not tried again; what the source withheld or got wrong is.
    problems = MirrorProblem.objects.filter(mirror=run.mirror, full_id=row.full_id, is_alarm=False)
    problems = problems.exclude(code__in=CLOSED_CODES)
    refused_versions = set(problems.values_list("version", "sha256"))
    # The oldest first, because only a newer version can be published.
    for version in sorted(index.versions, key=lambda version: order_of(version.version)):
        if version.version in digests:
            _compare_digest(run, row, version, digests[version.version], by)
        elif (version.version, version.sha256) not in refused_versions or run.retries_refused:
            _try_version(run, row, version, by)
    missing_numbers = digests.keys() - {version.version for version in index.versions}
    for number in sorted(missing_numbers):
        _note(run, row, number, "version_missing", "The source has it no longer.", by=by)


def _digests(agent: Agent | None) -> dict[str, tuple[str, int]]:
    if agent is None:
        return {}
    columns = ("version", "tarball_sha256", "tarball_size_bytes")
    rows = Version.objects.of(agent.pk).values_list(*columns)
    return {number: (sha256, size) for number, sha256, size in rows}


def _compare_digest(
    run: MirrorRun, row: MirroredAgent, version: SourceVersion, digest: tuple[str, int], by: Actor
) -> None:
    """Raise an alarm if the source says other bytes of a version that is here."""
    if (version.sha256, version.sizeBytes) == digest:
        return
    message = (
        f"The source now says SHA-256 {version.sha256} and {version.sizeBytes:,} bytes. Here it"
        f" has {digest[0]} and {digest[1]:,} bytes, and is not replaced."
    )
    _note(run, row, version.version, "digest_changed", message, version.sha256, by=by)


def _note(
    run: MirrorRun,
    row: MirroredAgent,
    number: str,
    code: str,
    message: str,
    sha256: str = "",
    *,
    is_alarm: bool = True,
    by: Actor,
) -> None:
    with run.progress() as mirror:
        note_problem(
            mirror,
            row.full_id,
            number,
            code=code,
            message=message,
            sha256=sha256,
            is_alarm=is_alarm,
            by=by,
        )


def _try_version(run: MirrorRun, row: MirroredAgent, version: SourceVersion, by: Actor) -> None:
    try:
        take_over_version(run.source, row.full_id, version, by=by)
    except VersionRefused as refusal:
        run.skipped_count += 1
        _note(
            run,
            row,
            version.version,
            refusal.code,
            refusal.message,
            version.sha256,
            is_alarm=refusal.is_alarm,
            by=by,
        )
    else:
        run.published_count += 1
        with run.progress() as mirror:
            forget_problem(mirror, row.full_id, version.version)


# --- States -------------------------------------------------------------------------------------


def _state(**changes: object) -> State:
    state: State = {"yanked": {}, "withheld": {}, "deprecated": {}}
    return state | {"deprecation": None, "archived": False, "delisted": None} | changes


def _state_of(
    run: MirrorRun,
    row: MirroredAgent,
    agent: Agent,
    index: SourceIndex,
    facts: AgentFacts,
    rows: dict[str, VersionRow],
) -> State:
    """The state at the source of the agent, and of those versions that are here."""
    numbers = set(Version.objects.of(agent.pk).values_list("version", flat=True))
    versions = [version for version in index.versions if version.version in numbers]
    no_row = VersionRow(version="0.0.0")
    withheld_before = row.state.get("withheld", {})
    # A deprecation of the whole agent is repeated in every row.
    deprecation = facts.deprecation
    deprecated = {
        number: version.deprecation.reason
        for number, version in rows.items()
        if number in numbers and version.deprecation and version.deprecation != deprecation
    }
    return _state(
        yanked={
            version.version: rows.get(version.version, no_row).yankedReason or ""
            for version in versions
            if version.yankedAt
        },
        withheld={
            version.version: withheld_before.get(version.version)
            or _read_withholding(run, row.full_id, version.version)
            for version in versions
            if version.is_withheld
        },
        deprecated=deprecated,
        deprecation=deprecation.model_dump() if deprecation else None,
        archived=facts.archivedAt is not None,
    )


def _read_withholding(run: MirrorRun, full_id: str, number: str) -> dict[str, str]:
    path = f"/agents/{full_id.removeprefix('@')}/versions/{segment(number)}"
    withholding = run.source.read(VersionRecord, path).withholding
    return withholding.model_dump() if withholding else {"reason": "", "text": ""}


def _follow_delisting(run: MirrorRun, row: MirroredAgent, reason: str) -> None:
    scope, name = scope_and_name(row.full_id)
    agent = Agent.objects.filter(scope=scope, name=name).first()
    with run.progress():
        if agent is not None:
            apply_listing(agent, row.state.get("delisted"), reason, by=actor_of(run.scopes[scope]))
            row.state = row.state | {"delisted": reason}
        _finish(row)


def _finish(row: MirroredAgent) -> None:
    """Mark an agent as compared, unless an event came meanwhile."""
    row.compared_at = now()
    row.save(update_fields=["state", "compared_at"])
    MirroredAgent.objects.filter(pk=row.pk, changed_at=row.changed_at).update(is_pending=False)
