"""JSON endpoints of the change feed, the index file and the update check."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from ninja import Router

from foundation.access.api import public
from foundation.clock import iso, iso_or_none
from foundation.limits.middleware import Limited
from foundation.paging import read_limit
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.prices import prices_of_versions
from registry.agents.queries import find_visible_agent
from registry.agents.schemas import version_base
from registry.mirrors.queries import read_feed
from registry.mirrors.schemas import AgentIndex, Changes, Updates, UpdatesIn
from registry.mirrors.updates import (
    AvailableUpdate,
    InstalledAgent,
    MovedInstall,
    check_installs,
)
from registry.models import Agent, FeedEntry, Version
from registry.rules.identifiers import scope_and_name

router = Router(tags=["mirrors"])
update_router = Router(tags=["updates"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}
INDEX_CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=600"
INDEX_COLUMNS = (
    "version",
    "channel",
    "tarball_sha256",
    "tarball_size_bytes",
    "uploaded_at",
    "yanked_at",
    "is_withheld",
)


@router.get("/changes", response=Changes, by_alias=True, **READ)
def list_changes(
    request: Request, since: str | None = None, limit: str | None = None
) -> HttpResponse:
    """Public events about agents and versions, oldest first.

    They are `version.published`, `version.yanked`, `version.unyanked`, `version.withheld`,
    `version.withholding_lifted`, `version.deprecated`, `version.undeprecated`, `agent.delisted`,
    `agent.relisted`, `agent.deprecated`, `agent.undeprecated`, `agent.archived`,
    `agent.unarchived` and `agent.transferred`. After the last one the agent has the id `movedTo`;
    the former id redirects to it.

    Entries are only appended, so a mirror misses nothing if it repeats the request with `since` =
    the last `next`. `next` is null before the very first event; `more` is true if another page is
    ready. An entry names what changed; the current state is in the agent's index file. Events from
    before the feed began (an imported catalogue) are not in it: read `/v1/agents` once, first."""
    page = read_feed(since, limit=read_limit(limit, default=100))
    items: list[dict[str, Any]] = [
        {
            "kind": entry.kind,
            "id": entry.full_id,
            "version": entry.version or None,
            "at": iso(entry.happened_at),
        }
        | _moved_to(entry)
        for entry in page.entries
    ]
    return json_response({"items": items, "next": page.cursor, "more": page.has_more})


def _moved_to(entry: FeedEntry) -> dict[str, Any]:
    return {"movedTo": entry.event.details["to"]} if entry.kind == "agent.transferred" else {}


@router.get("/index/@{scope}/{name}.json", response=AgentIndex, **READ)
def get_index(request: Request, scope: str, name: str) -> HttpResponse:
    """All versions of an agent in one small file, newest first, made for a CDN.

    A cache may keep it for a minute; its `ETag` changes only with its content. The file behind
    `tarballUrl` never changes; it answers 451 while the version is withheld, and 402 to readers
    without a right while the version has an `offer`."""
    # Without the actor: a CDN gives the same copy to every reader.
    agent = find_visible_agent(scope, name)
    versions = Version.objects.of(agent.pk).marked_withheld().newest_first()
    latest = agent.latest_version
    rows = list(versions.values(*INDEX_COLUMNS))
    offers = prices_of_versions(agent, [row["version"] for row in rows])
    index = {
        "id": agent.full_id,
        "latest": latest.version if latest else None,
        "versions": [_indexed_version(agent, row) | _price(offers, row) for row in rows],
    }
    response = json_response(index)
    response.headers["Cache-Control"] = INDEX_CACHE_CONTROL
    return response


def _indexed_version(agent: Agent, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": row["version"],
        "channel": row["channel"],
        "sha256": row["tarball_sha256"],
        "sizeBytes": row["tarball_size_bytes"],
        "uploadedAt": iso(row["uploaded_at"]),
        "yankedAt": iso_or_none(row["yanked_at"]),
        "withheld": row["is_withheld"],
        "tarballUrl": f"{version_base(agent.scope, agent.name, row['version'])}/tarball",
    }


def _price(offers: dict[str, dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
    offer = offers.get(row["version"])
    return {"offer": offer} if offer else {}


@update_router.post(
    "/updates",
    response=Updates,
    by_alias=True,
    exclude_unset=True,
    auth=public,
    throttle=[Limited("read")],
)
def list_updates(request: Request, body: UpdatesIn) -> dict[str, Any]:
    """Available updates for up to 200 installs.

    An install without an update has no entry. Show `capabilities` to the operator before the
    update; client 0.1.7 does not. An agent that moved is answered under the id that was sent."""
    installs = [InstalledAgent(install.id, install.version) for install in body.installs]
    check = check_installs(installs, by=request.auth)
    answer: dict[str, Any] = {
        "updates": [
            {
                "id": update.agent_id,
                "from": update.installed_version,
                "to": update.to,
                "channel": update.channel,
                "yanked": update.is_yanked,
                "capabilities": _capabilities(update),
                "changesUrl": _changes_url(update),
            }
            | _provenance_change(update)
            for update in check.updates
        ]
    }
    if check.deprecated_installs:
        answer["deprecated"] = [
            {
                "id": row.install.agent_id,
                "version": row.install.version,
                "reason": row.reason,
                "successor": row.successor or None,
            }
            for row in check.deprecated_installs
        ]
    if check.moved_installs:
        answer["moves"] = [_moved(row) for row in check.moved_installs]
    return answer


def _moved(row: MovedInstall) -> dict[str, Any]:
    return {
        "id": row.install.agent_id,
        "version": row.install.version,
        "movedFrom": row.agent.former_id,
        "movedTo": row.agent.full_id,
        "at": iso_or_none(row.agent.moved_at),
    }


def _provenance_change(update: AvailableUpdate) -> dict[str, Any]:
    if update.provenance_change is None:
        return {}
    text = update.provenance_text
    return {"provenanceChange": {"change": update.provenance_change.value, "text": text}}


def _capabilities(update: AvailableUpdate) -> list[dict[str, Any]] | None:
    # With the fields that have their default: the answer leaves out only what was never set.
    if update.capabilities is None:
        return None
    return [change.model_dump() for change in update.capabilities]


def _changes_url(update: AvailableUpdate) -> str:
    scope, name = scope_and_name(update.present_id)
    path = reverse("changes", args=[scope, name, update.installed_version, update.to])
    return settings.BASE_URL + path
