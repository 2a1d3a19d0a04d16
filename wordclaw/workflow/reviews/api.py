"""JSON endpoints of reviews."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from foundation.access.api import signed_in
from foundation.clock import now
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    expected_version,
    page_response,
    version_tag,
    write,
    write_of_version,
)
from wordclaw.workflow.errors import ReviewTaskNotFound
from wordclaw.workflow.reviews import actions
from wordclaw.workflow.reviews.queries import (
    INBOX,
    TaskFilters,
    find_task,
    proposed_changes,
    tasks_of,
)
from wordclaw.workflow.reviews.schemas import (
    DecisionIn,
    ReviewTaskDetail,
    ReviewTaskOut,
    ReviewTaskPage,
    SubmitIn,
    task_out,
)

router = Router(tags=["reviews of content"])
DOMAIN = "/domains/{domain}"
TASKS = DOMAIN + "/review-tasks"
TASK = TASKS + "/{task_id}"


@router.post(
    DOMAIN + "/content-items/{item_id}/submit",
    auth=signed_in,
    throttle=WRITE,
    response={201: ReviewTaskOut},
    summary="Submit an item to a review",
)
@write_of_version
def submit(request: HttpRequest, domain: str, item_id: str, body: SubmitIn) -> Answer:
    by = actor_of(request)
    task = actions.submit_item(
        find_domain(domain, by),
        item_id,
        to_state=body.to,
        transition_id=body.transition,
        assignee=body.assignee,
        message=body.message,
        expected_version=expected_version(request),
        by=by,
    )
    return Answer(task_out(task, now()), status=201)


@router.get(
    TASKS,
    auth=signed_in,
    throttle=READ,
    response=ReviewTaskPage,
    summary="Review tasks, those that are due first",
)
@cursor_errors
def list_tasks(
    request: HttpRequest,
    domain: str,
    status: str | None = None,
    assignee: str | None = None,
    is_mine: bool = Query(False, alias="mine"),
    contentItemId: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="review_task")
    filters = TaskFilters(
        status=status,
        assignee=assignee,
        assignee_id=by.user_id if is_mine else None,
        item=contentItemId,
    )
    tasks = tasks_of(tenant, filters, by=by)
    page = fetch_page(tasks, INBOX, limit=read_limit(limit), cursor=cursor, name="review-tasks")
    moment = now()
    return page_response([task_out(task, moment) for task in page.items], page.next_cursor)


@router.get(
    TASK,
    auth=signed_in,
    throttle=READ,
    response=ReviewTaskDetail,
    summary="A review task, with what would change for readers",
)
def read_task(request: HttpRequest, domain: str, task_id: str) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="review_task", resource_id=task_id)
    task = find_task(tenant, task_id)
    if task is None:
        raise ReviewTaskNotFound
    response = json_response(task_out(task, now()) | {"changes": proposed_changes(task)})
    if task.item is not None:
        # Of the working copy, which a decision with If-Match expects.
        response["ETag"] = version_tag(task.item.version)["ETag"]
    return response


@router.post(
    TASK + "/claim",
    auth=signed_in,
    throttle=WRITE,
    response=ReviewTaskOut,
    summary="Claim a review task",
)
@write
def claim(request: HttpRequest, domain: str, task_id: str) -> Answer:
    by = actor_of(request)
    return Answer(task_out(actions.claim_task(find_domain(domain, by), task_id, by=by), now()))


@router.post(
    TASK + "/release",
    auth=signed_in,
    throttle=WRITE,
    response=ReviewTaskOut,
    summary="Give a claimed review task back",
)
@write
def release(request: HttpRequest, domain: str, task_id: str) -> Answer:
    by = actor_of(request)
    return Answer(task_out(actions.release_task(find_domain(domain, by), task_id, by=by), now()))


@router.post(
    TASK + "/decide",
    auth=signed_in,
    throttle=WRITE,
    response=ReviewTaskOut,
    summary="Approve or reject a submitted version",
)
@write_of_version
def decide(request: HttpRequest, domain: str, task_id: str, body: DecisionIn) -> Answer:
    by = actor_of(request)
    task = actions.decide_task(
        find_domain(domain, by),
        task_id,
        decision=body.decision,
        reason=body.reason,
        expected_version=expected_version(request),
        by=by,
    )
    return Answer(task_out(task, now()))
