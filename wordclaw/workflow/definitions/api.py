"""JSON endpoints of workflows."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.policy.queries import OLDEST_FIRST
from wordclaw.requests.api import READ, WRITE, Answer, actor_of, cursor_errors, page_response, write
from wordclaw.workflow.definitions import actions
from wordclaw.workflow.definitions.queries import find_workflow, transitions_of, workflows_of
from wordclaw.workflow.definitions.schemas import (
    TransitionIn,
    TransitionOut,
    TransitionPage,
    WorkflowIn,
    WorkflowOut,
    WorkflowPage,
    WorkflowPatch,
    transition_out,
    workflow_out,
)
from wordclaw.workflow.errors import WorkflowNotFound
from wordclaw.workflow.models import Workflow

router = Router(tags=["workflows"])
WORKFLOWS = "/domains/{domain}/workflows"
WORKFLOW = WORKFLOWS + "/{workflow_id}"


@router.get(
    WORKFLOWS,
    auth=signed_in,
    throttle=READ,
    response=WorkflowPage,
    summary="Workflows of a domain",
)
@cursor_errors
def list_workflows(
    request: HttpRequest,
    domain: str,
    contentType: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="workflow")
    workflows = workflows_of(tenant, slug=contentType)
    page = fetch_page(
        workflows, OLDEST_FIRST, limit=read_limit(limit), cursor=cursor, name="workflows"
    )
    return page_response([workflow_out(row) for row in page.items], page.next_cursor)


@router.post(
    WORKFLOWS,
    auth=signed_in,
    throttle=WRITE,
    response={201: WorkflowOut},
    summary="Give a content type a workflow",
)
@write
def create_workflow(request: HttpRequest, domain: str, body: WorkflowIn) -> Answer:
    by = actor_of(request)
    workflow = actions.create_workflow(
        find_domain(domain, by), body.contentType, name=body.name, sla_hours=body.slaHours, by=by
    )
    return Answer(workflow_out(workflow), status=201)


def _read(request: HttpRequest, domain: str, workflow_id: str) -> Workflow:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    authorize(by, "content.read", tenant, resource_type="workflow", resource_id=workflow_id)
    workflow = find_workflow(tenant, workflow_id)
    if workflow is None:
        raise WorkflowNotFound
    return workflow


@router.get(WORKFLOW, auth=signed_in, throttle=READ, response=WorkflowOut, summary="One workflow")
def read_workflow(request: HttpRequest, domain: str, workflow_id: str) -> HttpResponse:
    return json_response(workflow_out(_read(request, domain, workflow_id)))


@router.patch(
    WORKFLOW,
    auth=signed_in,
    throttle=WRITE,
    response=WorkflowOut,
    summary="Change, retire or reactivate a workflow",
)
@write
def change_workflow(
    request: HttpRequest, domain: str, workflow_id: str, body: WorkflowPatch
) -> Answer:
    by = actor_of(request)
    workflow = actions.change_workflow(find_domain(domain, by), workflow_id, body.fields(), by=by)
    return Answer(workflow_out(workflow))


@router.delete(WORKFLOW, auth=signed_in, throttle=WRITE, response=Done, summary="Delete a workflow")
@write
def delete_workflow(request: HttpRequest, domain: str, workflow_id: str) -> Answer:
    by = actor_of(request)
    actions.delete_workflow(find_domain(domain, by), workflow_id, by=by)
    return Answer({"ok": True})


@router.get(
    WORKFLOW + "/transitions",
    auth=signed_in,
    throttle=READ,
    response=TransitionPage,
    summary="Transitions of a workflow",
)
def list_transitions(request: HttpRequest, domain: str, workflow_id: str) -> HttpResponse:
    # All at once: a workflow has at most 50.
    workflow = _read(request, domain, workflow_id)
    return page_response([transition_out(row) for row in transitions_of(workflow)])


@router.post(
    WORKFLOW + "/transitions",
    auth=signed_in,
    throttle=WRITE,
    response={201: TransitionOut},
    summary="Add a transition to a workflow",
)
@write
def add_transition(
    request: HttpRequest, domain: str, workflow_id: str, body: TransitionIn
) -> Answer:
    by = actor_of(request)
    transition = actions.add_transition(
        find_domain(domain, by),
        workflow_id,
        from_state=body.fromState,
        to_state=body.toState,
        required_roles=body.requiredRoles,
        by=by,
    )
    return Answer(transition_out(transition), status=201)


@router.delete(
    WORKFLOW + "/transitions/{transition_id}",
    auth=signed_in,
    throttle=WRITE,
    response=Done,
    summary="Remove a transition",
)
@write
def remove_transition(
    request: HttpRequest, domain: str, workflow_id: str, transition_id: str
) -> Answer:
    by = actor_of(request)
    actions.remove_transition(find_domain(domain, by), workflow_id, transition_id, by=by)
    return Answer({"ok": True})
