"""JSON endpoints of what an account follows."""

from typing import Any

from django.http import HttpResponse
from ninja import Router
from ninja.throttling import BaseThrottle

from clawstore.following.actions import follow, unfollow
from clawstore.following.queries import find_own_follow, follows_by_age
from clawstore.following.rules import FOLLOW_SCOPE
from clawstore.following.schemas import FollowIn, FollowOut, FollowPage, follow_out
from foundation.access.api import signed_in
from foundation.limits.middleware import Limited
from foundation.paging import Ordering, Sort, fetch_page, read_limit
from foundation.web.requests import Request
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.requests.api import Answer, IdempotencyKey, write

router = Router(tags=["following"])
NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))
WRITE: list[BaseThrottle] = [Limited("write"), IdempotencyKey()]
FOLLOW = "/following/{kind}/{path:target}"


@router.get(
    "/following",
    response=FollowPage,
    auth=signed_in,
    throttle=[Limited("read")],
    summary="What the account follows, newest first",
)
def list_follows(
    request: Request, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    user = request.auth.require(FOLLOW_SCOPE)
    rows = follows_by_age(user.pk)
    page = fetch_page(rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="following")
    last = {"nextCursor": page.next_cursor} if page.next_cursor else {}
    return json_response({"items": [follow_out(row) for row in page.items]} | last)


@router.get(
    FOLLOW,
    response=FollowOut,
    auth=signed_in,
    throttle=[Limited("read")],
    summary="One thing that the account follows",
)
def get_follow(request: Request, kind: str, target: str) -> dict[str, Any]:
    """`follow_not_found` if the account does not follow it."""
    user = request.auth.require(FOLLOW_SCOPE)
    return follow_out(find_own_follow(user.pk, kind, target))


@router.put(
    FOLLOW,
    response=FollowOut,
    auth=signed_in,
    throttle=WRITE,
    summary="Follow something, or change which news of it are sent",
)
@write
def put_follow(request: Request, kind: str, target: str, body: FollowIn | None = None) -> Answer:
    """Follow an agent (`@scope/name`), person (scope), collection (slug) or search.

    A search is its query, such as `q=mail&tag=work`. `changes` are of newVersion, asksForMore,
    yanked and withheld; all without a body. News are in the private feed, and are sent as `byMail`
    and `byWebhook` say.
    """
    columns = (body or FollowIn()).columns()
    return Answer(follow_out(follow(kind, target, **columns, by=request.auth)))


@router.delete(
    FOLLOW,
    response=Done,
    auth=signed_in,
    throttle=WRITE,
    summary="Follow something no longer",
)
@write
def delete_follow(request: Request, kind: str, target: str) -> Answer:
    """Also for what is not followed, so that the request may be repeated."""
    unfollow(kind, target, by=request.auth)
    return Answer({"ok": True})
