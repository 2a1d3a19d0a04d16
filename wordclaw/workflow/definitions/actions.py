"""Writes of workflows.

A content type is governed while one of its workflows is active; the column `is_governed` of the
type says so, and is changed with the workflow under the lock of the type.
"""

from typing import Any

from django.db import IntegrityError, transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.text.input import read_uuid
from wordclaw.content.errors import ContentTypeNotFound
from wordclaw.content.models import ContentType
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain
from wordclaw.workflow.definitions.queries import find_workflow
from wordclaw.workflow.errors import (
    InvalidWorkflow,
    TooManyWorkflows,
    TransitionExists,
    TransitionNotFound,
    WorkflowNotFound,
)
from wordclaw.workflow.models import Workflow, WorkflowTransition
from wordclaw.workflow.rules import (
    MAX_TRANSITIONS,
    MAX_WORKFLOWS,
    transition_errors,
    workflow_errors,
)


@transaction.atomic
def create_workflow(
    domain: Domain, slug: str, *, name: str, sla_hours: int | None = None, by: Actor
) -> Workflow:
    """Create the active workflow of a content type; a former one is retired.

    Raises ContentTypeNotFound, InvalidWorkflow or TooManyWorkflows.
    """
    authorize(by, "content.admin", domain, resource_type="workflow")
    _require_valid({"name": name, "sla_hours": sla_hours})
    content_type = _lock_type(domain, slug=slug)
    if Workflow.objects.filter(domain=domain).count() >= MAX_WORKFLOWS:
        raise TooManyWorkflows
    # Before the new one: a constraint allows one active workflow of a type.
    _retire_active(content_type)
    workflow: Workflow = Workflow.objects.create(
        domain=domain, content_type=content_type, name=name.strip(), sla_hours=sla_hours
    )
    _set_governed(content_type, True)
    _record("create", workflow, by=by)
    return workflow


@transaction.atomic
def change_workflow(
    domain: Domain, workflow_id: str, fields: dict[str, Any], *, by: Actor
) -> Workflow:
    """Change name, hours or activity; absent keys of ``fields`` keep their value.

    Raises WorkflowNotFound or InvalidWorkflow.
    """
    authorize(by, "content.admin", domain, resource_type="workflow", resource_id=workflow_id)
    workflow = _lock_workflow(domain, workflow_id)
    _require_valid(fields)
    content_type = workflow.content_type
    is_active = fields.get("is_active", workflow.is_active)
    if is_active and not workflow.is_active:
        _retire_active(content_type)
    for name, value in fields.items():
        setattr(workflow, name, value.strip() if name == "name" else value)
    workflow.updated_at = now()
    workflow.save()
    _set_governed(content_type, _has_active_workflow(content_type))
    _record("update", workflow, by=by, fields=sorted(fields))
    return workflow


@transaction.atomic
def delete_workflow(domain: Domain, workflow_id: str, *, by: Actor) -> None:
    """Delete a workflow with its transitions; its review tasks stay.

    Raises WorkflowNotFound.
    """
    authorize(by, "content.admin", domain, resource_type="workflow", resource_id=workflow_id)
    workflow = _lock_workflow(domain, workflow_id)
    # Recorded first, because the deletion takes the id from the object.
    _record("delete", workflow, by=by)
    workflow.delete()
    _set_governed(workflow.content_type, _has_active_workflow(workflow.content_type))


@transaction.atomic
def add_transition(
    domain: Domain,
    workflow_id: str,
    *,
    from_state: str,
    to_state: str,
    required_roles: list[str],
    by: Actor,
) -> WorkflowTransition:
    """Add a transition to a workflow.

    Raises WorkflowNotFound, InvalidWorkflow, TransitionExists or TooManyWorkflows.
    """
    authorize(by, "content.admin", domain, resource_type="workflow", resource_id=workflow_id)
    workflow = _lock_workflow(domain, workflow_id)
    if errors := transition_errors(from_state, to_state, required_roles):
        raise InvalidWorkflow(errors=errors)
    if workflow.transitions.count() >= MAX_TRANSITIONS:
        raise TooManyWorkflows(f"A workflow has at most {MAX_TRANSITIONS} transitions.")
    try:
        # A savepoint, because PostgreSQL refuses further queries after an error.
        with transaction.atomic():
            transition: WorkflowTransition = WorkflowTransition.objects.create(
                workflow=workflow,
                from_state=from_state,
                to_state=to_state,
                required_roles=sorted(set(required_roles)),
            )
    except IntegrityError as error:
        raise TransitionExists from error
    _record("update", workflow, by=by, transition=str(transition))
    return transition


@transaction.atomic
def remove_transition(domain: Domain, workflow_id: str, transition_id: str, *, by: Actor) -> None:
    """Remove a transition. Its review tasks stay. Raises TransitionNotFound."""
    authorize(by, "content.admin", domain, resource_type="workflow", resource_id=workflow_id)
    workflow = _lock_workflow(domain, workflow_id)
    transition = workflow.transitions.filter(pk=read_uuid(transition_id)).first()
    if transition is None:
        raise TransitionNotFound
    _record("update", workflow, by=by, withoutTransition=str(transition))
    transition.delete()


def _require_valid(fields: dict[str, Any]) -> None:
    if errors := workflow_errors(fields):
        raise InvalidWorkflow(errors=errors)


def _lock_type(domain: Domain, **key: Any) -> ContentType:
    # Without the key, so that writers of items, which refer to the type, need not wait.
    types = ContentType.objects.select_for_update(of=("self",), no_key=True)
    content_type: ContentType | None = types.filter(domain=domain, deleted_at=None, **key).first()
    if content_type is None:
        raise ContentTypeNotFound
    return content_type


def _lock_workflow(domain: Domain, workflow_id: str) -> Workflow:
    """Lock the type of a workflow, which all writers of its workflows do first."""
    workflow = find_workflow(domain, workflow_id)
    if workflow is None:
        raise WorkflowNotFound
    content_type = _lock_type(domain, pk=workflow.content_type_id)
    # Again under the lock: another request may have changed it meanwhile.
    workflow = find_workflow(domain, workflow_id)
    if workflow is None:
        raise WorkflowNotFound
    workflow.content_type = content_type
    return workflow


def _retire_active(content_type: ContentType) -> None:
    active = Workflow.objects.filter(content_type=content_type, is_active=True)
    active.update(is_active=False, updated_at=now())


def _has_active_workflow(content_type: ContentType) -> bool:
    return Workflow.objects.filter(content_type=content_type, is_active=True).exists()


def _set_governed(content_type: ContentType, is_governed: bool) -> None:
    content_type.is_governed = is_governed
    content_type.save(update_fields=["is_governed"])


def _record(action: str, workflow: Workflow, *, by: Actor, **details: Any) -> None:
    record(
        f"workflow.{action}",
        "workflow",
        str(workflow.pk),
        by=by,
        tenant=workflow.domain.name,
        contentType=workflow.content_type.slug,
        name=workflow.name,
        **details,
    )
