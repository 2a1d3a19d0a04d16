"""Which of somebody's installs have something to move to."""

from typing import Any

from ninja import Router

from foundation.access.api import public
from foundation.access.middleware import Request
from foundation.limits.middleware import Limited
from registry.schemas import Updates, UpdatesIn
from registry.updates import Installed, updates_for

router = Router(tags=["updates"])


@router.post("/updates", response=Updates, by_alias=True, auth=public, throttle=[Limited("read")])
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
