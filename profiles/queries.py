"""Queries about profiles, scopes and GitHub accounts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db.models import CharField, UUIDField

from foundation.accounts.models import User
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from profiles.errors import UserNotFound
from profiles.identity import Identity, identity_key
from profiles.models import FormerAccount, Profile, Scope


def profile_named(login: str) -> Profile:
    """The profile of a login in any case, or of a scope whose holder has left.

    With its user and scope. Raises UserNotFound.
    """
    name = login.lower()
    for profile in _profile_by_login_query().instances(login=name):
        return profile
    profiles = Profile.objects.select_related("user__held_scope")
    former_holder_profile = profiles.filter(user__held_scope__name=name).first()
    if former_holder_profile is None:
        raise UserNotFound
    return former_holder_profile


@cache
def _profile_by_login_query() -> CompiledInstances[Profile]:
    profiles = Profile.objects.filter(github_login=Parameter("login", CharField()))
    return CompiledInstances(
        profiles.order_by("pk"), relations=("user", "user__held_scope"), annotations=()
    )


def scope_row_of(user_id: UUID) -> Scope | None:
    """The scope with what it was derived from; None for an account without one."""
    return Scope.objects.filter(holder_id=user_id).first()


def github_login_of(user_id: UUID) -> str | None:
    """The login on GitHub as of the last sign-in; None for an account without GitHub."""
    rows = SocialAccount.objects.filter(user_id=user_id, provider="github")
    data = rows.values_list("extra_data", flat=True).first()
    return str(data["login"]) if isinstance(data, dict) and data.get("login") else None


def scope_of(user_id: UUID | None) -> str | None:
    """The scope that the user publishes under; None for an account without one."""
    if user_id is None:
        return None
    return next((str(name) for (name,) in _scope_by_holder_query().tuples(holder=user_id)), None)


@cache
def _scope_by_holder_query() -> CompiledQuery:
    scopes = Scope.objects.filter(holder__pk=Parameter("holder", UUIDField()))
    return CompiledQuery(scopes.order_by("name").values("name")[:1])


def holder_of(scope: str) -> User | None:
    """The user who publishes under a scope."""
    row = Scope.objects.select_related("holder").filter(name=scope).first()
    return row.holder if row else None


def scope_of_profile(profile: Profile) -> str | None:
    """As `scope_of`, without a query for a profile of `profile_named`."""
    scope: Scope | None = getattr(profile.user, "held_scope", None)
    return scope.name if scope else None


def user_named(login: str) -> User | None:
    """The user with this name, or the only one with a scope derived from it."""
    user = User.objects.filter(username=login).first()
    if user is not None:
        return user
    users = User.objects.filter(held_scope__derived_from__iexact=login, is_active=True)[:2]
    return users[0] if len(users) == 1 else None


def example_users() -> list[User]:
    """Some accounts for the sign-in of development mode, maintainers first."""
    # An account that a mirror keeps has no person behind it.
    scopes = {"held_scope__isnull": False, "held_scope__mirrored_from": None}
    users = User.objects.filter(is_active=True, **scopes)
    return list(users.order_by("-is_staff", "created_at", "pk")[:4])


def former_holder(*, github_id: int | None, login: str, subject: str = "") -> User | None:
    """The deleted account of this identity, or None.

    A development user has neither id nor subject and is found by the login.
    """
    key = identity_key(github_id, login, subject)
    account = FormerAccount.objects.select_related("user").filter(identity=key).first()
    if account is not None:
        return account.user
    scopes = Scope.objects.select_related("holder")
    if subject:
        scope = scopes.filter(subject=subject).first()
    elif github_id is not None:
        scope = scopes.filter(github_id=github_id).first()
    else:
        scope = scopes.filter(github_id=None, subject=None, name=login.lower()).first()
    return scope.holder if scope is not None and scope.holder.is_former else None


def accounts_of(user_id: UUID) -> list[SocialAccount]:
    """The accounts at providers with which a user signs in, the first one first."""
    return list(SocialAccount.objects.filter(user_id=user_id).order_by("pk"))


def is_first_identity(user_id: UUID, identity: Identity) -> bool:
    """Whether a user's scope belongs to this identity, not to a later one."""
    scope = scope_row_of(user_id)
    if scope is None or (scope.github_id is None and scope.subject is None):
        return True
    return (scope.github_id, scope.subject) == (identity.github_id, identity.subject or None)


@dataclass(frozen=True, slots=True)
class GitHubAccount:
    """A GitHub account, as of its owner's last sign-in."""

    login: str
    since: datetime


def github_accounts_since(user_ids: Collection[UUID]) -> dict[UUID, GitHubAccount]:
    """The GitHub accounts of users, with their creation dates, in one query.

    Users whose account GitHub has not confirmed here are missing, such as imported users who have
    never signed in.
    """
    rows = _accounts_query(len(user_ids)).tuples(users=list(user_ids))
    accounts = {user_id: _account(data) for user_id, provider, data in rows if provider == "github"}
    return {user_id: account for user_id, account in accounts.items() if account}


@lru_cache(maxsize=64)
def _accounts_query(count: int) -> CompiledQuery:
    # Filtering by provider would make a database choose the index of the few providers.
    accounts = SocialAccount.objects.filter(
        user__pk__in=list_parameter("users", UUIDField(), count)
    )
    return CompiledQuery(accounts.order_by("-pk").values("user", "provider", "extra_data"))


def _account(data: object) -> GitHubAccount | None:
    if not isinstance(data, dict):
        return None
    try:
        since = datetime.fromisoformat(data["created_at"])
        login = str(data["login"])
    except (KeyError, TypeError, ValueError):
        return None
    return GitHubAccount(login, since) if since.tzinfo else None
