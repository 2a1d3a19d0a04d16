"""Queries about domains and members."""

from functools import cache
from uuid import UUID

from django.db.models import CharField, QuerySet, UUIDField

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery, Parameter
from foundation.paging import Ordering, Sort
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain, DomainKind, DomainMember, MemberRole, PolicyDecision
from wordclaw.policy.rules import may_role

MAX_HIDDEN = 1000
"""Items that the log of events leaves out; more are about one person hardly ever."""
MAX_PEOPLE = 200
"""Members that a list of people names."""
NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))
OLDEST_FIRST: Ordering = (Sort("created_at"), Sort("id"))


def role_in(domain: Domain, actor: Actor) -> str:
    """Return the actor's role in a domain; "" for a stranger.

    In the store's domain, superusers are owners and maintainers are admins.
    """
    if actor.user is None:
        return ""
    # The rank comes first, so that a maintainer who was also invited as a reader stays an admin.
    if domain.kind == DomainKind.STORE and (role := role_in_store(actor)):
        return role
    roles = _role_of_member_query().tuples(domain_id=domain.pk, user_id=actor.user.pk)
    return str(roles[0][0]) if roles else ""


def people_with(domain: Domain, operation: str) -> list[User]:
    """Return the active people whose role in a domain allows an operation, by login."""
    roles = [role for role in MemberRole.values if may_role(role, operation)]
    members = DomainMember.objects.filter(domain=domain, role__in=roles, user__is_active=True)
    rows = members.filter(accepted_at__isnull=False).select_related("user")
    people = {member.user_id: member.user for member in rows[:MAX_PEOPLE]}
    if domain.kind == DomainKind.STORE and may_role(MemberRole.ADMIN, operation):
        maintainers = User.objects.with_role(content_host().store_admin_role)
        people |= {user.pk: user for user in maintainers[:MAX_PEOPLE]}
    return sorted(people.values(), key=lambda user: user.username)


def is_only_member(domain: Domain, user_id: UUID) -> bool:
    """Whether a domain has no other active member who accepted."""
    members = DomainMember.objects.filter(domain=domain, accepted_at__isnull=False)
    if members.filter(user__is_active=True).exclude(user_id=user_id).exists():
        return False
    if domain.kind != DomainKind.STORE:
        return True
    # Members of the store by their rank have no row.
    maintainers = User.objects.with_role(content_host().store_admin_role)
    return not maintainers.exclude(pk=user_id).exists()


@cache
def _role_of_member_query() -> CompiledQuery:
    members = DomainMember.objects.filter(
        domain=Parameter("domain_id", UUIDField()),
        user=Parameter("user_id", UUIDField()),
        # An invitation gives no right before its acceptance.
        accepted_at__isnull=False,
    )
    return CompiledQuery(members.values("role")[:1], is_prepared=True)


def domain_of_name(name: str) -> Domain | None:
    """Return the domain of a bare name, if it exists already."""
    domains = _domain_of_name_query().instances(name=name)
    return domains[0] if domains else None


@cache
def _domain_of_name_query() -> CompiledInstances[Domain]:
    domains = Domain.objects.filter(name=Parameter("name", CharField()))
    return CompiledInstances(domains, relations=(), annotations=(), is_prepared=True)


def role_in_store(actor: Actor) -> str:
    """Return the actor's role in the store's domain by their rank; "" for none."""
    if actor.user is None:
        return ""
    if getattr(actor.user, "is_superuser", False):
        return MemberRole.OWNER
    return MemberRole.ADMIN if actor.has_role(content_host().store_admin_role) else ""


def memberships_of(user_id: UUID) -> QuerySet[DomainMember]:
    """Return the roles and invitations of a user, with their domains."""
    memberships = DomainMember.objects.filter(user_id=user_id)
    return memberships.select_related("domain", "invited_by").order_by("domain__name")


def is_member(name: str, user_id: UUID) -> bool:
    """Whether a user is an accepted member of the domain of a name."""
    members = DomainMember.objects.filter(domain__name=name, user_id=user_id)
    return members.filter(accepted_at__isnull=False).exists()


def members_of(domain: Domain) -> QuerySet[DomainMember]:
    """Return the members and the invited, with their users."""
    return DomainMember.objects.filter(domain=domain).select_related("user")


def decisions_of(domain: Domain) -> QuerySet[PolicyDecision]:
    return PolicyDecision.objects.filter(domain_name=domain.name)


def events_of(
    domain: Domain,
    *,
    action: str | None = None,
    entity_type: str | None = None,
    entity_id: str | None = None,
    actor: str | None = None,
    by: Actor,
) -> QuerySet[AuditLog]:
    """Return the audit events of a domain; ``action`` is without the kind of entity.

    ``actor`` is a login. What is hidden from the reader is left out: an event names who sent it.
    """
    events: QuerySet[AuditLog] = AuditLog.objects.filter(tenant=domain.name)
    hidden_ids = content_host().hidden_items(domain, by, role_in(domain, by))
    if hidden_ids is not None:
        ids = [str(row["item_id"]) for row in hidden_ids[:MAX_HIDDEN]]
        events = events.exclude(entity_type="content_item", entity_id__in=ids)
        events = events.exclude(details__contentItem__in=ids)
    if action is not None:
        # Actions are stored as kind and verb, and callers of this API name the verb alone.
        events = events.filter(action__endswith=f".{action}")
    if entity_type is not None:
        events = events.filter(entity_type=entity_type)
    if entity_id is not None:
        events = events.filter(entity_id=entity_id)
    if actor is not None:
        events = events.filter(user__username=actor.lower().removeprefix("@"))
    return events.select_related("user")
