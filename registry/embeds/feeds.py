"""Items of Atom feeds: new versions, and yanked or withheld ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils.translation import gettext as _

from foundation.clock import iso
from registry.agents.derived_data import get_release_notes
from registry.agents.rows import list_with_versions
from registry.models import (
    Agent,
    AgentQuerySet,
    Version,
    VersionQuerySet,
    VersionRendering,
    VersionWithholding,
)

T = TypeVar("T", bound="FeedItem")
MAX_ITEMS = 50
# The page of an item names the owner of the agent.
OWNER = "agent__owner_user__profile"


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An event of a version. The version has its agent and the owner's profile loaded."""

    id: UUID
    title: str
    version: Version
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class PublishItem(FeedItem):
    notes: VersionRendering | None


@dataclass(frozen=True, slots=True)
class RemovalItem(FeedItem):
    """A yank or a withholding; ``cause`` is the kind of a withholding."""

    reason: str
    cause: str


def available_versions() -> VersionQuerySet:
    versions: VersionQuerySet = Version.objects.offered().filter(agent__delisted_at=None)
    return versions.select_related(OWNER).order_by("-uploaded_at", "id")


def list_new_versions(versions: VersionQuerySet) -> list[PublishItem]:
    return _publish_items(versions[:MAX_ITEMS])


def list_versions_of_agents(agents: AgentQuerySet) -> list[PublishItem]:
    """The version that represents each of the first agents, in their order."""
    versions = []
    for pair in list_with_versions(agents.with_owner()[:MAX_ITEMS]):
        # So that the item needs no query for the agent.
        pair.version.agent = pair.agent
        versions.append(pair.version)
    return _publish_items(versions)


def _publish_items(versions: Iterable[Version]) -> list[PublishItem]:
    versions = list(versions)
    notes = get_release_notes([version.pk for version in versions])
    return [
        PublishItem(
            id=version.pk,
            title=f"{version.agent.display_name} {version.version}",
            version=version,
            happened_at=version.uploaded_at,
            notes=notes.get(version.pk),
        )
        for version in versions
    ]


def list_events_of_agent(agent: Agent) -> list[FeedItem]:
    """New versions and removals of one agent: its followers learn of a yank, too."""
    publishes = list_new_versions(available_versions().filter(agent=agent))
    return _newest([*publishes, *list_removals(agent)])


def list_removals(agent: Agent | None = None) -> list[RemovalItem]:
    """Yanked and withheld versions, of all listed agents or of one."""
    yanked_versions = Version.objects.yanked().filter(agent__delisted_at=None).select_related(OWNER)
    yanked_versions = yanked_versions.defer("manifest").order_by("-yanked_at", "id")
    withholdings = VersionWithholding.objects.in_force().filter(version__agent__delisted_at=None)
    if agent:
        yanked_versions, withholdings = (
            yanked_versions.filter(agent=agent),
            withholdings.filter(version__agent=agent),
        )
    withholdings = withholdings.select_related(f"version__{OWNER}").defer("version__manifest")
    withholdings = withholdings.order_by("-withheld_at", "id")
    # Both lists are cut first, so that the queries stay small.
    items = [
        *map(_yank_item, yanked_versions[:MAX_ITEMS]),
        *map(_withholding_item, withholdings[:MAX_ITEMS]),
    ]
    return _newest(items)


def _newest(items: list[T]) -> list[T]:
    newest_first = sorted(items, key=lambda i: (i.happened_at, str(i.id)), reverse=True)
    return newest_first[:MAX_ITEMS]


def _yank_item(version: Version) -> RemovalItem:
    assert version.yanked_at is not None  # noqa: S101 - the query asks for yanked versions
    return RemovalItem(
        # With the time, because a version can be unyanked and yanked again.
        id=uuid5(NAMESPACE_URL, f"{version.pk} {iso(version.yanked_at)}"),
        title=_("%(name)s was yanked") % {"name": _pinned_id(version)},
        version=version,
        happened_at=version.yanked_at,
        reason=version.yanked_reason or "",
        cause="",
    )


def _withholding_item(withholding: VersionWithholding) -> RemovalItem:
    return RemovalItem(
        id=withholding.pk,
        title=_("%(name)s is withheld") % {"name": _pinned_id(withholding.version)},
        version=withholding.version,
        happened_at=withholding.withheld_at,
        reason=withholding.text,
        cause=withholding.get_reason_display(),
    )


def _pinned_id(version: Version) -> str:
    return f"{version.agent.full_id}@{version.version}"
