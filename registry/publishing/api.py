"""API: publish, yank and unyank a version."""

from typing import Any

from django.conf import settings
from ninja import Router

from foundation.access.api import signed_in
from foundation.limits.middleware import Limited
from foundation.web.requests import Request
from registry.agents.actions import unyank_version, yank_version
from registry.agents.queries import get_agent, list_assets
from registry.agents.schemas import Published, Unyanked, Yanked, YankIn, asset_out, version_base
from registry.publishing.multipart import read_upload
from registry.publishing.publish import list_warnings, publish_version

router = Router(tags=["publishing"])

PUBLISH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["metadata", "tarball"],
                    "properties": {
                        "metadata": {"type": "string", "description": "JSON of agent.json"},
                        "tarball": {"type": "string", "format": "binary"},
                        "icon": {"type": "string", "format": "binary"},
                        "screenshot-0": {"type": "string", "format": "binary"},
                        "channel": {"type": "string", "enum": ["community", "official", "beta"]},
                    },
                }
            }
        },
    }
}


@router.post(
    "/agents/publish",
    response=Published,
    exclude_unset=True,
    auth=signed_in,
    throttle=[Limited("publish")],
    openapi_extra=PUBLISH_BODY,
)
def publish(request: Request) -> dict[str, Any]:
    """Publish a version: a gzipped tar with agent.json at its root, and images.

    `findings` of the answer are the warnings of the package check."""
    version = publish_version(read_upload(request, by=request.auth), by=request.auth)
    agent = version.agent
    base = version_base(agent.scope, agent.name, version.version)
    return {
        "id": agent.full_id,
        "version": version.version,
        "agentId": str(agent.pk),
        "versionId": str(version.pk),
        "channel": version.channel,
        "tarballSha256": version.tarball_sha256,
        "tarballSizeBytes": version.tarball_size_bytes,
        "url": f"{settings.BASE_URL}/agents/{agent.full_id}/versions/{version.version}",
        "tarballUrl": f"{base}/tarball",
        "assets": [asset_out(asset, base) for asset in list_assets(version)],
        "findings": list_warnings(version),
    }


VERSION_PATH = "/agents/{scope}/{name}/versions/{version}"
WRITE: dict[str, Any] = {"auth": signed_in, "throttle": [Limited("write")]}


@router.post(f"{VERSION_PATH}/yank", response=Yanked, exclude_none=True, **WRITE)
def yank(
    request: Request, scope: str, name: str, version: str, body: YankIn | None = None
) -> dict[str, Any]:
    """Take a version out of resolution. Pinned installs still get it."""
    agent = get_agent(scope.lstrip("@"), name)
    reason = body.reason if body else None
    is_changed = yank_version(agent, version, reason=reason, by=request.auth)
    return {"ok": True} if is_changed else {"ok": True, "alreadyYanked": True}


@router.post(f"{VERSION_PATH}/unyank", response=Unyanked, exclude_none=True, **WRITE)
def unyank(request: Request, scope: str, name: str, version: str) -> dict[str, Any]:
    """Make a yanked version available again. Maintainers only."""
    agent = get_agent(scope.lstrip("@"), name)
    is_changed = unyank_version(agent, version, by=request.auth)
    return {"ok": True} if is_changed else {"ok": True, "alreadyActive": True}
