"""Questions about people."""

from uuid import UUID

from foundation.accounts.models import User
from profiles.errors import UserNotFound
from profiles.models import Profile, Scope


def profile_named(login: str) -> Profile:
    """The profile under a GitHub login, in any case, or behind a scope whose holder has left;
    refuses where there is none."""
    name, profiles = login.lower(), Profile.objects.select_related("user")
    profile = profiles.filter(github_login=name).first()
    profile = profile or profiles.filter(user__held_scope__name=name).first()
    if profile is None:
        raise UserNotFound
    return profile


def scope_of(user_id: UUID | None) -> str | None:
    """The scope that the user publishes under; None for an account without one."""
    return Scope.objects.filter(holder_id=user_id).values_list("name", flat=True).first()


def development_user(login: str) -> User | None:
    """Whoever has this name; None where there is nobody yet. For the sign-in of development."""
    names = [login, f"{login}~dev"]
    return User.objects.filter(username__in=names).order_by("username").first()


def former_holder(*, github_id: int | None, login: str) -> User | None:
    """Who left, and holds the scope of this GitHub account; None for anybody else. A development
    user, whom no id stands behind, is known by the scope's name."""
    scopes = Scope.objects.select_related("holder")
    if github_id is not None:
        scope = scopes.filter(github_id=github_id).first()
    else:
        scope = scopes.filter(github_id=None, name=login.lower()).first()
    return scope.holder if scope is not None and scope.holder.is_former else None
