"""API: publish, yank and unyank a version."""

from typing import Any, Literal

from django.conf import settings
from django.http import HttpResponse
from ninja import Router, Schema

from foundation.access.api import public_write, signed_in
from foundation.limits.middleware import Limited, charge_budget
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.actions import unyank_version, yank_version
from registry.agents.queries import find_agent, list_assets
from registry.agents.schemas import Published, Unyanked, Yanked, YankIn, asset_out, version_base
from registry.limits import CHECK
from registry.publishing.multipart import read_package, read_upload
from registry.publishing.publish import (
    PackageCheck,
    check_package,
    check_publication,
    list_warnings,
    publish_version,
)

router = Router(tags=["publishing"])

FILE = {"type": "string", "format": "binary"}
PACKAGE_PARTS: dict[str, Any] = {"tarball": FILE, "icon": FILE, "screenshot-0": FILE}
PUBLISH_PARTS = {
    "metadata": {"type": "string", "description": "JSON of agent.json"},
    **PACKAGE_PARTS,
    "channel": {"type": "string", "enum": ["community", "official", "beta"]},
}


def form_body(parts: dict[str, Any], *names: str) -> dict[str, Any]:
    """A multipart body for the OpenAPI document; ``names`` are needed."""
    schema = {"type": "object", "required": names, "properties": parts}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


PUBLISH_BODY = form_body(PUBLISH_PARTS, "metadata", "tarball")
CHECK_BODY = form_body(PACKAGE_PARTS, "tarball")


@router.post(
    "/agents/publish",
    response=Published,
    exclude_unset=True,
    auth=signed_in,
    throttle=[Limited("publish")],
    openapi_extra=PUBLISH_BODY,
)
def publish(request: Request, mode: Literal["dry_run"] | None = None) -> Any:
    """Publish a version: a gzipped tar with agent.json at its root, and images.

    `findings` of the answer are the warnings of the package check. With `mode=dry_run` everything
    is checked and nothing stored."""
    if mode is not None:
        upload = read_upload(request, by=request.auth)
        report = check_publication(upload, by=request.auth)
        return json_response(report_out(report) | {"channel": report.channel, "dryRun": True})
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


class PackageCheckOut(Schema):
    """``isAccepted``: a publish would take the package, with warnings."""

    isAccepted: bool
    id: str | None
    version: str | None
    findings: list[dict[str, str | int]]


@router.post(
    "/packages/check",
    response=PackageCheckOut,
    auth=public_write,
    throttle=[Limited(CHECK)],
    openapi_extra=CHECK_BODY,
    summary="Check a package without publishing it",
)
def check(request: Request) -> HttpResponse:
    """Check a package with the rules of a publish. Nothing is stored."""
    with charge_budget(CHECK):
        report = check_package(read_package(request), by=request.auth)
    return json_response({"isAccepted": bool(report.agent_id)} | report_out(report))


def report_out(report: PackageCheck) -> dict[str, Any]:
    """The identity of a checked package and its findings."""
    return {
        "id": report.agent_id or None,
        "version": report.version or None,
        "findings": report.findings,
    }


VERSION_PATH = "/agents/{scope}/{name}/versions/{version}"
WRITE: dict[str, Any] = {"auth": signed_in, "throttle": [Limited("write")]}


@router.post(f"{VERSION_PATH}/yank", response=Yanked, exclude_none=True, **WRITE)
def yank(
    request: Request, scope: str, name: str, version: str, body: YankIn | None = None
) -> dict[str, Any]:
    """Take a version out of resolution. Pinned installs still get it."""
    agent = find_agent(scope.lstrip("@"), name)
    reason = body.reason if body else None
    is_changed = yank_version(agent, version, reason=reason, by=request.auth)
    return {"ok": True} if is_changed else {"ok": True, "alreadyYanked": True}


@router.post(f"{VERSION_PATH}/unyank", response=Unyanked, exclude_none=True, **WRITE)
def unyank(request: Request, scope: str, name: str, version: str) -> dict[str, Any]:
    """Make a yanked version available again. Maintainers only."""
    agent = find_agent(scope.lstrip("@"), name)
    is_changed = unyank_version(agent, version, by=request.auth)
    return {"ok": True} if is_changed else {"ok": True, "alreadyActive": True}
