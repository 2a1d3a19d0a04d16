"""JSON endpoints for reviews and replies."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from foundation.access.api import public, signed_in
from foundation.limits.middleware import Limited
from foundation.paging import fetch_page, read_limit
from foundation.web.schemas import Done
from registry.agents.queries import find_visible_agent
from reviews.actions import (
    delete_reply,
    delete_review,
    edit_review,
    post_review,
    reply_to_review,
)
from reviews.queries import NEWEST_FIRST, find_review, reviews_of
from reviews.schemas import (
    ReplyIn,
    ReviewChanges,
    ReviewId,
    ReviewIn,
    ReviewPage,
    review_out,
)

router = Router(tags=["reviews"])
REVIEWS = "/agents/{scope}/{name}/reviews"


@router.get(
    REVIEWS,
    auth=public,
    throttle=[Limited("read")],
    response=ReviewPage,
    exclude_unset=True,
    summary="Reviews of an agent, newest first",
)
def list_reviews(
    request: HttpRequest, scope: str, name: str, limit: str | None = None, cursor: str | None = None
) -> dict[str, Any]:
    agent = find_visible_agent(scope.lstrip("@"), name, by=request.auth)  # type: ignore[attr-defined]
    page = fetch_page(
        reviews_of(agent.pk), NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="reviews"
    )
    body: dict[str, Any] = {
        "items": [review_out(review) for review in page.items],
        "avgRating": agent.avg_rating,
        "reviewCount": agent.review_count,
    }
    return body | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


@router.post(
    REVIEWS,
    auth=signed_in,
    throttle=[Limited("review")],
    response={201: ReviewId},
    summary="Review an agent of someone else, once per agent",
)
def post(request: HttpRequest, scope: str, name: str, data: ReviewIn) -> Status:
    by = request.auth  # type: ignore[attr-defined]
    agent = find_visible_agent(scope.lstrip("@"), name, by=by)
    review = post_review(agent, **data.model_dump(), by=by)
    return Status(201, {"id": str(review.pk)})


@router.put(
    REVIEWS + "/{review_id}",
    auth=signed_in,
    throttle=[Limited("review")],
    response=Done,
    summary="Edit your own review",
)
def edit(
    request: HttpRequest, scope: str, name: str, review_id: str, data: ReviewChanges
) -> dict[str, bool]:
    by = request.auth  # type: ignore[attr-defined]
    review = find_review(find_visible_agent(scope.lstrip("@"), name, by=by), review_id)
    edit_review(review, data.model_dump(exclude_unset=True), by=by)
    return {"ok": True}


@router.delete(
    REVIEWS + "/{review_id}",
    auth=signed_in,
    throttle=[Limited("review")],
    response=Done,
    summary="Delete your own review; maintainers can delete any review",
)
def delete(request: HttpRequest, scope: str, name: str, review_id: str) -> dict[str, bool]:
    by = request.auth  # type: ignore[attr-defined]
    delete_review(find_review(find_visible_agent(scope.lstrip("@"), name, by=by), review_id), by=by)
    return {"ok": True}


@router.put(
    REVIEWS + "/{review_id}/reply",
    auth=signed_in,
    throttle=[Limited("review")],
    response=Done,
    summary="Reply to a review of your own agent, or edit the reply",
)
def reply(
    request: HttpRequest, scope: str, name: str, review_id: str, data: ReplyIn
) -> dict[str, bool]:
    by = request.auth  # type: ignore[attr-defined]
    review = find_review(find_visible_agent(scope.lstrip("@"), name, by=by), review_id)
    reply_to_review(review, body=data.body, by=by)
    return {"ok": True}


@router.delete(
    REVIEWS + "/{review_id}/reply",
    auth=signed_in,
    throttle=[Limited("review")],
    response=Done,
    summary="Delete your reply to a review",
)
def take_reply_back(request: HttpRequest, scope: str, name: str, review_id: str) -> dict[str, bool]:
    by = request.auth  # type: ignore[attr-defined]
    delete_reply(find_review(find_visible_agent(scope.lstrip("@"), name, by=by), review_id), by=by)
    return {"ok": True}
