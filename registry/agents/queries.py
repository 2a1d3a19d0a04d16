"""Queries for agents, versions and their assets.

A function named ``find_…`` raises a refusal if there is no such row.
"""

from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.db.models.functions import Coalesce

from foundation.actor import ANONYMOUS, Actor
from foundation.clock import iso
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery, Parameter
from registry.agents.former_addresses import refuse_unknown
from registry.errors import (
    AgentDelisted,
    AgentMoved,
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
from registry.rules.co_maintainers import agents_of
from registry.rules.identifiers import scope_and_name
from registry.rules.permissions import may_manage
from registry.rules.semver import newest

AGENT_COLUMNS = tuple(field.attname for field in Agent._meta.concrete_fields)
# The manifest may be large, and a request for bytes does not need it.
PINNED_COLUMNS = tuple(f.attname for f in Version._meta.concrete_fields if f.name != "manifest")


def list_categories() -> list[Category]:
    return _categories_query().instances()


@cache
def _categories_query() -> CompiledInstances[Category]:
    return CompiledInstances(Category.objects.all(), relations=(), annotations=())


def find_agent(scope: str, name: str, *, among: AgentQuerySet | None = None) -> Agent:
    """Returns an agent, delisted or not. Raises AgentNotFound or AgentMoved.

    Scope and name may be in any case.
    """
    values = {"scope": scope.lower(), "name": name.lower()}
    if among is None:
        rows = _agent_by_name_query(AGENT_COLUMNS).tuples(**values)
        agents = [Agent.from_db(None, AGENT_COLUMNS, row) for row in rows]
    else:
        # A slice instead of first(), which would add an ordering.
        agents = list(among.filter(**values)[:1])
    if not agents:
        refuse_unknown(**values)
    return agents[0]


def find_agent_by_any_id(full_id: str) -> Agent:
    """Return an agent by ``@scope/name``, its present id or a former one.

    Raises AgentNotFound.
    """
    try:
        return find_agent(*scope_and_name(full_id))
    except AgentMoved as refusal:
        return find_agent(*scope_and_name(refusal.full_id))


def find_visible_agent(scope: str, name: str, *, by: Actor = ANONYMOUS) -> Agent:
    """Returns an agent with owner and latest version, and ``latest_is_withheld``.

    Raises AgentNotFound, AgentMoved or AgentDelisted; owner and maintainers see a delisted
    agent, too.
    """
    agents = _agent_with_owner_query().instances(scope=scope.lower(), name=name.lower())
    if not agents:
        refuse_unknown(scope, name)
    refuse_delisted(agents[0], by)
    return agents[0]


@cache
def _agent_with_owner_query() -> CompiledInstances[Agent]:
    withholdings = VersionWithholding.objects.in_force().filter(version=OuterRef("latest_version"))
    agents = Agent.objects.filter(
        scope=Parameter("scope", CharField()), name=Parameter("name", CharField())
    ).annotate(latest_is_withheld=Exists(withholdings))
    return CompiledInstances(
        agents,
        relations=(
            "owner_user",
            "owner_user__profile",
            "owner_user__held_scope",
            "category",
            "latest_version",
            "latest_version__uploaded_by_user",
            "latest_version__uploaded_by_user__profile",
        ),
        annotations=("latest_is_withheld",),
    )


def find_visible_agent_values(
    scope: str, name: str, columns: tuple[str, ...], *, by: Actor
) -> dict[str, Any]:
    """Like `find_visible_agent`, as a dictionary of column values, in one query.

    ``columns`` must include ``owner_user_id`` and ``delisted_at``.
    """
    rows = _agent_by_name_query(columns).rows(scope=scope.lower(), name=name.lower())
    if not rows:
        refuse_unknown(scope, name)
    if rows[0]["delisted_at"] is not None:
        # Delisted agents are rare, so only they cost the query for the owner's rights.
        find_visible_agent(scope, name, by=by)
    return rows[0]


@lru_cache(maxsize=8)
def _agent_by_name_query(columns: tuple[str, ...]) -> CompiledQuery:
    name, scope = Parameter("name", CharField()), Parameter("scope", CharField())
    return CompiledQuery(Agent.objects.filter(scope=scope, name=name).values(*columns)[:1])


def refuse_delisted(agent: Agent, by: Actor) -> None:
    if agent.is_delisted and not may_manage(agent, by):
        raise AgentDelisted(
            f"A maintainer delisted {agent.full_id}: {agent.delisted_reason}",
            reason=agent.delisted_reason,
        )


def find_version(agent: Agent, number: str) -> Version:
    """Returns a version by its exact number, yanked or not, with ``is_withheld``."""
    version = (
        Version.objects.marked_withheld()
        .select_related("uploaded_by_user__profile", "uploaded_by_user__held_scope")
        .filter(agent=agent, version=number)
        .first()
    )
    if version is None:
        raise VersionNotFound
    version.agent = agent
    return version


def find_pinned_version(scope: str, name: str, number: str) -> Version:
    """Returns a version without its manifest, in one query. Refuses a withheld one.

    It has ``has_offers`` of its agent.

    Delisted agents and yanked versions are included: an exact version stays installable.
    """
    rows = _pinned_version_query().tuples(scope=scope.lower(), name=name.lower(), version=number)
    if not rows:
        # Raises the refusal for a wrong name, if that is the reason.
        find_agent(scope, name)
        raise VersionNotFound
    *values, is_withheld, has_offers = rows[0]
    version = Version.from_db(None, PINNED_COLUMNS, values)
    version.has_offers = has_offers
    if is_withheld:
        refuse_withheld(version)
    return version


@cache
def _pinned_version_query() -> CompiledQuery:
    versions = Version.objects.marked_withheld().filter(
        agent__scope=Parameter("scope", CharField()),
        agent__name=Parameter("name", CharField()),
        version=Parameter("version", CharField()),
    )
    return CompiledQuery(versions.values(*PINNED_COLUMNS, "is_withheld", "agent__has_offers")[:1])


def get_withholding(version: Version) -> VersionWithholding | None:
    return version.withholdings.in_force().first()


def refuse_withheld(version: Version) -> None:
    """Refuses a withheld version. Every response with its bytes calls this first."""
    withholding = get_withholding(version)
    if withholding is not None:
        reason = withholding.get_reason_display().lower()
        raise VersionWithheld(
            f"A maintainer withheld this version ({reason}): {withholding.text}",
            reason=withholding.reason,
            text=withholding.text,
            since=iso(withholding.withheld_at),
        )


def find_asset(agent: Agent, number: str, asset_id: UUID | None) -> VersionAsset:
    """Returns an image of a version. Refuses an image of a withheld version."""
    if asset_id is None:
        raise AssetNotFound
    assets = VersionAsset.objects.select_related("version").defer("version__manifest")
    asset = assets.filter(pk=asset_id, version__agent=agent, version__version=number).first()
    if asset is None:
        raise AssetNotFound
    refuse_withheld(asset.version)
    return asset


def list_assets(version: Version) -> list[VersionAsset]:
    """Returns the icon, then the screenshots in the order of the manifest."""
    return list(version.assets.order_by("kind", "ordering", "id"))


def list_tags(agent: Agent | UUID) -> list[str]:
    agent_id = agent.pk if isinstance(agent, Agent) else agent
    return [tag for (tag,) in _tags_of_agent_query().tuples(agent_id=agent_id)]


@cache
def _tags_of_agent_query() -> CompiledQuery:
    tags = AgentTag.objects.filter(agent=Parameter("agent_id", UUIDField()))
    return CompiledQuery(tags.order_by("tag").values("tag"))


def own_agents(user_id: UUID) -> AgentQuerySet:
    """Returns the agents of an owner or co-maintainer, last changed first.

    ``withheld_count`` counts withheld versions, ``yanked_count`` those that a maintainer yanked.
    """
    withholdings = VersionWithholding.objects.in_force().filter(version__agent=OuterRef("pk"))
    yanked_versions = (
        Version.objects.of(OuterRef("pk")).yanked().filter(yanked_by_co_maintainer=False)
    )
    # A yank by the publisher is no decision that the publisher has to learn of.
    yanked_versions = yanked_versions.exclude(yanked_by_user=OuterRef("owner_user_id"))
    agents = Agent.objects.filter(agents_of(user_id, path="")).select_related("latest_version")
    return agents.annotate(
        withheld_count=_count_grouped(withholdings, "version__agent"),
        yanked_count=_count_grouped(yanked_versions, "agent"),
    ).order_by("-updated_at", "id")


def _count_grouped(rows: QuerySet[Any], column: str) -> Coalesce:
    """Returns a subquery that counts rows which refer to the outer row by a column."""
    # Without the order of the model, which would become a part of the GROUP BY.
    counts = rows.order_by().values(column).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), 0)


def count_own_agents(user_id: UUID) -> int:
    return Agent.objects.filter(owner_user_id=user_id).count()


def version_history(agent: Agent) -> QuerySet[Version]:
    """Return all versions, newest first, with their publishers.

    ``active_withholdings`` of a version is a list: empty, or with the one that is in force.
    """
    withholdings = Prefetch(
        "withholdings", VersionWithholding.objects.in_force(), to_attr="active_withholdings"
    )
    versions = Version.objects.of(agent.pk).select_related("uploaded_by_user__profile")
    # A manifest may have hundreds of kilobytes, and no list of versions shows it.
    return versions.prefetch_related(withholdings).defer("manifest").newest_first()


def newest_version_number(scope: str, name: str) -> str | None:
    """The highest version ever published under an id, yanked included, or None."""
    # By precedence and not by time, because an imported catalogue has times of its own.
    return newest(number for (number,) in _numbers_by_id_query().tuples(scope=scope, name=name))


@cache
def _numbers_by_id_query() -> CompiledQuery:
    scope, name = Parameter("scope", CharField()), Parameter("name", CharField())
    return CompiledQuery(
        Version.objects.filter(agent__scope=scope, agent__name=name).values("version")
    )
