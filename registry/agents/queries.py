"""Questions about agents and versions."""

from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import CharField, UUIDField

from foundation.actor import NOBODY, Actor
from foundation.clock import iso
from foundation.compiled_query import CompiledQuery, Parameter
from registry.errors import (
    AgentDelisted,
    AgentNotFound,
    AssetNotFound,
    VersionNotFound,
    VersionWithheld,
)
from registry.models import (
    Agent,
    AgentQuerySet,
    AgentTag,
    Category,
    Version,
    VersionAsset,
    VersionWithholding,
)
from registry.rules.permissions import may_manage
from registry.rules.semver import newest


def categories_in_order() -> list[Category]:
    return list(Category.objects.all())


def claimed_agent(scope: str, name: str, *, among: AgentQuerySet | None = None) -> Agent:
    """The agent whether delisted or not; scope and name in any case."""
    asked = {"scope": scope.lower(), "name": name.lower()}
    if among is None:
        rows = _by_name(OF_AN_AGENT).tuples(**asked)
        found = [Agent.from_db(None, OF_AN_AGENT, row) for row in rows]
    else:
        # There is one at most: to order them would only take time.
        found = list(among.filter(**asked)[:1])
    if not found:
        raise AgentNotFound
    return found[0]


OF_AN_AGENT = tuple(field.attname for field in Agent._meta.concrete_fields)


def find_agent(scope: str, name: str, *, by: Actor = NOBODY) -> Agent:
    """The agent with its owner and latest version, as ``by`` may see it: a delisted one is shown
    to its owner and to maintainers."""
    whole = Agent.objects.with_owner().select_related("latest_version", "category")
    agent = claimed_agent(scope, name, among=whole)
    refuse_delisted(agent, by)
    return agent


# What stands above every tab of an agent; and who may see it.
IN_HEADINGS = (
    *("scope", "name", "display_name", "tagline", "latest_version_id"),
    *("downloads_30d", "review_count", "avg_rating"),
    *("owner_user__profile__github_login", "delisted_at", "delisted_reason"),
)


def find_heading(scope: str, name: str, *, by: Actor = NOBODY) -> Agent:
    """The same with what stands above every tab, and nothing else: quicker by half."""
    agent = claimed_agent(scope, name, among=Agent.objects.with_owner().only(*IN_HEADINGS))
    refuse_delisted(agent, by)
    return agent


@lru_cache(maxsize=8)
def _by_name(columns: tuple[str, ...]) -> CompiledQuery:
    name, scope = Parameter("name", CharField()), Parameter("scope", CharField())
    return CompiledQuery(Agent.objects.filter(scope=scope, name=name).values(*columns)[:1])


def agent_row(scope: str, name: str, columns: tuple[str, ...], *, by: Actor) -> dict[str, Any]:
    """These columns of one agent (owner_user_id and delisted_at among them), in one query; refuses
    like `find_agent`."""
    found = _by_name(columns).rows(scope=scope.lower(), name=name.lower())
    if not found:
        raise AgentNotFound
    row = found[0]
    if row["delisted_at"] is not None:
        find_agent(scope, name, by=by)  # Refuses, unless this one may see it all the same.
    return row


def refuse_delisted(agent: Agent, by: Actor) -> None:
    if agent.is_delisted and not may_manage(agent, by):
        raise AgentDelisted(
            f"{agent.full_id} was delisted by a maintainer: {agent.delisted_reason}",
            reason=agent.delisted_reason,
        )


def find_version(agent: Agent, version: str) -> Version:
    """One version of the agent, yanked or not, marked as withheld or not; the number matches
    exactly."""
    found = (
        Version.objects.marked_withheld()
        .select_related("uploaded_by_user__profile")
        .filter(agent=agent, version=version)
        .first()
    )
    if found is None:
        raise VersionNotFound
    return found


def withholding_of(version: Version) -> VersionWithholding | None:
    """Why the version's bytes are kept back now; None where they are not."""
    found: VersionWithholding | None = version.withholdings.in_force().first()
    return found


def refuse_withheld(version: Version) -> None:
    """Refuses the bytes of a version that is withheld. Every door asks before it opens a file."""
    held = withholding_of(version)
    if held is not None:
        raise VersionWithheld(
            f"A maintainer withheld this version ({held.get_reason_display().lower()}):"
            f" {held.text}",
            reason=held.reason,
            text=held.text,
            since=iso(held.withheld_at),
        )


def find_asset(agent: Agent, version: str, asset_id: UUID | None) -> VersionAsset:
    """A picture of a version; refuses those of a withheld one."""
    asset = (
        VersionAsset.objects.select_related("version")
        .defer("version__manifest")
        .filter(pk=asset_id, version__agent=agent, version__version=version)
        .first()
        if asset_id
        else None
    )
    if asset is None:
        raise AssetNotFound
    refuse_withheld(asset.version)
    return asset


def assets_of(version: Version) -> list[VersionAsset]:
    """Icon first, then the screenshots in the manifest's order."""
    return list(version.assets.order_by("kind", "ordering", "id"))


def tags_of(agent: Agent | UUID) -> list[str]:
    """In the order of the alphabet."""
    agent_id = agent.pk if isinstance(agent, Agent) else agent
    return [tag for (tag,) in _tags().tuples(agent_id=agent_id)]


@cache
def _tags() -> CompiledQuery:
    tags = AgentTag.objects.filter(agent=Parameter("agent_id", UUIDField()))
    return CompiledQuery(tags.order_by("tag").values("tag"))


def owned_agent_count(user_id: UUID) -> int:
    return Agent.objects.filter(owner_user_id=user_id).count()


def newest_version_number(scope: str, name: str) -> str | None:
    """The highest number that was ever published under this id, yanked ones included."""
    # By precedence, not by time: an imported catalogue brings times of its own.
    rows = Version.objects.filter(agent__scope=scope, agent__name=name)
    return newest(rows.values_list("version", flat=True))


def pinned_version(scope: str, name: str, version: str) -> Version:
    """A version by its full name in one query, delisted and yanked ones too: pins must hold.
    Refuses a withheld one."""
    rows = _pinned().tuples(scope=scope.lower(), name=name.lower(), version=version)
    if not rows:
        # Tells a wrong number from a wrong name.
        claimed_agent(scope, name)
        raise VersionNotFound
    *values, is_withheld = rows[0]
    found = Version.from_db(None, PINNED, values)
    if is_withheld:
        refuse_withheld(found)
    return found


# The manifest may be large, and nobody who asks for bytes reads it.
PINNED = tuple(f.attname for f in Version._meta.concrete_fields if f.name != "manifest")


@cache
def _pinned() -> CompiledQuery:
    versions = Version.objects.marked_withheld().filter(
        agent__scope=Parameter("scope", CharField()),
        agent__name=Parameter("name", CharField()),
        version=Parameter("version", CharField()),
    )
    return CompiledQuery(versions.values(*PINNED, "is_withheld")[:1])
