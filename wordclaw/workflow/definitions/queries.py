"""Reads of workflows."""

from django.db.models import QuerySet

from foundation.text.input import read_uuid
from wordclaw.content.models import ContentType
from wordclaw.policy.models import Domain
from wordclaw.workflow.models import Workflow, WorkflowTransition


def workflows_of(domain: Domain, *, slug: str | None = None) -> QuerySet[Workflow]:
    """Return the workflows of a domain, or of one of its content types."""
    workflows: QuerySet[Workflow] = Workflow.objects.filter(
        domain=domain, content_type__deleted_at=None
    )
    if slug is not None:
        workflows = workflows.filter(content_type__slug=slug)
    workflows = workflows.select_related("domain", "content_type")
    return workflows.prefetch_related("transitions")


def find_workflow(domain: Domain, workflow_id: str) -> Workflow | None:
    """Return a workflow of a domain; None also for what is no UUID."""
    return workflows_of(domain).filter(pk=read_uuid(workflow_id)).first()


def active_workflow(content_type: ContentType) -> Workflow | None:
    """Return the workflow that governs a content type, or None."""
    # Most types have none, and the column of the type says so without a query.
    if not content_type.is_governed:
        return None
    active = Workflow.objects.filter(content_type=content_type, is_active=True)
    workflow: Workflow | None = active.prefetch_related("transitions").first()
    return workflow


def transitions_of(workflow: Workflow) -> list[WorkflowTransition]:
    """Return the transitions in the order of their creation."""
    return sorted(workflow.transitions.all(), key=lambda row: (row.created_at, row.pk))
