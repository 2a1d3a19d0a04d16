"""Roles are Django groups: what maintainers do to give and take them."""

from collections.abc import Sequence

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from foundation.accounts.models import MAINTAINERS, OFFICIAL_PUBLISHERS, User
from foundation.actor import Actor
from foundation.events.actions import record

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
