"""Scopes of API keys. Apps declare them, ``settings.KEY_SCOPES`` lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyScope:
    """A permission of API keys.

    ``description`` is the label of the checkbox on the key form. A key of a device login has every
    scope ``for_devices``. ``role`` is the role that a user needs to be offered the scope, or
    empty.
    """

    name: str
    description: "str | StrPromise"
    for_devices: bool = False
    role: str = ""


READ = KeyScope(
    name="read",
    description=_("Read your account: login, email address, scope."),
    for_devices=True,
)


@cache
def declared_scopes() -> dict[str, KeyScope]:
    """Return all scopes by name, in the order in which they are stored and shown."""
    # Imported late, because the apps that declare scopes import this module.
    scopes: Sequence[KeyScope] = import_string(settings.KEY_SCOPES)
    return {scope.name: scope for scope in scopes}


def device_scopes() -> list[str]:
    """Return the names of the scopes that a device login gives."""
    return [scope.name for scope in device_permissions()]


def device_permissions() -> list[KeyScope]:
    """Return the scopes that a device login gives."""
    return [scope for scope in declared_scopes().values() if scope.for_devices]
