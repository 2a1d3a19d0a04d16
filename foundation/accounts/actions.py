"""Roles are Django groups: what maintainers do to give and take them. And the one time that we
touch a user's row: when its person leaves, and when they come back."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from foundation.accounts.errors import (
    AccountHasLeft,
    InvalidSuspensionReason,
    NotMaintainer,
    OperatorsAccount,
    OwnAccount,
)
from foundation.accounts.models import (
    FORMER,
    MAINTAINERS,
    OFFICIAL_PUBLISHERS,
    Suspension,
    User,
)
from foundation.accounts.rules import REASON_LENGTH, may_decide_about
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.text.input import tidy

# Neither look-alikes nor vowels: no words either.
FORMER_LETTERS = "bcdfghjkmnpqrtvwxyz"
ROLE_GROUPS = {"maintainer": MAINTAINERS, "official": OFFICIAL_PUBLISHERS}


@transaction.atomic
def grant_role(
    user: User, role: str, *, permissions: Sequence[str] = (), notes: str = "", by: Actor
) -> None:
    """Put ``user`` into the role's group; a maintainer may also enter the desk.

    ``permissions`` (``app.codename``) are what the group may see there: exactly these from now on.
    """
    user.groups.add(set_permissions(role, permissions))
    _set_staff(user)
    record("role.granted", "user", user.username, by=by, role=role, **_noted(notes))


def set_permissions(role: str, permissions: Sequence[str]) -> Group:
    """What the role's group may see: exactly these. Made where there is none."""
    group, _ = Group.objects.get_or_create(name=ROLE_GROUPS[role])
    group.permissions.set(_permissions(permissions))
    return group


@transaction.atomic
def revoke_role(user: User, role: str, *, notes: str = "", by: Actor) -> None:
    user.groups.remove(*Group.objects.filter(name=ROLE_GROUPS[role]))
    _set_staff(user)
    record("role.revoked", "user", user.username, by=by, role=role, **_noted(notes))


def _noted(notes: str) -> dict[str, str]:
    return {"reason": notes} if notes else {}


def _permissions(names: Sequence[str]) -> list[Permission]:
    return [
        Permission.objects.get(content_type__app_label=app, codename=codename)
        for app, codename in (name.split(".") for name in names)
    ]


def _set_staff(user: User) -> None:
    user.__dict__.pop("role_names", None)
    user.is_staff = user.is_superuser or user.is_maintainer
    user.save(update_fields=["is_staff"])


def lock_user(user_id: UUID) -> User:
    """The user's row, held until the transaction ends."""
    user: User = User.objects.select_for_update().get(pk=user_id)
    return user


def refuse_who_may_not_decide_about(user: User, by: Actor) -> None:
    """Maintainers with a credential for it, about others, and about nobody who has left."""
    if not by.require("reports:moderate").is_maintainer:
        raise NotMaintainer
    if by.is_user(user.pk):
        raise OwnAccount
    if not may_decide_about(user, by):
        raise OperatorsAccount
    if user.is_former:
        raise AccountHasLeft


def checked_reason(reason: str | None) -> str:
    """The reason as it is stored; refuses none, and one that is too long."""
    text = tidy(reason)
    if not text or len(text) > REASON_LENGTH or "\0" in text:
        raise InvalidSuspensionReason(
            f"Enter a reason in up to {REASON_LENGTH} characters; the person will see it."
        )
    return text


@transaction.atomic
def mark_suspended(user: User, *, reason: str, by: Actor) -> Suspension | None:
    """Close an account: its row is inactive from now on. None where it was suspended already.

    Only half of it: `moderation` calls this together with what ends keys and sessions.
    """
    refuse_who_may_not_decide_about(user, by)
    text = checked_reason(reason)
    user = lock_user(user.pk)
    if user.is_suspended:
        return None
    user.is_active = False
    user.save(update_fields=["is_active"])
    suspension: Suspension = Suspension.objects.create(
        user=user, reason=text, suspended_by_user_id=by.user_id
    )
    record("account.suspended", "user", user.username, by=by, reason=text)
    return suspension


@transaction.atomic
def lift_suspension(user: User, *, reason: str, by: Actor) -> bool:
    """Open a suspended account again; keys and sessions do not come back. False where it was not
    suspended."""
    refuse_who_may_not_decide_about(user, by)
    text = checked_reason(reason)
    user = lock_user(user.pk)
    lifted = user.suspensions.filter(lifted_at=None).update(
        lifted_at=now(), lifted_by_user_id=by.user_id, lifted_reason=text
    )
    if not lifted:
        return False
    user.is_active = not user.is_former
    user.save(update_fields=["is_active"])
    record("account.suspension_lifted", "user", user.username, by=by, reason=text)
    return True


def empty_user(user: User) -> None:
    """Take the person out of a locked row; what they published goes on pointing to it.

    A new unusable password also ends every session: each carries a digest of the old one.
    """
    user.username = FORMER + "".join(secrets.choice(FORMER_LETTERS) for _ in range(8))
    user.email = user.name = user.image = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    user.__dict__.pop("role_names", None)


def refill_user(user: User, *, username: str, email: str, name: str, image: str) -> None:
    """Put the person back into a locked row that was emptied. Roles do not come back."""
    user.username, user.email, user.name, user.image = username, email, name[:255], image[:500]
    user.is_active = True
    user.save()
