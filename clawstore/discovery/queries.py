"""The capabilities of this shop, and those of a credential."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from clawstore import VERSION
from foundation.access.scopes import declared_scopes
from foundation.actor import Actor
from foundation.limits.actions import read_usage
from foundation.limits.declarations import declared_limits
from foundation.text.embedding import has_embedder
from profiles.queries import scope_of
from registry.package.limits import LIMITS
from wordclaw.policy.queries import memberships_of


def get_capabilities() -> dict[str, Any]:
    """Return what this shop offers to programs; the same for every reader."""
    base = settings.BASE_URL
    return {
        "name": settings.INSTANCE_NAME,
        "version": VERSION,
        "api": f"{base}/v1",
        "openapi": f"{base}/v1/openapi.json",
        "mcp": f"{base}/mcp" if settings.MCP_ON else None,
        "documentation": base + reverse("api_docs"),
        "manifestSchema": base + reverse("agent_schema"),
        "isClosed": settings.SIGN_IN_TO_READ,
        "authentication": {
            "scheme": "bearer",
            "deviceAuthorization": f"{base}/api/auth/device/code",
            "deviceToken": f"{base}/api/auth/device/token",
            "keys": base + reverse("account_keys"),
            "oauth": base + reverse("oauth_server") if settings.OAUTH_ON else None,
        },
        "features": {
            "searchByMeaning": has_embedder(),
            "payments": settings.PAYMENT_PROVIDER != "disabled",
            "trustedPublishing": bool(settings.TRUSTED_ISSUERS),
        },
        "scopes": [
            {"name": scope.name, "description": str(scope.description)}
            for scope in declared_scopes().values()
        ],
        "package": {
            "maxTarballBytes": LIMITS.tarball_bytes,
            "maxFiles": LIMITS.files,
        },
        "limits": [
            {"name": limit.name, "max": limit.max_units, "seconds": limit.seconds, "per": limit.per}
            for limit in declared_limits().values()
        ],
    }


def describe_actor(by: Actor) -> dict[str, Any]:
    """Return who a credential belongs to, and what it may do.

    ``limits`` are those that are counted by account, with what is left in the present window; it
    is None for a limit that each process counts for itself.
    """
    if by.user is None:
        return {"actor": "anonymous", "key": None, "scopes": [], "domains": [], "limits": []}
    names = declared_scopes() if by.scopes is None else by.scopes
    return {
        "actor": {"login": by.user.username, "scope": scope_of(by.user.pk)},
        "key": {"id": str(by.key_id), "boundTo": by.bound_to or None} if by.key_id else None,
        "scopes": sorted(names),
        "domains": _domains_of(by),
        "limits": _limits_of(by),
    }


def _domains_of(by: Actor) -> list[dict[str, str]]:
    user_id = by.require_user().pk
    memberships = memberships_of(user_id).filter(accepted_at__isnull=False)
    roles = {member.domain.name: str(member.role) for member in memberships}
    if own_scope := scope_of(user_id):
        roles[own_scope] = "owner"
    if by.has_role("maintainer"):
        roles["store"] = roles.get("store", "admin")
    bound_scope = by.bound_to.removeprefix("@").partition("/")[0]
    return [
        {"name": name, "role": role}
        for name, role in sorted(roles.items())
        if not bound_scope or name == bound_scope
    ]


def _limits_of(by: Actor) -> list[dict[str, Any]]:
    limits = [limit for limit in declared_limits().values() if limit.per == "user"]
    usage = read_usage([limit for limit in limits if limit.exact], f"user:{by.user_id}")
    return [
        {
            "name": limit.name,
            "max": limit.max_units,
            "seconds": limit.seconds,
            "remainingUses": usage[limit.name].remaining if limit.exact else None,
            "resetsIn": usage[limit.name].reset if limit.exact else None,
        }
        for limit in limits
    ]
