"""From a request to an actor: the one place where a credential is resolved."""

from collections.abc import Callable
from time import time

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from foundation.access.actions import note_visit, resolve_key
from foundation.access.address import client_address, hash_address
from foundation.actor import Actor

SEEN_IS_WRITTEN_EVERY = 600  # seconds


class ActorMiddleware:
    """Sets ``request.actor``; looked up when first asked for, so a public page costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: session_actor(request, door="page"))  # type: ignore[attr-defined]
        response = self.get_response(request)
        _note_visit_now_and_then(request)
        return response


def _note_visit_now_and_then(request: HttpRequest) -> None:
    """For the list of one's sessions. What was written last stands in the session itself, which is
    read anyway; and who the user is, is not looked up for this."""
    user = getattr(request, "_cached_user", None)
    if user is None or not user.is_authenticated or not request.session.session_key:
        return
    since = user.last_login.timestamp() if user.last_login else 0
    if time() - request.session.get("seen_at", since) < SEEN_IS_WRITTEN_EVERY:
        return
    record_visit(request)


def record_visit(request: HttpRequest) -> None:
    """Write down that the signed-in browser was here: for the list of one's sessions."""
    request.session["seen_at"] = int(time())
    user_id = request.user.pk
    if request.session.session_key and user_id is not None:
        note_visit(
            request.session.session_key,
            user_id,
            address=client_address(request.META),
            user_agent=request.headers.get("User-Agent", ""),
        )


def bearer_token(request: HttpRequest) -> str | None:
    """The token of an ``Authorization: Bearer`` header, None without one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def anonymous_actor(request: HttpRequest, *, door: str) -> Actor:
    return Actor(
        door=door,
        address_hash=hash_address(client_address(request.META)),
        request_id=getattr(request, "request_id", ""),
    )


def session_actor(request: HttpRequest, *, door: str) -> Actor:
    """Who the session cookie says."""
    stranger = anonymous_actor(request, door=door)
    if not request.user.is_authenticated:
        return stranger
    return Actor(
        user=request.user,
        door=door,
        address_hash=stranger.address_hash,
        request_id=stranger.request_id,
    )


def key_actor(request: HttpRequest, token: str, *, door: str) -> Actor | None:
    """Who the API key says; None for a dead one."""
    key = resolve_key(token)
    if key is None:
        return None
    stranger = anonymous_actor(request, door=door)
    return Actor(
        user=key.created_by,
        key_id=key.pk,
        scopes=key.scope_set,
        bound_to=key.bound_to,
        door=door,
        address_hash=stranger.address_hash,
        request_id=stranger.request_id,
    )
