"""JSON endpoints of comments."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.paging import fetch_page, read_limit
from wordclaw.content.items.queries import get_item
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.policy.queries import OLDEST_FIRST
from wordclaw.requests.api import READ, WRITE, Answer, actor_of, cursor_errors, page_response, write
from wordclaw.workflow.comments import actions
from wordclaw.workflow.comments.schemas import CommentIn, CommentOut, CommentPage, comment_out
from wordclaw.workflow.models import ReviewComment

router = Router(tags=["reviews of content"])
COMMENTS = "/domains/{domain}/content-items/{item_id}/comments"
COMMENT = COMMENTS + "/{comment_id}"


@router.get(
    COMMENTS,
    auth=signed_in,
    throttle=READ,
    response=CommentPage,
    summary="Comments on an item, oldest first",
)
@cursor_errors
def list_comments(
    request: HttpRequest,
    domain: str,
    item_id: str,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="content_item", resource_id=item_id)
    item = get_item(tenant, item_id)
    comments = ReviewComment.objects.filter(item=item).select_related("author", "resolver")
    page = fetch_page(
        comments, OLDEST_FIRST, limit=read_limit(limit), cursor=cursor, name="comments"
    )
    return page_response([comment_out(comment) for comment in page.items], page.next_cursor)


@router.post(
    COMMENTS,
    auth=signed_in,
    throttle=WRITE,
    response={201: CommentOut},
    summary="Comment on an item or one of its fields",
)
@write
def add(request: HttpRequest, domain: str, item_id: str, body: CommentIn) -> Answer:
    by = actor_of(request)
    comment = actions.add_comment(
        find_domain(domain, by),
        item_id,
        body=body.body,
        pointer=body.pointer,
        reply_to=body.replyTo,
        by=by,
    )
    return Answer(comment_out(comment), status=201)


@router.post(
    COMMENT + "/resolve",
    auth=signed_in,
    throttle=WRITE,
    response=CommentOut,
    summary="Mark a comment as done",
)
@write
def resolve(request: HttpRequest, domain: str, item_id: str, comment_id: str) -> Answer:
    by = actor_of(request)
    comment = actions.resolve_comment(find_domain(domain, by), item_id, comment_id, by=by)
    return Answer(comment_out(comment))


@router.post(
    COMMENT + "/reopen",
    auth=signed_in,
    throttle=WRITE,
    response=CommentOut,
    summary="Open a comment again",
)
@write
def reopen(request: HttpRequest, domain: str, item_id: str, comment_id: str) -> Answer:
    by = actor_of(request)
    comment = actions.resolve_comment(
        find_domain(domain, by), item_id, comment_id, is_resolved=False, by=by
    )
    return Answer(comment_out(comment))
