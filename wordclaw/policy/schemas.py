"""JSON of members, decisions and audit events."""

from typing import Any

from ninja import Schema
from pydantic import StrictStr

from foundation.audit.models import AuditLog
from foundation.clock import iso, iso_or_none
from wordclaw.policy.actions import Evaluation
from wordclaw.policy.models import DomainMember, PolicyDecision
from wordclaw.policy.rules import POLICY_VERSION
from wordclaw.requests.schemas import StrictBody


class InvitationIn(StrictBody):
    login: StrictStr
    role: StrictStr


class RoleIn(StrictBody):
    role: StrictStr


class EvaluationIn(StrictBody):
    operation: StrictStr
    resourceType: StrictStr = "domain"
    resourceId: StrictStr = ""


class MemberOut(Schema):
    id: str
    login: str
    role: str
    state: str
    invitedAt: str
    acceptedAt: str | None


class MemberPage(Schema):
    items: list[MemberOut]
    nextCursor: str | None = None


class EvaluationOut(Schema):
    outcome: str
    policyVersion: str
    code: str | None = None
    remediation: str | None = None


class DecisionOut(Schema):
    id: str
    principalId: str
    operation: str
    resourceType: str
    resourceId: str
    environment: str
    outcome: str
    code: str
    remediation: str
    policyVersion: str
    evaluationDurationMs: float
    createdAt: str


class DecisionPage(Schema):
    items: list[DecisionOut]
    nextCursor: str | None = None


class EventOut(Schema):
    id: str
    action: str
    entityType: str
    entityId: str
    details: dict[str, Any]
    user: str | None
    door: str
    requestId: str
    createdAt: str


class EventPage(Schema):
    items: list[EventOut]
    nextCursor: str | None = None


def member_out(member: DomainMember) -> dict[str, Any]:
    return {
        "id": str(member.pk),
        "login": member.user.username,
        "role": member.role,
        "state": "invited" if member.accepted_at is None else "active",
        "invitedAt": iso(member.created_at),
        "acceptedAt": iso_or_none(member.accepted_at),
    }


def evaluation_out(decision: Evaluation) -> dict[str, Any]:
    out: dict[str, Any] = {"outcome": decision.outcome, "policyVersion": POLICY_VERSION}
    if decision.refusal is not None:
        out |= {"code": decision.refusal.code, "remediation": decision.refusal.remediation}
    return out


def decision_out(row: PolicyDecision) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "principalId": row.principal_id,
        "operation": row.operation,
        "resourceType": row.resource_type,
        "resourceId": row.resource_id,
        "environment": row.environment,
        "outcome": row.outcome,
        "code": row.code,
        "remediation": row.remediation,
        "policyVersion": row.policy_version,
        "evaluationDurationMs": round(row.evaluation_ms, 3),
        "createdAt": iso(row.created_at),
    }


def event_out(event: AuditLog) -> dict[str, Any]:
    """An audit event of a domain; its action is the last part of the stored one."""
    return {
        "id": str(event.pk),
        "action": event.action.rpartition(".")[2],
        "entityType": event.entity_type,
        "entityId": event.entity_id,
        "details": event.details,
        "user": event.user.username if event.user and not event.user.is_former else None,
        "door": event.door,
        "requestId": event.request_id,
        "createdAt": iso(event.created_at),
    }
