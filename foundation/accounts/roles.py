"""Roles that the project declares in ``settings.ROLES``. Each is a Django group."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role, the name of its group, and the permissions of its members at the desk.

    Members of a staff role may enter the desk. A superuser has every staff role.
    """

    name: str
    group: str
    is_staff: bool = False
    permissions: tuple[str, ...] = ()


class UnknownRole(ImproperlyConfigured):
    """The project declares no role of this name."""


@cache
def declared_roles() -> dict[str, Role]:
    """Return the roles of ``settings.ROLES`` by name."""
    roles: Sequence[Role] = import_string(settings.ROLES)
    return {role.name: role for role in roles}


def get_role(name: str) -> Role:
    """Return a declared role. Raises UnknownRole."""
    try:
        return declared_roles()[name]
    except KeyError:
        raise UnknownRole(name) from None
