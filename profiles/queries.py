"""Questions about people."""

from uuid import UUID

from foundation.accounts.models import User
from profiles.errors import UserNotFound
from profiles.models import Profile, Scope


def profile_named(login: str) -> Profile:
    """The profile under a GitHub login, in any case; refuses where there is none."""
    profile = Profile.objects.select_related("user").filter(github_login=login.lower()).first()
    if profile is None:
        raise UserNotFound
    return profile


def scope_of(user_id: UUID | None) -> str | None:
    """The scope that the user publishes under; None for an account without one."""
    return Scope.objects.filter(holder_id=user_id).values_list("name", flat=True).first()


def development_user(login: str) -> User | None:
    """Whoever has this name; None where there is nobody yet. For the sign-in of development."""
    return User.objects.filter(username=login, is_active=True).first()
