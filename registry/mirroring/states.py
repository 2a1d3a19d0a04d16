"""Does here what changed at the source: yanks, withholdings, deprecations.

The last state of the source is stored with what was done. Only a change at the source is followed,
so what our own maintainers decide stands until then. Only decisions of the mirror are undone.
"""

from typing import Any

from foundation.actor import Actor
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.lifecycle.actions import (
    archive_agent,
    deprecate_agent,
    deprecate_version,
    unarchive_agent,
    undeprecate_agent,
    undeprecate_version,
)
from registry.lifecycle.errors import InvalidSuccessor, TooManyDeprecations
from registry.models import Agent, Version, VersionWithholding
from registry.rules.lengths import REASON_LENGTH

State = dict[str, Any]
NO_REASON = "The source gives no reason."


def apply_state(agent: Agent, old: State, new: State, *, by: Actor) -> None:
    """Follow the changes between two states, in the caller's transaction.

    ``yanked``, ``withheld`` and ``deprecated`` are maps by version number; ``deprecation``,
    ``archived`` and ``delisted`` are about the agent.
    """
    _follow_yanks(agent, old.get("yanked", {}), new["yanked"], by)
    _follow_withholdings(agent, old.get("withheld", {}), new["withheld"], by)
    _follow_version_deprecations(agent, old.get("deprecated", {}), new["deprecated"], by)
    if old.get("deprecation") != new["deprecation"]:
        _follow_deprecation(agent, new["deprecation"], by)
    if new["archived"] and not old.get("archived"):
        archive_agent(agent, by=by)
    elif old.get("archived") and not new["archived"]:
        unarchive_agent(agent, by=by)
    apply_listing(agent, old.get("delisted"), new["delisted"], by=by)


def apply_listing(agent: Agent, old: str | None, new: str | None, *, by: Actor) -> None:
    """Follow a delisting, whose reason is ``new``, or its end."""
    if new and not old:
        delist_agent(agent, reason=_quoted(new), by=by)
    elif old and not new:
        agent.refresh_from_db()
        if by.is_user(agent.delisted_by_user_id):
            relist_agent(agent, reason="The source lists it again.", by=by)


def _follow_yanks(agent: Agent, old: State, new: State, by: Actor) -> None:
    for number in new.keys() - old.keys():
        yank_version(agent, number, reason=new[number] or None, by=by)
    for number in old.keys() - new.keys():
        versions = Version.objects.of(agent.pk).filter(version=number)
        if versions.filter(yanked_by_user=by.user_id).exists():
            unyank_version(agent, number, reason="The source took the yank back.", by=by)


def _follow_withholdings(agent: Agent, old: State, new: State, by: Actor) -> None:
    reasons = VersionWithholding.Reason
    for number in new.keys() - old.keys():
        reason = new[number]["reason"]
        reason = reason if reason in reasons.values else reasons.COURT
        withhold_version(agent, number, reason=reason, text=_quoted(new[number]["text"]), by=by)
    in_force = VersionWithholding.objects.in_force().filter(
        version__agent=agent, withheld_by_user=by.user_id
    )
    for number in old.keys() - new.keys():
        if in_force.filter(version__version=number).exists():
            lift_withholding(agent, number, reason="The source hands it out again.", by=by)


def _follow_version_deprecations(agent: Agent, old: State, new: State, by: Actor) -> None:
    for number in sorted(new.keys()):
        if new[number] != old.get(number):
            try:
                deprecate_version(agent, number, reason=new[number] or NO_REASON, by=by)
            except TooManyDeprecations:
                return
    for number in old.keys() - new.keys():
        undeprecate_version(agent, number, by=by)


def _follow_deprecation(agent: Agent, deprecation: State | None, by: Actor) -> None:
    if deprecation is None:
        undeprecate_agent(agent, by=by)
        return
    reason = deprecation["reason"] or NO_REASON
    try:
        deprecate_agent(agent, reason=reason, successor=deprecation["successor"] or "", by=by)
    except InvalidSuccessor:
        # It is not mirrored here, so a link to it would lead nowhere.
        text = f"{reason} (Its successor is {deprecation['successor']}, which is not here.)"
        deprecate_agent(agent, reason=text[:REASON_LENGTH], by=by)


def _quoted(reason: str) -> str:
    return f"Decided at the source: {reason or NO_REASON}"[:REASON_LENGTH]
