"""Credentials at MCP, and challenges, which lead an app to a token."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from foundation.access.middleware import app_actor, key_actor
from foundation.access.oauth.rules import ACCESS_TOKEN_PREFIX
from foundation.actor import Actor
from foundation.refusals import InsufficientScope, Unauthenticated


def mcp_actor(request: HttpRequest, token: str, *, door: str) -> Actor | None:
    """Return the actor of a key or of an app's token; None if it is not valid.

    Keys are for the whole API, and tokens of apps for this address alone.
    """
    is_of_app = settings.OAUTH_ON and token.startswith(ACCESS_TOKEN_PREFIX)
    return (app_actor if is_of_app else key_actor)(request, token, door=door)


def challenge_header(*, error: str = "", scopes: str = "") -> str:
    """Return a value of WWW-Authenticate. ``error`` is of RFC 6750."""
    values = {"realm": settings.INSTANCE_NAME, "error": error}
    if settings.OAUTH_ON:
        values["scope"] = scopes
        values["resource_metadata"] = settings.BASE_URL + reverse("oauth_resource")
    # The name is of the operator, and quotes would end it.
    texts = {name: value.replace("\\", "").replace('"', "'") for name, value in values.items()}
    return "Bearer " + ", ".join(f'{name}="{text}"' for name, text in texts.items() if text)


def add_challenge(response: HttpResponse, body: dict[str, Any], by: Actor) -> None:
    """Add the status and header of a challenge if another token would be accepted.

    A client signs its user in, or asks for more scopes, only when HTTP says so. Holders of API
    keys cannot do either.
    """
    if not settings.OAUTH_ON:
        return
    refusal = _refusal_in(body)
    code, scope = refusal.get("code"), _scope_in(refusal)
    if code == Unauthenticated.code and not by.is_known:
        response.status_code = 401
        response["WWW-Authenticate"] = challenge_header(scopes=scope)
    elif code == InsufficientScope.code and by.is_app and scope:
        response.status_code = 403
        # With those that it has, because a new token replaces the former one.
        scopes = " ".join(sorted({scope, *(by.scopes or ())}))
        response["WWW-Authenticate"] = challenge_header(error="insufficient_scope", scopes=scopes)


def _refusal_in(body: dict[str, Any]) -> dict[str, Any]:
    """Return the refusal in the answer of a tool or of a resource, or an empty object."""
    result = body.get("result")
    if isinstance(result, dict):
        content = result.get("structuredContent")
        return content if result.get("isError") and isinstance(content, dict) else {}
    error = body.get("error")
    data = error.get("data") if isinstance(error, dict) else None
    return data if isinstance(data, dict) else {}


def _scope_in(refusal: dict[str, Any]) -> str:
    details = refusal.get("details")
    scope = details.get("scope") if isinstance(details, dict) else None
    return scope if isinstance(scope, str) else ""
