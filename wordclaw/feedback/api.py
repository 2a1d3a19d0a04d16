"""JSON endpoints of feedback."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router

from foundation.access.api import public, public_write, signed_in
from foundation.clock import iso, now
from foundation.limits.middleware import caller_network
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.content.items.queries import find_version
from wordclaw.feedback import actions
from wordclaw.feedback.models import CONTENT_ITEM, ExternalFeedback
from wordclaw.feedback.queries import feedback_of, find_feedback, find_valid_token, tokens_of
from wordclaw.feedback.schemas import (
    FeedbackAnswer,
    FeedbackIn,
    FeedbackOut,
    FeedbackPage,
    NewTokenOut,
    PublicFeedbackIn,
    PublicFeedbackOut,
    QuestionOut,
    SubjectFeedbackIn,
    SubjectTokenIn,
    TokenIn,
    TokenPage,
    feedback_out,
    token_out,
    version_of,
)
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import NEWEST_FIRST
from wordclaw.requests.api import READ, WRITE, Answer, actor_of, cursor_errors, page_response, write
from wordclaw.workflow.reviews.schemas import task_out

router = Router(tags=["feedback"])
DOMAIN = "/domains/{domain}"
ITEM = DOMAIN + "/content-items/{item_id}"
PUBLIC = "/public/external-feedback"
SECRET_KEYS = frozenset({"token", "path"})


def _answer(event: ExternalFeedback) -> Answer:
    task = task_out(event.task, now()) if event.task else None
    return Answer({"event": feedback_out(event), "reviewTask": task}, status=201)


@router.post(
    ITEM + "/external-feedback",
    auth=signed_in,
    throttle=WRITE,
    response={201: FeedbackAnswer},
    summary="Record feedback on a published item",
)
@write
def record(request: HttpRequest, domain: str, item_id: str, body: FeedbackIn) -> Answer:
    by = actor_of(request)
    return _answer(
        actions.record_feedback(
            find_domain(domain, by),
            CONTENT_ITEM,
            item_id,
            text=body.text(),
            submitter=body.submitter.submitter(),
            by=by,
        )
    )


@router.post(
    DOMAIN + "/external-feedback",
    auth=signed_in,
    throttle=WRITE,
    response={201: FeedbackAnswer},
    summary="Record feedback on an agent",
)
@write
def record_on_subject(request: HttpRequest, domain: str, body: SubjectFeedbackIn) -> Answer:
    by = actor_of(request)
    return _answer(
        actions.record_feedback(
            find_domain(domain, by),
            body.subjectType,
            body.subjectId,
            text=body.text(),
            submitter=body.submitter.submitter(),
            by=by,
        )
    )


def _page(rows: Any, *, limit: str | None, cursor: str | None, name: str) -> HttpResponse:
    page = fetch_page(rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name=name)
    return page_response([feedback_out(event) for event in page.items], page.next_cursor)


def _reader(request: HttpRequest, domain: str, resource_type: str, resource_id: str) -> Domain:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type=resource_type, resource_id=resource_id)
    return tenant


@router.get(
    ITEM + "/external-feedback",
    auth=signed_in,
    throttle=READ,
    response=FeedbackPage,
    summary="Feedback on an item, newest first",
)
@cursor_errors
def list_feedback(
    request: HttpRequest,
    domain: str,
    item_id: str,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    tenant = _reader(request, domain, "content_item", item_id)
    rows = feedback_of(tenant, subject_type=CONTENT_ITEM, subject_id=item_id)
    return _page(rows, limit=limit, cursor=cursor, name=f"feedback {item_id}")


@router.get(
    DOMAIN + "/external-feedback",
    auth=signed_in,
    throttle=READ,
    response=FeedbackPage,
    summary="Feedback of a domain, newest first",
)
@cursor_errors
def list_all_feedback(
    request: HttpRequest,
    domain: str,
    subjectType: str | None = None,
    subjectId: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    tenant = _reader(request, domain, "external_feedback", "")
    rows = feedback_of(tenant, subject_type=subjectType, subject_id=subjectId)
    name = f"feedback {subjectType} {subjectId}"
    return _page(rows, limit=limit, cursor=cursor, name=name)


@router.get(
    DOMAIN + "/external-feedback/{event_id}",
    auth=signed_in,
    throttle=READ,
    response=FeedbackOut,
    summary="One piece of feedback",
)
def get_feedback(request: HttpRequest, domain: str, event_id: str) -> HttpResponse:
    tenant = _reader(request, domain, "external_feedback", event_id)
    return json_response(feedback_out(find_feedback(tenant, event_id)))


def _issue(request: HttpRequest, domain: str, kind: str, subject: str, body: TokenIn) -> Answer:
    by = actor_of(request)
    token, secret = actions.issue_token(
        find_domain(domain, by),
        kind,
        subject,
        submitter=body.submitter.submitter(),
        ttl_seconds=body.ttlSeconds,
        allows_agent_direct=body.allowAgentDirect,
        max_uses=body.uses,
        by=by,
    )
    out = {
        "id": str(token.pk),
        "token": secret,
        "path": reverse("feedback", args=[secret]),
        "expiresAt": iso(token.expires_at),
    }
    return Answer(out, status=201, secret_keys=SECRET_KEYS)


@router.post(
    ITEM + "/external-feedback-token",
    auth=signed_in,
    throttle=WRITE,
    response={201: NewTokenOut},
    summary="Make a link for feedback on a published item",
)
@write
def issue_token(request: HttpRequest, domain: str, item_id: str, body: TokenIn) -> Answer:
    return _issue(request, domain, CONTENT_ITEM, item_id, body)


@router.post(
    DOMAIN + "/external-feedback-token",
    auth=signed_in,
    throttle=WRITE,
    response={201: NewTokenOut},
    summary="Make a link for feedback on an agent",
)
@write
def issue_subject_token(request: HttpRequest, domain: str, body: SubjectTokenIn) -> Answer:
    return _issue(request, domain, body.subjectType, body.subjectId, body)


@router.get(
    DOMAIN + "/external-feedback-tokens",
    auth=signed_in,
    throttle=READ,
    response=TokenPage,
    summary="Links for feedback, newest first",
)
@cursor_errors
def list_tokens(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    tenant = _reader(request, domain, "external_feedback_token", "")
    page = fetch_page(
        tokens_of(tenant),
        NEWEST_FIRST,
        limit=read_limit(limit),
        cursor=cursor,
        name="feedback tokens",
    )
    return page_response([token_out(token) for token in page.items], page.next_cursor)


@router.delete(
    DOMAIN + "/external-feedback-tokens/{token_id}",
    auth=signed_in,
    throttle=WRITE,
    response=Done,
    summary="Revoke a link for feedback",
)
@write
def revoke_token(request: HttpRequest, domain: str, token_id: str) -> Answer:
    by = actor_of(request)
    actions.revoke_token(find_domain(domain, by), token_id, by=by)
    return Answer({"ok": True})


@router.get(
    PUBLIC,
    auth=public,
    throttle=READ,
    response=QuestionOut,
    summary="What a link for feedback is about",
)
def get_question(request: HttpRequest) -> HttpResponse:
    token = find_valid_token(request.headers.get("X-Feedback-Token", ""))
    out: dict[str, Any] = {
        "subjectType": token.subject_type,
        "subjectId": token.subject_id,
        "publishedVersion": version_of(token),
        "allowAgentDirect": token.allows_agent_direct,
        "expiresAt": iso(token.expires_at),
    }
    if token.item is not None and token.published_version is not None:
        out["data"] = find_version(token.item, token.published_version).data
    return json_response(out)


@router.post(
    PUBLIC,
    auth=public_write,
    throttle=WRITE,
    response={201: PublicFeedbackOut},
    summary="Give feedback with a link",
)
@write
def give(request: HttpRequest, body: PublicFeedbackIn) -> Answer:
    token = request.headers.get("X-Feedback-Token", "")
    event = actions.give_feedback(
        token, body.text(), network=caller_network(request), by=actor_of(request)
    )
    return _answer(event)
