"""Roles are Django groups: what maintainers do to give and take them. And the one time that we
touch a user's row: when its person leaves, and when they come back."""

import secrets
from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from foundation.accounts.models import FORMER, MAINTAINERS, OFFICIAL_PUBLISHERS, User
from foundation.actor import Actor
from foundation.events.actions import record

# Neither look-alikes nor vowels: no words either.
FORMER_LETTERS = "bcdfghjkmnpqrtvwxyz"
ROLE_GROUPS = {"maintainer": MAINTAINERS, "official": OFFICIAL_PUBLISHERS}


@transaction.atomic
def grant_role(user: User, role: str, *, permissions: Sequence[str] = (), by: Actor) -> None:
    """Put ``user`` into the role's group; a maintainer may also enter the desk.

    ``permissions`` (``app.codename``) are what the group may see there: exactly these from now on.
    """
    group, _ = Group.objects.get_or_create(name=ROLE_GROUPS[role])
    group.permissions.set(_permissions(permissions))
    user.groups.add(group)
    _set_staff(user)
    record("role.granted", "user", user.username, by=by, role=role)


@transaction.atomic
def revoke_role(user: User, role: str, *, by: Actor) -> None:
    user.groups.remove(*Group.objects.filter(name=ROLE_GROUPS[role]))
    _set_staff(user)
    record("role.revoked", "user", user.username, by=by, role=role)


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
