"""API: deprecate and archive."""

from typing import Any

from ninja import Router
from pydantic import BaseModel, ConfigDict, StrictStr

from foundation.access.api import signed_in
from foundation.limits.middleware import Limited
from foundation.web.requests import Request
from registry.agents.deprecation import DeprecationOut, deprecation_of
from registry.agents.queries import find_agent
from registry.lifecycle import actions

router = Router(tags=["publishing"])
AGENT = "/agents/{scope}/{name}"
VERSION = AGENT + "/versions/{version}"
WRITE: dict[str, Any] = {"auth": signed_in, "throttle": [Limited("lifecycle")]}


class VersionDeprecationIn(BaseModel):
    # Otherwise a number would become the text of a public reason.
    model_config = ConfigDict(strict=True)

    reason: StrictStr


class DeprecationIn(VersionDeprecationIn):
    """``successor`` is the id of a listed agent, such as @scope/name."""

    successor: StrictStr = ""


class Deprecated(BaseModel):
    ok: bool
    deprecation: DeprecationOut


class Changed(BaseModel):
    """``changes`` is 0 if it was so already, else 1."""

    ok: bool
    changes: int


@router.post(f"{AGENT}/deprecate", response=Deprecated, **WRITE)
def deprecate_agent(request: Request, scope: str, name: str, body: DeprecationIn) -> dict[str, Any]:
    """Say that an agent should no longer be used. A second call replaces the reason."""
    agent = actions.deprecate_agent(
        find_agent(scope.lstrip("@"), name),
        reason=body.reason,
        successor=body.successor,
        by=request.auth,
    )
    return {"ok": True} | deprecation_of(vars(agent))


@router.post(f"{AGENT}/undeprecate", response=Changed, **WRITE)
def undeprecate_agent(request: Request, scope: str, name: str) -> dict[str, Any]:
    """End the deprecation of an agent."""
    agent = find_agent(scope.lstrip("@"), name)
    return {"ok": True, "changes": actions.undeprecate_agent(agent, by=request.auth)}


@router.post(f"{VERSION}/deprecate", response=Changed, **WRITE)
def deprecate_version(
    request: Request, scope: str, name: str, version: str, body: VersionDeprecationIn
) -> dict[str, Any]:
    """Say that a version should no longer be used. A second call replaces the reason."""
    agent = find_agent(scope.lstrip("@"), name)
    actions.deprecate_version(agent, version, reason=body.reason, by=request.auth)
    return {"ok": True, "changes": 1}


@router.post(f"{VERSION}/undeprecate", response=Changed, **WRITE)
def undeprecate_version(request: Request, scope: str, name: str, version: str) -> dict[str, Any]:
    """End the deprecation of a version."""
    agent = find_agent(scope.lstrip("@"), name)
    return {"ok": True, "changes": actions.undeprecate_version(agent, version, by=request.auth)}


@router.post(f"{AGENT}/archive", response=Changed, **WRITE)
def archive_agent(request: Request, scope: str, name: str) -> dict[str, Any]:
    """Say that an agent gets no more versions, and refuse them."""
    agent = find_agent(scope.lstrip("@"), name)
    return {"ok": True, "changes": actions.archive_agent(agent, by=request.auth)}


@router.post(f"{AGENT}/unarchive", response=Changed, **WRITE)
def unarchive_agent(request: Request, scope: str, name: str) -> dict[str, Any]:
    """Let an archived agent get versions again."""
    agent = find_agent(scope.lstrip("@"), name)
    return {"ok": True, "changes": actions.unarchive_agent(agent, by=request.auth)}
