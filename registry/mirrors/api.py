"""For mirrors and caches: what changed, and all versions of one agent in one small file."""

from typing import Any

from django.http import HttpResponse
from ninja import Router

from foundation.access.api import public
from foundation.access.middleware import Request
from foundation.clock import iso, iso_or_none
from foundation.limits.middleware import Limited
from foundation.paging import read_limit
from foundation.web.responses import json_response
from registry.agents.queries import find_agent
from registry.agents.schemas import AgentIndex, Changes, Updates, UpdatesIn, version_base
from registry.mirrors.change_feed import changes_since
from registry.mirrors.updates import Installed, updates_for
from registry.models import Agent, Change, Version

router = Router(tags=["mirrors"])
update_router = Router(tags=["updates"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}
A_MINUTE = "public, max-age=60, stale-while-revalidate=600"
INDEX_COLUMNS = (
    "version",
    "channel",
    "tarball_sha256",
    "tarball_size_bytes",
    "uploaded_at",
    "yanked_at",
    "is_withheld",
)


@router.get("/changes", response=Changes, **READ)
def list_changes(
    request: Request, since: str | None = None, limit: str | None = None
) -> HttpResponse:
    """What happened, the oldest first: `version.published`, `version.yanked`, `version.unyanked`,
    `version.withheld`, `version.withholding_lifted`, `agent.delisted`, `agent.relisted`.

    The order never changes and nothing is ever put in between: ask with `since` = the last
    `next`, again and again, and nothing is missed. `next` is null only before the very first
    change; `more` says that there is more to fetch at once. A change names what it is about; how
    things stand is in the agent's index file. What an instance had before it began to record
    (an imported catalogue) is not in here: read `/v1/agents` once, first."""
    found = changes_since(since, most=read_limit(limit, default=100))
    items = [_change(change) for change in found.items]
    return json_response({"items": items, "next": found.cursor, "more": found.more})


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "id": change.full_id,
        "version": change.version or None,
        "at": iso(change.happened_at),
    }


@router.get("/index/@{scope}/{name}.json", response=AgentIndex, **READ)
def get_index(request: Request, scope: str, name: str) -> HttpResponse:
    """Every version of an agent in one file, newest first, to be served by a CDN: it may be kept
    for a minute, and its `ETag` changes only with what it says. What `tarballUrl` leads to never
    changes; a withheld version is answered 451 there."""
    # As nobody sees it, whoever asks: what a CDN keeps, it gives to everybody.
    agent = find_agent(scope, name)
    answer = json_response(_index(agent))
    answer.headers["Cache-Control"] = A_MINUTE
    return answer


def _index(agent: Agent) -> dict[str, Any]:
    rows = Version.objects.of(agent.pk).marked_withheld().newest_first().values(*INDEX_COLUMNS)
    latest = agent.latest_version
    return {
        "id": agent.full_id,
        "latest": latest.version if latest else None,
        "versions": [_version(agent, row) for row in rows],
    }


def _version(agent: Agent, row: dict[str, Any]) -> dict[str, Any]:
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


@update_router.post(
    "/updates", response=Updates, by_alias=True, auth=public, throttle=[Limited("read")]
)
def list_updates(request: Request, body: UpdatesIn) -> dict[str, Any]:
    """For up to 200 installs: what each can move to. Nothing to move to, no entry."""
    installs = [Installed(install.id, install.version) for install in body.installs]
    found = updates_for(installs, by=request.auth)
    return {
        "updates": [
            {
                "id": update.agent_id,
                "from": update.installed,
                "to": update.to,
                "channel": update.channel,
                "yanked": update.yanked,
            }
            for update in found
        ]
    }
