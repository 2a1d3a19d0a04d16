"""Scopes that a mirror keeps: their agents come from another shop (ADR 55).

Rows of agents need an owner, so each such scope has an account of its own. The account has no
sign-in, no email and no key, and acts through the door ``mirror`` alone, which no request has.
"""

from django.db import IntegrityError, transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from profiles.errors import ScopeReserved, ScopeTaken
from profiles.models import Profile, Scope
from profiles.rules import is_reserved_scope, may_be_a_scope

MIRROR_DOOR = "mirror"


@transaction.atomic
def mirror_scope(name: str, *, source: str, by: Actor) -> Scope:
    """Return the scope that mirrors one of a source; create it if it is free.

    ``source`` is the origin of the other shop. Raises ScopeTaken or ScopeReserved.
    """
    if not may_be_a_scope(name) or is_reserved_scope(name):
        raise ScopeReserved(f"@{name} is a reserved name here, so it cannot be mirrored.")
    scope = Scope.objects.filter(name=name).first()
    if scope is not None and scope.mirrored_from == source:
        return scope
    if scope is not None and scope.mirrored_from:
        raise ScopeTaken(f"@{name} mirrors {scope.mirrored_from} already, not {source}.")
    if scope is not None or User.objects.filter(username=name).exists():
        raise ScopeTaken(f"@{name} belongs to an account of this shop, so it cannot be mirrored.")
    try:
        with transaction.atomic():
            return _create_scope(name, source, by)
    except IntegrityError as error:
        raise ScopeTaken(f"@{name} was taken at this moment. Try again.") from error


def _create_scope(name: str, source: str, by: Actor) -> Scope:
    user = User.objects.create_user(name)
    Profile.objects.create(user=user, github_login=name)
    scope: Scope = Scope.objects.create(name=name, holder=user, mirrored_from=source)
    record("scope.mirrored", "user", name, by=by, source=source)
    return scope


def mirrored_scopes(source: str) -> list[Scope]:
    """The scopes that mirror a source, with their holders."""
    scopes = Scope.objects.filter(mirrored_from=source)
    return list(scopes.select_related("holder").order_by("name"))


def source_of(scope: str) -> str:
    """The origin of the shop that a scope mirrors; blank for any other scope."""
    rows = Scope.objects.filter(name=scope).values_list("mirrored_from", flat=True)
    return rows.first() or ""


def actor_of(scope: Scope) -> Actor:
    """The actor that does here what was done at the source by its people."""
    return Actor(user=scope.holder, door=MIRROR_DOOR)
