"""Authentication of the JSON API.

A bearer key takes precedence over the session everywhere: a request with a key needs no CSRF
token, a request with a cookie always does.
"""

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from foundation.access.middleware import (
    actor_of_door,
    anonymous_actor,
    bearer_token,
    key_actor,
    session_actor,
)
from foundation.actor import Actor
from foundation.refusals import NotAllowed, Unauthenticated

# Methods that change nothing, so a forged request gains nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class KeyAuth(HttpBearer):
    """An API key in the header ``Authorization: Bearer``."""

    openapi_description = "An API key, or the access token of a device login."

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of_door(request)
        if actor is None:
            return super().__call__(request)
        return actor if actor.is_known else None

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return key_actor(request, token, door="api")


class SessionAuth(APIKeyCookie):
    """The browser session; unsafe methods need the CSRF token.

    Not used if a key was sent.
    """

    param_name = "sessionid"

    def _get_key(self, request: HttpRequest) -> str | None:
        # Without a cookie there is nothing to forge: that is a 401, not a failed CSRF check.
        if bearer_token(request) is not None or self.param_name not in request.COOKIES:
            return None
        require_csrf_token(request)
        return request.COOKIES[self.param_name]

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        if key is None:
            return None
        actor = session_actor(request, door="api")
        return actor if actor.is_known else None


def optional_auth(request: HttpRequest) -> Actor:
    """Return the actor of a public read. An invalid credential counts as none."""
    actor = actor_of_door(request)
    if actor is not None:
        return actor
    token = bearer_token(request)
    if token is not None:
        # Not the session: a dead key in a browser's script must not act as the user of the browser.
        return key_actor(request, token, door="api") or anonymous_actor(request, door="api")
    return _cookie_actor(request)


def optional_valid_auth(request: HttpRequest) -> Actor:
    """Return the actor of a public write. Raises Unauthenticated for an invalid key."""
    actor = actor_of_door(request)
    if actor is not None:
        return actor
    token = bearer_token(request)
    if token is None:
        return _cookie_actor(request)
    actor = key_actor(request, token, door="api")
    if actor is None:
        raise Unauthenticated
    return actor


def _cookie_actor(request: HttpRequest) -> Actor:
    if "sessionid" not in request.COOKIES:
        return anonymous_actor(request, door="api")
    require_csrf_token(request)
    return session_actor(request, door="api")


def require_csrf_token(request: HttpRequest) -> None:
    """Raise NotAllowed for an unsafe request without the CSRF token in its header.

    A browser sends the cookie from any site's page. The body is not read, however long it is.
    """
    if request.method in SAFE_METHODS:
        return
    # For a POST, Django would look for the token in the form first and consume the body.
    method, request.method = request.method, "PUT"
    try:
        is_forged = check_csrf(request) is not None
    finally:
        request.method = method
    if is_forged:
        raise NotAllowed("The CSRF token is missing or wrong.", code="csrf_failed")


signed_in = [KeyAuth(), SessionAuth()]
public = [optional_auth]
public_write = [optional_valid_auth]
