"""Questions about people."""

from uuid import UUID

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
