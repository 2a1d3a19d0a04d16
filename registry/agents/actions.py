"""Writes about published agents: yank, delist, withhold, pick, ratings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.caching.actions import bump_site
from foundation.clock import now
from foundation.own_matters import refuse_own_matter
from profiles.mirrored import MIRROR_DOOR
from registry.agents.listing import refresh_listing
from registry.agents.queries import find_version, get_withholding
from registry.agents.revisions import bump_listing, update_numbers
from registry.errors import AgentMoved, InvalidReason, InvalidWithholding, NotOwner
from registry.models import Agent, AgentPick, Category, Version, VersionWithholding
from registry.rules.co_maintainers import is_of, lock_co_maintainer
from registry.rules.lengths import PICK_LENGTH, REASON_LENGTH
from registry.rules.permissions import MAINTAINER, require_moderator, scope_to_yank
from registry.search_index.actions import index_agents

# Stored in events of the audit log, so the name must not change.
BY_CO_MAINTAINER = "byCoMaintainer"
"""The detail of an event that says that a co-maintainer acted for the publisher."""


def lock_agent(agent_id: UUID) -> Agent:
    """The agent's row, locked until the transaction ends."""
    return Agent.objects.select_for_update().get(pk=agent_id)


def lock_checked_agent(agent: Agent) -> Agent:
    """Lock an agent about which the rights of an actor were checked.

    Raises AgentMoved if it was transferred since it was read: the rights were those at its former
    scope.
    """
    current_agent = lock_agent(agent.pk)
    if current_agent.scope != agent.scope:
        raise AgentMoved(agent.full_id, current_agent.full_id)
    return current_agent


def checked_reason(reason: str | None, *, is_required: bool = False) -> str | None:
    """The reason as it is stored: trimmed, null when blank."""
    text = (reason or "").strip()
    # PostgreSQL stores no NUL, and its error would not name the field.
    if len(text) > REASON_LENGTH or "\0" in text:
        raise InvalidReason(f"A reason must have at most {REASON_LENGTH} characters.")
    if is_required and not text:
        raise InvalidReason("Enter a reason. It is public.")
    return text or None


@transaction.atomic
def yank_version(agent: Agent, number: str, *, reason: str | None, by: Actor) -> bool:
    """Yank a version: only its exact number still resolves and downloads it.

    Returns False if it is yanked already; the first reason then stays. Raises NotOwner or
    InvalidReason. Maintainers may yank versions of other owners; a yank by an owner or a
    co-maintainer is the publisher's own.
    """
    require_permission_to_yank(agent, by)
    text = checked_reason(reason)
    # The membership first, as a publish does, so that the two do not wait for each other.
    is_member = lock_own_agent(agent, by)
    # Locked before the version is read, so that of two requests only one yanks it.
    agent = lock_checked_agent(agent)
    version = find_version(agent, number)
    moment = now()
    rows = Version.objects.filter(pk=version.pk)
    # The UPDATE has the condition, so the first of two yanks keeps its time and its reason.
    if not rows.yank(
        at=moment, by_id=by.require_user().pk, reason=text, by_co_maintainer=is_member
    ):
        return False
    refresh_listing(agent, at=moment)
    details = {BY_CO_MAINTAINER: True} if is_member else {}
    entity_id = f"{agent.full_id}@{number}"
    record("version.yanked", "version", entity_id, by=by, tenant="", reason=text, **details)
    return True


def require_permission_to_yank(agent: Agent, by: Actor) -> None:
    by.require(scope_to_yank(agent, by), about=agent.full_id)
    # A publisher may yank the own versions; for a maintainer a yank is a decision about the agent.
    if is_of(agent, by.user_id):
        return
    if not by.has_role(MAINTAINER):
        raise NotOwner
    refuse_own_matter(agent, by)


def lock_own_agent(agent: Agent, by: Actor) -> bool:
    """Lock the membership of a co-maintainer; returns False for all other actors.

    Raises NotOwner if the membership has ended since it was checked.
    """
    if by.is_user(agent.owner_user_id):
        return False
    is_member = lock_co_maintainer(agent.scope, by.user_id)
    if not is_member:
        require_permission_to_yank(agent, by)
    return is_member


@transaction.atomic
def unyank_version(agent: Agent, number: str, *, reason: str | None = None, by: Actor) -> bool:
    """Undo a yank; returns False if the version is not yanked.

    Only maintainers may do this, and not about their own agent: raises OwnMatter.
    """
    require_permission_to_moderate(agent, by)
    text = checked_reason(reason)
    agent = lock_checked_agent(agent)
    version = find_version(agent, number)
    if not Version.objects.filter(pk=version.pk).unyank():
        return False
    refresh_listing(agent, at=now())
    record("version.unyanked", "version", f"{agent.full_id}@{number}", by=by, reason=text)
    return True


def require_permission_to_moderate(agent: Agent, by: Actor) -> None:
    """Refuse all but maintainers without a relation to the agent.

    A mirror does here what the maintainers of its source did. Raises Unauthenticated,
    NotMaintainer, InsufficientScope or OwnMatter.
    """
    if by.door == MIRROR_DOOR and by.is_user(agent.owner_user_id):
        return
    require_moderator(by, about=agent.full_id)
    refuse_own_matter(agent, by)


@transaction.atomic
def delist_agent(agent: Agent, *, reason: str, by: Actor) -> bool:
    """Delist an agent with a public reason; versions stay downloadable.

    Returns False if it is delisted already.
    """
    require_permission_to_moderate(agent, by)
    text = checked_reason(reason, is_required=True)
    agent = lock_checked_agent(agent)
    if agent.is_delisted:
        return False
    _mark_delisted(agent, at=now(), by_id=by.user_id, reason=text)
    record("agent.delisted", "agent", agent.full_id, by=by, reason=text)
    return True


@transaction.atomic
def relist_agent(agent: Agent, *, reason: str | None = None, by: Actor) -> bool:
    """Undo a delisting; returns False if the agent is not delisted."""
    require_permission_to_moderate(agent, by)
    text = checked_reason(reason)
    agent = lock_checked_agent(agent)
    if not agent.is_delisted:
        return False
    _mark_delisted(agent, at=None, by_id=None, reason=None)
    record("agent.relisted", "agent", agent.full_id, by=by, reason=text)
    return True


def _mark_delisted(
    agent: Agent, *, at: datetime | None, by_id: UUID | None, reason: str | None
) -> None:
    agent.delisted_at, agent.delisted_by_user_id, agent.delisted_reason = at, by_id, reason
    # An agent of pre-releases alone is not in the list, delisted or not.
    agent.is_listed = at is None and agent.latest_version_id is not None
    agent.save(update_fields=["delisted_at", "delisted_by_user", "delisted_reason", "is_listed"])
    bump_listing(agent.pk)
    index_agents([agent.pk])


@transaction.atomic
def withhold_version(agent: Agent, number: str, *, reason: str, text: str, by: Actor) -> bool:
    """Withhold a version: its bytes are refused everywhere.

    ``text`` says why, publicly. ``reason`` is malware, leaked_secrets or court. Returns False if it
    is withheld already.
    """
    require_permission_to_moderate(agent, by)
    if reason not in VersionWithholding.Reason.values:
        raise InvalidWithholding
    reason_text = checked_reason(text, is_required=True)
    agent = lock_checked_agent(agent)
    version = find_version(agent, number)
    # Under the lock: a second withholding would replace the reason that the author has read.
    if get_withholding(version) is not None:
        return False
    moment = now()
    VersionWithholding.objects.create(
        version=version,
        reason=reason,
        text=reason_text or "",
        withheld_by_user_id=by.user_id,
        withheld_at=moment,
    )
    refresh_listing(agent, at=moment)
    name = f"{agent.full_id}@{number}"
    record("version.withheld", "version", name, by=by, reason=reason_text, cause=reason)
    return True


@transaction.atomic
def lift_withholding(agent: Agent, number: str, *, reason: str, by: Actor) -> bool:
    """Undo a withholding; returns False if the version is not withheld."""
    require_permission_to_moderate(agent, by)
    reason_text = checked_reason(reason, is_required=True)
    agent = lock_checked_agent(agent)
    version = find_version(agent, number)
    moment = now()
    # The row stays as a record of the decision; it only stops being in force.
    withholdings = VersionWithholding.objects.in_force().filter(version=version)
    if not withholdings.update(
        lifted_at=moment, lifted_by_user_id=by.user_id, lifted_reason=reason_text
    ):
        return False
    refresh_listing(agent, at=moment)
    name = f"{agent.full_id}@{number}"
    record("version.withholding_lifted", "version", name, by=by, reason=reason_text)
    return True


@transaction.atomic
def pick_agent(agent: Agent, *, reason: str, by: Actor) -> bool:
    """Pick an agent for the home page, with a public reason.

    Returns False if it is picked already.
    """
    require_permission_to_moderate(agent, by)
    # The home page quotes it in one paragraph.
    text = " ".join((checked_reason(reason, is_required=True) or "").split())
    if len(text) > PICK_LENGTH:
        raise InvalidReason(f"The reason for a pick must have at most {PICK_LENGTH} characters.")
    agent = lock_checked_agent(agent)
    columns = {"reason": text, "picked_at": now(), "picked_by_user_id": by.user_id}
    # A pick at the same moment by another maintainer keeps its name and its reason.
    if not AgentPick.objects.get_or_create(agent=agent, defaults=columns)[1]:
        return False
    bump_listing(agent.pk)
    record("agent.picked", "agent", agent.full_id, by=by, reason=text)
    return True


@transaction.atomic
def unpick_agent(agent: Agent, *, reason: str | None = None, by: Actor) -> bool:
    """Undo a pick; returns False if the agent is not picked."""
    require_permission_to_moderate(agent, by)
    text = checked_reason(reason)
    agent = lock_checked_agent(agent)
    if not AgentPick.objects.filter(agent=agent).delete()[0]:
        return False
    bump_listing(agent.pk)
    record("agent.unpicked", "agent", agent.full_id, by=by, reason=text)
    return True


@transaction.atomic
def record_curation(category: Category, *, fields: Sequence[str], by: Actor) -> None:
    """Record that a category was added or changed at the desk."""
    require_moderator(by)
    # Every page of an agent shows the name of its category.
    bump_site()
    record("category.curated", "category", category.pk, by=by, fields=sorted(fields))


def set_rating(agent_id: UUID, average: float | None, count: int) -> None:
    """Store the average and number of ratings; the caller holds the agent's lock."""
    update_numbers(agent_id, avg_rating=average, review_count=count)
