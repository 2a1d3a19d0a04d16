"""Rules for the states and transitions of workflows."""

from typing import Any

from foundation.text.expressions import compile_text
from wordclaw.content.models.items import CHANGES_REQUESTED, IN_REVIEW, STATUS_LENGTH
from wordclaw.policy.models import MemberRole
from wordclaw.workflow.models import NAME_LENGTH

MAX_WORKFLOWS = 500
"""Workflows of one domain, those that are no longer active included."""
MAX_TRANSITIONS = 50
MAX_SLA_HOURS = 24 * 365
STATE = compile_text(r"[a-z][a-z0-9_-]*")
# A review itself gives these states, so no review can lead to them.
STATES_OF_REVIEWS = frozenset({IN_REVIEW, CHANGES_REQUESTED})
FULL_ROLES = frozenset({MemberRole.OWNER, MemberRole.ADMIN})
"""Roles that may do everything, also what a transition leaves to others (docs/RUNTIME.md)."""


def workflow_errors(fields: dict[str, Any]) -> list[dict[str, str]]:
    """Return the errors in the fields of a workflow."""
    errors = []
    if "name" in fields and not 1 <= len(fields["name"].strip()) <= NAME_LENGTH:
        errors.append({"path": "name", "message": f"Use 1 to {NAME_LENGTH} characters."})
    hours = fields.get("sla_hours")
    if hours is not None and not 1 <= hours <= MAX_SLA_HOURS:
        errors.append({"path": "slaHours", "message": f"Use 1 to {MAX_SLA_HOURS} hours."})
    return errors


def transition_errors(from_state: str, to_state: str, roles: list[str]) -> list[dict[str, str]]:
    """Return the errors in a transition."""
    errors = []
    for path, state in (("fromState", from_state), ("toState", to_state)):
        if len(state) > STATUS_LENGTH or not STATE.fullmatch(state):
            message = f"Use up to {STATUS_LENGTH} lower-case letters, digits, - and _."
            errors.append({"path": path, "message": message})
    if to_state in STATES_OF_REVIEWS:
        message = "The review itself gives this state; use the state that an approval leads to."
        errors.append({"path": "toState", "message": message})
    if from_state == IN_REVIEW:
        message = "An item in review counts as what it was before; use that state."
        errors.append({"path": "fromState", "message": message})
    if not set(roles) <= set(MemberRole.values):
        message = f"Use {', '.join(MemberRole.values)}."
        errors.append({"path": "requiredRoles", "message": message})
    return errors
