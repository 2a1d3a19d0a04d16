"""Deciding what an actor may do in a domain, and writing the decision down."""

import logging
import random
from collections.abc import Collection
from dataclasses import dataclass
from time import perf_counter
from typing import NoReturn

from django.db import IntegrityError, transaction

from foundation.actor import Actor
from foundation.clock import now
from foundation.compiled_insert import CompiledInsert
from foundation.refusals import Refusal, Unauthenticated
from wordclaw.policy.errors import (
    DomainNotFound,
    MissingKeyScope,
    MissingRole,
    PolicyFailed,
    UnknownOperation,
)
from wordclaw.policy.host import content_host
from wordclaw.policy.models import (
    Domain,
    DomainKind,
    DomainMember,
    MemberRole,
    Outcome,
    PolicyDecision,
)
from wordclaw.policy.queries import domain_of_name, role_in
from wordclaw.policy.rules import OPERATIONS, POLICY_VERSION, READS, may_role, scope_of

HIDEABLE = frozenset({"content.read", "content.write"})
"""Operations for which a resource can be hidden; a decision about it is refused with a reason."""
log = logging.getLogger("clawstore.policy")

ADD_DECISION = CompiledInsert(PolicyDecision)
STORE = "store"
"""The name of the domain that belongs to the shop itself. No user gets this scope."""
PAYMENT_REQUIRED = 402
READ_SAMPLE = 0.01
"""Share of allowed reads that are logged; all writes and refusals are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The policy's answer for one operation.

    ``refusal`` is set unless the outcome is to allow. ``role`` is the actor's role, or "".
    """

    domain: Domain
    by: Actor
    operation: str
    resource_type: str
    resource_id: str
    role: str
    refusal: Refusal | None
    milliseconds: float

    @property
    def outcome(self) -> str:
        if self.refusal is None:
            return Outcome.ALLOW
        # To pay first is no denial.
        is_challenge = self.refusal.status == PAYMENT_REQUIRED
        return Outcome.CHALLENGE if is_challenge else Outcome.DENY


def find_domain(name: str, by: Actor) -> Domain:
    """Return a domain by its bare name. Raises DomainNotFound.

    A domain exists from the moment its scope does. For a bound key no other domain exists.
    """
    # Made when it is first asked for, because the app that gives scopes knows nothing of content.
    domain = domain_of_name(name) or _create_for_scope(name)
    # One answer for both, or a stolen key of one scope would list the others.
    if domain is None or (by.bound_to and by.bound_to != domain.subject):
        raise DomainNotFound
    return domain


def _create_for_scope(name: str) -> Domain | None:
    owner_id = content_host().domain_owner(name)
    if owner_id is None:
        return None
    try:
        with transaction.atomic():
            domain = Domain.objects.create(name=name, kind=DomainKind.SCOPE)
            DomainMember.objects.create(
                domain=domain, user_id=owner_id, role=MemberRole.OWNER, accepted_at=now()
            )
    except IntegrityError:
        # Another request made the domain at the same time.
        return Domain.objects.get(name=name)
    return domain


def decide(
    by: Actor,
    operation: str,
    domain: Domain,
    *,
    resource_type: str = "domain",
    resource_id: str = "",
    extra_roles: Collection[str] = (),
) -> Evaluation:
    """Return the policy's answer, without writing it down.

    ``extra_roles`` may do this one thing although the table of rights does not allow it. An error
    of the engine denies. Raises UnknownOperation.
    """
    if operation not in OPERATIONS:
        raise UnknownOperation(operation=operation)
    start = perf_counter()
    role, refusal = "", None
    try:
        role = role_in(domain, by)
        refusal = _refusal(by, operation, role, extra_roles)
        if refusal is None and resource_id and operation in HIDEABLE:
            # As if it did not exist, for members, too.
            is_hidden = content_host().hides(domain, by, role, resource_type, resource_id)
            refusal = DomainNotFound() if is_hidden else None
    # Every error, because a policy that fails must never allow.
    except Exception:
        log.exception("The policy failed for %s in %s", operation, domain.name)
        refusal = PolicyFailed()
    return Evaluation(
        domain=domain,
        by=by,
        operation=operation,
        resource_type=resource_type,
        resource_id=resource_id,
        role=role,
        refusal=refusal,
        milliseconds=(perf_counter() - start) * 1000,
    )


def _refusal(by: Actor, operation: str, role: str, extra_roles: Collection[str]) -> Refusal | None:
    # First, so that anonymous callers get 401 for each operation and learn nothing of the domain.
    if not by.is_known:
        return Unauthenticated()
    # For a stranger the domain has no private parts, whatever their key may do elsewhere.
    if not role:
        return DomainNotFound()
    scope = scope_of(operation)
    # Both scope and role must allow: a key never does more than its user may.
    if not by.has_scope(scope):
        return MissingKeyScope(f"This API key lacks the scope {scope}.", scope=scope)
    if not may_role(role, operation) and role not in extra_roles:
        return MissingRole(operation=operation, role=role)
    return None


def authorize(
    by: Actor,
    operation: str,
    domain: Domain,
    *,
    resource_type: str = "domain",
    resource_id: str = "",
    hidden_as: type[Refusal] = DomainNotFound,
    extra_roles: Collection[str] = (),
) -> str:
    """Return the actor's role if the policy allows an operation.

    Every door calls this; see `decide` for ``extra_roles``. Raises Unauthenticated, ``hidden_as``
    for strangers, MissingKeyScope, MissingRole or PolicyFailed. The refusal carries the evaluation,
    which the door writes down with `record_refused` after the transaction was rolled back.
    """
    decision = decide(
        by,
        operation,
        domain,
        resource_type=resource_type,
        resource_id=resource_id,
        extra_roles=extra_roles,
    )
    if decision.refusal:
        is_stranger = isinstance(decision.refusal, DomainNotFound)
        _refuse(decision, hidden_as() if is_stranger else decision.refusal)
    # Reads are a hundred times as many as writes, and each row of the log is a write itself.
    if operation not in READS or random.random() < READ_SAMPLE:  # noqa: S311 - a sample
        record_decision(decision)
    return decision.role


def _refuse(decision: Evaluation, refusal: Refusal) -> NoReturn:
    refusal.decision = decision  # type: ignore[attr-defined]
    raise refusal


def challenged(refusal: Refusal, domain: Domain, *, subject: tuple[str, str], by: Actor) -> Refusal:
    """Return a refusal that asks to pay first, with its decision for the log."""
    refusal.decision = Evaluation(  # type: ignore[attr-defined]
        domain=domain,
        by=by,
        operation="content.read",
        resource_type=subject[0],
        resource_id=subject[1],
        role="",
        refusal=refusal,
        milliseconds=0.0,
    )
    return refusal


def record_refused(error: Exception) -> None:
    """Write down the decision behind a refusal, if it has one.

    Decisions about anonymous requests are not stored: they would let a stranger fill the table.
    """
    decision = getattr(error, "decision", None)
    if isinstance(decision, Evaluation) and decision.by.is_known:
        record_decision(decision)


def record_decision(decision: Evaluation) -> None:
    refusal = decision.refusal
    decision_row = PolicyDecision(
        domain_name=decision.domain.name,
        principal_id=str(decision.by.user_id or ""),
        operation=decision.operation,
        resource_type=decision.resource_type,
        # It comes from the address, and an overlong one must be logged and not be a 500.
        resource_id=decision.resource_id[:200],
        environment=decision.by.door,
        outcome=decision.outcome,
        code=refusal.code if refusal else "",
        remediation=refusal.remediation if refusal else "",
        policy_version=POLICY_VERSION,
        evaluation_ms=decision.milliseconds,
    )
    ADD_DECISION.add(decision_row)
