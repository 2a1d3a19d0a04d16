"""Resolves the credential of a request to an actor."""

import logging
from dataclasses import replace
from time import time

from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from foundation.access.actions import record_session_use, resolve_key
from foundation.access.address import client_address, hash_address
from foundation.access.oauth.connections import resolve_access_token
from foundation.actor import Actor
from foundation.web.requests import GetResponse

log = logging.getLogger("clawstore.access")

# A shorter interval would write at nearly every page.
SESSION_USE_INTERVAL = 600
"""Seconds between two records of the use of one session."""


class ActorMiddleware:
    """Sets ``request.actor``, lazily, so that a public page needs no query for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = SimpleLazyObject(lambda: session_actor(request, door="page"))  # type: ignore[attr-defined]
        response = self.get_response(request)
        _record_visit_at_intervals(request)
        return response


def _record_visit_at_intervals(request: HttpRequest) -> None:
    # The session itself holds the time of the last record, since it is read anyway. The user is not
    # loaded for this: a page that did not need the user counts as no visit.
    user = getattr(request, "_cached_user", None)
    if user is None or not user.is_authenticated or not request.session.session_key:
        return
    signed_in_at = user.last_login.timestamp() if user.last_login else 0
    if time() - request.session.get("seen_at", signed_in_at) >= SESSION_USE_INTERVAL:
        # A page that can be read must not fail because nothing can be written.
        try:
            record_visit(request)
        except DatabaseError as error:
            log.warning("The use of a session is not recorded: %s", error)


def record_visit(request: HttpRequest) -> None:
    """Record the use of a browser session, for the user's list of sessions."""
    request.session["seen_at"] = int(time())
    user_id = request.user.pk
    if request.session.session_key and user_id is not None:
        record_session_use(
            request.session.session_key,
            user_id,
            address=client_address(request.META),
            user_agent=request.headers.get("User-Agent", ""),
        )


def set_actor(request: HttpRequest, actor: Actor) -> None:
    """Set the actor of a request that a door of this process makes for its caller.

    The door has checked the credential; the request itself has none.
    """
    request.actor = actor  # type: ignore[attr-defined]
    request.actor_of_door = actor  # type: ignore[attr-defined]


def actor_of_door(request: HttpRequest) -> Actor | None:
    """Return the actor that `set_actor` has set, or None for a request from outside."""
    return getattr(request, "actor_of_door", None)


def bearer_token(request: HttpRequest) -> str | None:
    """Return the token of an ``Authorization: Bearer`` header, or None."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def anonymous_actor(request: HttpRequest, *, door: str) -> Actor:
    """Return an actor without a user, with the request's id and hashed address."""
    return Actor(
        door=door,
        address_hash=hash_address(client_address(request.META)),
        request_id=getattr(request, "request_id", ""),
    )


def session_actor(request: HttpRequest, *, door: str) -> Actor:
    """Return the actor of the session cookie, which is anonymous without a session."""
    anonymous = anonymous_actor(request, door=door)
    if not request.user.is_authenticated:
        return anonymous
    session_key = request.session.session_key or ""
    return replace(anonymous, user=request.user, session_key=session_key)


def key_actor(request: HttpRequest, token: str, *, door: str) -> Actor | None:
    """Return the actor of an API key; None if it is unknown, expired or revoked."""
    key = resolve_key(token)
    if key is None:
        return None
    return replace(
        anonymous_actor(request, door=door),
        user=key.created_by,
        key_id=key.pk,
        scopes=key.scope_set,
        bound_to=key.bound_to,
    )


def app_actor(request: HttpRequest, token: str, *, door: str) -> Actor | None:
    """Return the actor of a connected app's token; None if it is unknown or has ended."""
    access = resolve_access_token(token)
    if access is None:
        return None
    return replace(
        anonymous_actor(request, door=door),
        user=access.user,
        key_id=access.app.pk,
        is_app=True,
        scopes=access.scopes,
    )
