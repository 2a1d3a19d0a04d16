"""Inviting members to a domain, and changing their roles."""

from django.db import IntegrityError, transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from wordclaw.policy.actions import authorize
from wordclaw.policy.errors import (
    AlreadyMember,
    InvalidRole,
    MemberNotFound,
    OwnerStays,
    TooManyMembers,
    UnknownLogin,
)
from wordclaw.policy.models import Domain, DomainMember, MemberRole
from wordclaw.policy.rules import INVITED_ROLES

MAX_MEMBERS = 500
"""Members and invitations of one domain."""


@transaction.atomic
def invite_member(domain: Domain, *, login: str, role: str, by: Actor) -> DomainMember:
    """Invite a user to a domain.

    Raises InvalidRole, UnknownLogin, TooManyMembers or AlreadyMember.
    """
    authorize(by, "content.admin", domain, resource_type="member", resource_id=login)
    _require_role(role)
    # People copy logins from pages, where they begin with an @ and keep their capitals.
    user = User.objects.filter(username=login.lower().lstrip("@"), is_active=True).first()
    if user is None:
        raise UnknownLogin
    if DomainMember.objects.filter(domain=domain).count() >= MAX_MEMBERS:
        raise TooManyMembers(f"A domain has at most {MAX_MEMBERS} members and invitations.")
    try:
        with transaction.atomic():
            member = DomainMember.objects.create(
                domain=domain, user=user, role=role, invited_by_id=by.user_id
            )
    # The constraint decides, because two invitations at once both pass a query.
    except IntegrityError as error:
        raise AlreadyMember from error
    _record("invite", member, by=by)
    return member


@transaction.atomic
def accept_invitation(domain: Domain, *, by: Actor) -> DomainMember:
    """Accept the actor's own invitation; a second time changes nothing.

    Raises MemberNotFound.
    """
    # No role is asked for: an invited user has none until this action.
    user = by.require_scope("content:read")
    members = DomainMember.objects.select_for_update().select_related("user")
    member = members.filter(domain=domain, user_id=user.pk).first()
    if member is None:
        raise MemberNotFound
    if member.accepted_at is None:
        member.accepted_at = now()
        member.save(update_fields=["accepted_at"])
        _record("accept", member, by=by)
    return member


@transaction.atomic
def change_role(domain: Domain, login: str, *, role: str, by: Actor) -> DomainMember:
    """Give a member another role. Raises InvalidRole, MemberNotFound or OwnerStays."""
    authorize(by, "content.admin", domain, resource_type="member", resource_id=login)
    _require_role(role)
    member = _lock_member(domain, login)
    role_before, member.role = member.role, role
    member.save(update_fields=["role"])
    _record("update", member, by=by, formerRole=role_before)
    return member


@transaction.atomic
def remove_member(domain: Domain, login: str, *, by: Actor) -> None:
    """Remove a member or an invitation; a member may remove themselves.

    Raises MemberNotFound or OwnerStays.
    """
    # Leaving needs no right, or an editor could not get out of a domain that misuses the name.
    if by.user is None or by.user.username != login.lower():
        authorize(by, "content.admin", domain, resource_type="member", resource_id=login)
    member = _lock_member(domain, login)
    # Before the deletion, while the row still knows the member and the role.
    _record("delete", member, by=by)
    member.delete()


def _require_role(role: str) -> None:
    if role not in INVITED_ROLES:
        raise InvalidRole


def _lock_member(domain: Domain, login: str) -> DomainMember:
    members = DomainMember.objects.select_for_update(of=("self",)).select_related("user")
    member = members.filter(domain=domain, user__username=login.lower()).first()
    if member is None:
        raise MemberNotFound
    # The owner is the holder of the scope, and the only role that no invitation can bring back.
    if member.role == MemberRole.OWNER:
        raise OwnerStays
    return member


def _record(action: str, member: DomainMember, *, by: Actor, **details: str) -> None:
    record(
        f"member.{action}",
        "member",
        member.user.username,
        by=by,
        tenant=member.domain.name,
        role=member.role,
        **details,
    )
