"""How a credential comes in through the JSON door. Bearer stands before the session everywhere:
a request with a key is not asked for a CSRF token, one with a cookie always is."""

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from foundation.access.middleware import bearer_of, key_actor, nobody, session_actor
from foundation.actor import Actor


class KeyAuth(HttpBearer):
    """``Authorization: Bearer claw_…``."""

    openapi_description = "An API key, or the token of a device login."

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return key_actor(request, token, door="api")


class SessionAuth(APIKeyCookie):
    """The web session; unsafe methods need the CSRF token. Never tried when a key was sent."""

    param_name = "sessionid"

    def _get_key(self, request: HttpRequest) -> str | None:
        return None if bearer_of(request) is not None else super()._get_key(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        if key is None:
            return None
        actor = session_actor(request, door="api")
        return actor if actor.is_known else None


def anybody(request: HttpRequest) -> Actor:
    """Public reads: whoever it is, a dead credential being nobody."""
    token = bearer_of(request)
    if token is not None:
        return key_actor(request, token, door="api") or nobody(request, door="api")
    if "sessionid" in request.COOKIES:
        return session_actor(request, door="api")
    return nobody(request, door="api")


signed_in = [KeyAuth(), SessionAuth()]
public = [anybody]
