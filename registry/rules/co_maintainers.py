"""Co-maintainers: members of a publisher's domain who may publish in its scope.

They are invited in the content runtime. The holder of the scope stays the owner of all its agents.
"""

from functools import cache
from uuid import UUID

from django.db.models import CharField, Q, QuerySet, UUIDField

from foundation.compiled_query import CompiledQuery, Parameter
from registry.models import Agent
from wordclaw.policy.models import DomainMember, MemberRole

PUBLISHING_ROLES = (MemberRole.ADMIN, MemberRole.EDITOR)


def co_maintained_scopes(user_id: UUID | None) -> list[str]:
    """Return the scopes of others that a user may publish in."""
    if user_id is None:
        return []
    scopes = _memberships(user_id).order_by("domain__name")
    return list(scopes.values_list("domain__name", flat=True))


def _memberships(user_id: UUID | Parameter) -> "QuerySet[DomainMember]":
    members = DomainMember.objects.filter(user_id=user_id, role__in=PUBLISHING_ROLES)
    return members.filter(accepted_at__isnull=False, domain__kind="scope")


def is_co_maintainer(scope: str, user_id: UUID | None) -> bool:
    """Whether a user was invited to publish in the scope of another."""
    return user_id is not None and bool(_memberships_query().tuples(user=user_id, scope=scope))


@cache
def _memberships_query() -> CompiledQuery:
    members = _memberships(Parameter("user", UUIDField()))
    members = members.filter(domain__name=Parameter("scope", CharField()))
    return CompiledQuery(members.values("id")[:1], is_prepared=True)


def lock_co_maintainer(scope: str, user_id: UUID | None) -> bool:
    """Like `is_co_maintainer`; a removal of the member waits for the transaction."""
    if user_id is None:
        return False
    members = _memberships(user_id).filter(domain__name=scope)
    # Of the membership alone: the row of the domain is shared by all its writers.
    return members.select_for_update(of=("self",)).first() is not None


def is_of(agent: Agent, user_id: UUID | None) -> bool:
    """Whether an agent belongs to a user: as its owner, or as a co-maintainer.

    A user who may publish versions of an agent neither reviews it nor decides about it.
    """
    return agent.owner_user_id == user_id or is_co_maintainer(agent.scope, user_id)


def agents_of(user_id: UUID | None, path: str = "agent__") -> Q:
    """Return the condition for rows of agents that belong to a user."""
    is_owned = Q(**{f"{path}owner_user_id": user_id})
    scopes = co_maintained_scopes(user_id)
    return is_owned | Q(**{f"{path}scope__in": scopes}) if scopes else is_owned
