"""Roles, suspensions, and the user's row when the person leaves or returns.

Whether the actor may moderate is checked by the callers: it depends on the project's roles.
"""

import secrets
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from foundation.accounts.errors import (
    AccountHasLeft,
    InvalidSuspensionReason,
    OperatorsAccount,
)
from foundation.accounts.models import FORMER_NAME_PREFIX, Suspension, User
from foundation.accounts.roles import Role, declared_roles, get_role
from foundation.accounts.rules import REASON_LENGTH
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.own_matters import refuse_own_matter
from foundation.text.input import tidy

# No vowels, so that a random name is not a word, and no letters that look alike.
FORMER_LETTERS = "bcdfghjkmnpqrtvwxyz"


@transaction.atomic
def grant_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    """Give the user a role; with a staff role they may enter the desk.

    Raises UnknownRole.
    """
    user.groups.add(_update_group(get_role(role)))
    _update_staff(user)
    details = {"reason": notes} if notes else {}
    record("role.granted", "user", user.username, by=by, role=role, **details)


@transaction.atomic
def revoke_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    """Take a role from a user. Raises UnknownRole."""
    user.groups.remove(*Group.objects.filter(name=get_role(role).group))
    _update_staff(user)
    details = {"reason": notes} if notes else {}
    record("role.revoked", "user", user.username, by=by, role=role, **details)


def update_role_groups() -> None:
    """Bring the groups of all roles in line with their declarations, after an update."""
    for role in declared_roles().values():
        _update_group(role)


def _update_group(role: Role) -> Group:
    group, _ = Group.objects.get_or_create(name=role.group)
    names = [permission.partition(".")[2] for permission in role.permissions]
    permissions = Permission.objects.filter(codename__in=names).select_related("content_type")
    by_label = {f"{row.content_type.app_label}.{row.codename}": row for row in permissions}
    group.permissions.set(by_label[permission] for permission in role.permissions)
    return group


def _update_staff(user: User) -> None:
    user.__dict__.pop("role_names", None)
    roles = declared_roles().values()
    user.is_staff = user.is_superuser or any(
        role.is_staff and user.has_role(role.name) for role in roles
    )
    user.save(update_fields=["is_staff"])


def lock_user(user_id: UUID) -> User:
    """Return the user's row, locked until the transaction ends."""
    user: User = User.objects.select_for_update().get(pk=user_id)
    return user


def require_decidable(user: User, by: Actor) -> None:
    """Raise OwnMatter, OperatorsAccount or AccountHasLeft."""
    refuse_own_matter(user, by)
    # The operator could be locked out of the instance.
    if user.is_superuser:
        raise OperatorsAccount
    if user.is_former:
        raise AccountHasLeft


def validate_reason(reason: str | None) -> str:
    """Return the reason as stored. Raises InvalidSuspensionReason."""
    text = tidy(reason)
    if not text or len(text) > REASON_LENGTH or "\0" in text:
        raise InvalidSuspensionReason(
            f"Enter a reason in up to {REASON_LENGTH} characters; the person will see it."
        )
    return text


@transaction.atomic
def mark_suspended(user: User, *, reason: str, by: Actor) -> Suspension | None:
    """Close an account. Returns None if it was suspended already.

    The caller must also end keys and sessions (see `foundation.access.actions.end_all_access`).
    """
    require_decidable(user, by)
    text = validate_reason(reason)
    user = lock_user(user.pk)
    if user.is_suspended:
        return None
    user.is_active = False
    end_sessions(user)
    user.save(update_fields=["is_active", "password"])
    suspension: Suspension = Suspension.objects.create(
        user=user, reason=text, suspended_by_user_id=by.user_id
    )
    record("account.suspended", "user", user.username, by=by, reason=text)
    return suspension


@transaction.atomic
def lift_suspension(user: User, *, reason: str, by: Actor) -> bool:
    """Open a suspended account again, without its sessions.

    Returns False if it was not suspended. The caller must also end keys (see `mark_suspended`).
    """
    require_decidable(user, by)
    text = validate_reason(reason)
    user = lock_user(user.pk)
    count = user.suspensions.filter(lifted_at=None).update(
        lifted_at=now(), lifted_by_user_id=by.user_id, lifted_reason=text
    )
    if not count:
        return False
    user.is_active = not user.is_former
    # A sign-in that was in progress when the account was suspended may have stored its session.
    end_sessions(user)
    user.save(update_fields=["is_active", "password"])
    record("account.suspension_lifted", "user", user.username, by=by, reason=text)
    return True


def end_sessions(user: User) -> None:
    """Change the unusable password, so that saving the row ends every session.

    Sessions contain a digest of the password, including those without a record of their use.
    """
    user.set_unusable_password()


def empty_user(user: User) -> None:
    """Remove the person's data from a locked row.

    What they published still refers to the row.
    """
    # A random name, because a counter would tell how many accounts were deleted.
    user.username = FORMER_NAME_PREFIX + "".join(secrets.choice(FORMER_LETTERS) for _ in range(8))
    user.email = user.name = user.image = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    end_sessions(user)
    user.save()
    # A returning person must not be a maintainer again unasked.
    user.groups.clear()
    user.user_permissions.clear()
    user.__dict__.pop("role_names", None)


def refill_user(user: User, *, username: str, email: str, name: str, image: str) -> None:
    """Restore the person's data in a locked row that was emptied.

    Roles are not restored.
    """
    user.username, user.email, user.name, user.image = username, email, name[:255], image[:500]
    user.is_active = True
    user.save()
