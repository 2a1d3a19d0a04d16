"""The door of the runtime: what every endpoint does before and after its action.

A write is one transaction. With ``?mode=dry_run`` the transaction is rolled back, so that a dry run
checks exactly what the write checks and leaves nothing behind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja.throttling import BaseThrottle

from foundation.actor import Actor
from foundation.limits.errors import RateLimited
from foundation.limits.middleware import Limited
from foundation.refusals import InsufficientStorage, InvalidParameter
from foundation.web.responses import json_response
from wordclaw.requests.actions import (
    begin_request,
    fingerprint_of,
    free_key,
    keep_answer,
    read_answer,
    read_headers,
)
from wordclaw.requests.errors import InvalidIfMatch, InvalidMode, UnsupportedIfMatch
from wordclaw.requests.models import IdempotentRequest

# The credential of people without an account who have a link.
LINK_HEADER = "X-Feedback-Token"
# Headers such as Date or a request ID belong to one answer and would be wrong in its repetition.
KEPT_HEADERS = ("ETag", "Location", "WWW-Authenticate")


class Replayed(Exception):
    """The answer of a repeated request. The API sends it as it was."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class IdempotencyKey(BaseThrottle):
    """Reads ``Idempotency-Key`` after authentication and before validation.

    A throttle is the only hook at this place. Raises Replayed for a request with a kept answer.
    """

    def allow_request(self, request: HttpRequest) -> bool:
        if "Idempotency-Key" in request.headers:
            start_idempotent_request(request, request.body)
        return True


def start_idempotent_request(request: HttpRequest, body: bytes) -> None:
    """Begin a request with its ``Idempotency-Key``, or do nothing without one.

    ``body``: the body, or a digest of a body that does not fit in memory. Raises Replayed for a
    request with a kept answer.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return
    # With the query string: a dry run and the write itself are different requests.
    fingerprint = fingerprint_of(str(request.method), request.get_full_path(), body)
    token = request.headers.get(LINK_HEADER, "")
    row, is_kept = begin_request(key, fingerprint, token=token, by=actor_of(request))
    if is_kept:
        raise Replayed(_kept_response(row))
    request.idempotent_request = row  # type: ignore[attr-defined]


WRITE: list[BaseThrottle] = [Limited("content"), IdempotencyKey()]
READ: list[BaseThrottle] = [Limited("read")]


def _kept_response(row: IdempotentRequest) -> HttpResponse:
    response = HttpResponse(
        read_answer(row), status=row.status or 200, content_type="application/json"
    )
    for name, value in read_headers(row).items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def keep_refusal(request: HttpRequest, response: HttpResponse) -> None:
    """Keep a refusal for its idempotency key.

    An error of the server frees the key.
    """
    row = getattr(request, "idempotent_request", None)
    if row is None:
        return
    # A limit is a matter of time, and a challenge of a payment: the same request succeeds later.
    is_passing = response.status_code >= 500 or response.status_code in (402, 429)
    # The challenge of a purchase is its result.
    if is_passing and not (response.status_code == 402 and _is_purchase(request)):
        free_key(row)
        return
    try:
        # The token of a challenge is a secret of its buyer.
        _keep(request, row, response, is_secret=response.status_code == 402)
    except (RateLimited, InsufficientStorage):
        # Nothing was changed, so a repetition may do the work again.
        free_key(row)


def mark_purchase(request: HttpRequest) -> None:
    """Let the idempotency key of a request keep a challenge as its result."""
    request.is_purchase = True  # type: ignore[attr-defined]


def _is_purchase(request: HttpRequest) -> bool:
    return getattr(request, "is_purchase", False)


def _keep(
    request: HttpRequest, row: IdempotentRequest, response: HttpResponse, *, is_secret: bool = False
) -> None:
    headers, by = _kept_headers(response), actor_of(request)
    status = response.status_code
    keep_answer(row, status, response.content, headers, is_secret=is_secret, by=by)


def _kept_headers(response: HttpResponse) -> dict[str, str]:
    return {name: response[name] for name in KEPT_HEADERS if name in response}


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a write.

    ``new_keys``: the keys with what a creation makes, such as its id; a dry run answers null.
    ``secret_keys``: keys with a secret: a dry run never answers them, because nothing of them was
    stored, and the kept answer is encrypted.
    """

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    new_keys: frozenset[str] = frozenset({"id"})
    secret_keys: frozenset[str] = frozenset()


def write(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """Run an endpoint as one transaction, which a dry run rolls back.

    For what has no version: ``If-Match`` is refused, because a client that sends it expects that
    a change in the meantime is seen.
    """
    run = write_of_version(view)

    @wraps(view)
    def run_without_version(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refuse_if_match(request)
        return run(request, *args, **kwargs)

    return run_without_version


def refuse_if_match(request: HttpRequest) -> None:
    """Raise UnsupportedIfMatch if the caller expects a version of what has none."""
    if request.headers.get("If-Match", "*").strip() != "*":
        raise UnsupportedIfMatch


def write_of_version(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """Run an endpoint as `write` does; it reads ``If-Match`` with `expected_version`."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_dry = is_dry_run(request)
        row = getattr(request, "idempotent_request", None)
        with transaction.atomic():
            answer = view(request, *args, **kwargs)
            response = _response(answer, is_dry=is_dry)
            if is_dry:
                # After the answer was made, because it shows the rows that are now undone.
                transaction.set_rollback(True)
            elif row is not None:
                # In the transaction of the effect, so that there is never one without the other.
                _keep(request, row, response, is_secret=bool(answer.secret_keys))
        if is_dry and row is not None:
            _keep(request, row, response)
        return response

    return run


def is_dry_run(request: HttpRequest) -> bool:
    """Whether a write is only checked. Raises InvalidMode."""
    mode = request.GET.get("mode")
    if mode not in (None, "dry_run"):
        raise InvalidMode(parameter="mode")
    return mode is not None


def _response(answer: Answer, *, is_dry: bool) -> HttpResponse:
    if is_dry:
        # Always 200 and without an ETag: nothing was created that a client could refer to.
        undone_keys = answer.secret_keys | (
            answer.new_keys if answer.status in (201, 202) else set()
        )
        blank = dict.fromkeys(undone_keys & answer.body.keys())
        return json_response(answer.body | blank | {"dryRun": True})
    response = json_response(answer.body, status=answer.status)
    for name, value in answer.headers.items():
        response[name] = value
    return response


def expected_version(request: HttpRequest) -> int | None:
    """Return the version in ``If-Match``; None without the header or for ``*``.

    Raises InvalidIfMatch.
    """
    raw = request.headers.get("If-Match")
    # RFC 9110: the star only asks that the item exists, and a missing one is 404 anyway.
    if raw is None or raw.strip() == "*":
        return None
    # Proxies that compress an answer make its ETag a weak one.
    return read_version_tag(raw.strip().removeprefix("W/").strip('"'))


def read_version_tag(tag: str) -> int:
    """Return the version of a tag such as ``v7``. Raises InvalidIfMatch."""
    digits = tag.removeprefix("v")
    # `isdigit` alone accepts digits of other scripts, and a long number overflows the column.
    if not tag.startswith("v") or not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise InvalidIfMatch
    return int(digits)


def version_tag(version: int) -> dict[str, str]:
    """Return the header ETag of a version."""
    return {"ETag": f'"v{version}"'}


def page_response(items: list[dict[str, Any]], next_cursor: str | None = None) -> HttpResponse:
    """Return a page of a list."""
    return json_response({"items": items} | ({"nextCursor": next_cursor} if next_cursor else {}))


class InvalidCursor(InvalidParameter):
    code = "invalid_cursor"
    message = "This cursor is invalid."
    remediation = "Start again without a cursor, with the same filters and order."


def cursor_errors(view: Callable[..., Any]) -> Callable[..., Any]:
    """Give a refused cursor of a list the code of the runtime."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except InvalidParameter as refusal:
            if refusal.details.get("parameter") == "cursor":
                raise InvalidCursor(parameter="cursor") from refusal
            raise

    return run
