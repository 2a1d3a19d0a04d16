"""JSON of workflows."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictStr

from foundation.clock import iso
from wordclaw.requests.schemas import StrictBody
from wordclaw.workflow.definitions.queries import transitions_of
from wordclaw.workflow.models import Workflow, WorkflowTransition


class WorkflowIn(StrictBody):
    contentType: StrictStr
    name: StrictStr
    slaHours: int | None = Field(None, strict=True)


class WorkflowPatch(StrictBody):
    name: StrictStr | None = None
    slaHours: int | None = Field(None, strict=True)
    active: StrictBool | None = None

    def fields(self) -> dict[str, Any]:
        """The columns that the body names; slaHours may be null."""
        columns = {"name": "name", "slaHours": "sla_hours", "active": "is_active"}
        values = {name: getattr(self, name) for name in self.model_fields_set}
        # A review may have no time limit, but the other columns always have a value.
        return {
            columns[name]: value
            for name, value in values.items()
            if value is not None or name == "slaHours"
        }


class TransitionIn(StrictBody):
    fromState: StrictStr
    toState: StrictStr
    requiredRoles: list[StrictStr] = Field([], max_length=10)


class TransitionOut(Schema):
    id: str
    workflowId: str
    fromState: str
    toState: str
    requiredRoles: list[str]
    createdAt: str


class WorkflowOut(Schema):
    id: str
    contentType: str
    name: str
    active: bool
    slaHours: int | None
    transitions: list[TransitionOut]
    createdAt: str
    updatedAt: str


class WorkflowPage(Schema):
    items: list[WorkflowOut]
    nextCursor: str | None = None


class TransitionPage(Schema):
    items: list[TransitionOut]
    nextCursor: str | None = None


def workflow_out(workflow: Workflow) -> dict[str, Any]:
    return {
        "id": str(workflow.pk),
        "contentType": workflow.content_type.slug,
        "name": workflow.name,
        "active": workflow.is_active,
        "slaHours": workflow.sla_hours,
        "transitions": [transition_out(row) for row in transitions_of(workflow)],
        "createdAt": iso(workflow.created_at),
        "updatedAt": iso(workflow.updated_at),
    }


def transition_out(transition: WorkflowTransition) -> dict[str, Any]:
    return {
        "id": str(transition.pk),
        "workflowId": str(transition.workflow_id),
        "fromState": transition.from_state,
        "toState": transition.to_state,
        "requiredRoles": transition.required_roles,
        "createdAt": iso(transition.created_at),
    }
