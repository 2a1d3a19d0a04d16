"""The scope of an account: the login, or a name derived from it (ADR 26)."""

from dataclasses import dataclass

from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from profiles.identity import Identity
from profiles.models import Profile, Scope, ScopeReason
from profiles.queries import scope_of
from profiles.revisions import bump_pages_with_name
from profiles.rules import (
    NOT_IN_A_SCOPE,
    SCOPE_LENGTH,
    derived_scopes,
    is_reserved_scope,
)


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """A free scope; ``reason`` is None if it is the login itself."""

    name: str
    reason: ScopeReason | None = None


def choose_scope(identity: Identity) -> ScopeChoice:
    """The first free name for a new account."""
    login = identity.login.lower()
    reason = _reason_against(login)
    if reason is None:
        return ScopeChoice(login)
    names = derived_scopes(login, identity.suffix)
    free = (name for name in names if not is_reserved_scope(name) and not _is_taken(name))
    return ScopeChoice(next(free), reason)


def _reason_against(login: str) -> ScopeReason | None:
    """Why a login cannot be a new scope; None if it can."""
    if not login or NOT_IN_A_SCOPE.search(login):
        return ScopeReason.CHARACTERS
    if len(login) > SCOPE_LENGTH:
        return ScopeReason.LENGTH
    if is_reserved_scope(login):
        return ScopeReason.RESERVED
    return ScopeReason.TAKEN if _is_taken(login) else None


def _is_taken(name: str) -> bool:
    # A user's name and the name of the scope are one address: /@name.
    scopes, users = Scope.objects.filter(name=name), User.objects.filter(username=name)
    return scopes.exists() or users.exists()


def claim_scope(user: User, identity: Identity, choice: ScopeChoice) -> None:
    """Bind the scope to the user and to the identity that never changes, for good."""
    Scope.objects.create(
        name=choice.name,
        github_id=identity.github_id,
        subject=identity.subject or None,
        holder=user,
        reason=choice.reason,
        derived_from=identity.login[:255] if choice.reason else None,
    )


@transaction.atomic
def add_missing_scope(user: User, identity: Identity, *, by: Actor) -> bool:
    """Give a scope to an account that has none; return whether it got one.

    Accounts from before scopes were derived have none.
    """
    if scope_of(user.pk) is not None:
        return False
    choice = choose_scope(identity)
    user.username = choice.name
    user.save(update_fields=["username"])
    Profile.objects.filter(user=user).update(github_login=choice.name)
    claim_scope(user, identity, choice)
    bump_pages_with_name(user.pk)
    record("scope.derived", "user", user.username, by=by, reason=choice.reason)
    return True
