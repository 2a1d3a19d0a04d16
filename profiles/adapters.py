"""Sign-in through the library: whom GitHub vouches for becomes a user with a profile."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.db import transaction
from django.http import HttpRequest

from foundation.access.middleware import nobody
from foundation.accounts.models import User
from foundation.actor import Actor
from profiles.actions import GitHubIdentity, username_for, welcome


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # No accounts but those that come through GitHub.


def identity_of(sociallogin: SocialLogin) -> GitHubIdentity:
    """GitHub's numeric id is the identity; the login is only what it was called at that moment."""
    said = sociallogin.account.extra_data
    if sociallogin.account.provider == "github":
        return GitHubIdentity(
            login=said["login"],
            github_id=int(sociallogin.account.uid),
            name=said.get("name") or "",
            avatar_url=said.get("avatar_url") or "",
        )
    return GitHubIdentity(login=str(sociallogin.account.uid), github_id=None)


class GitHubAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(
        self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]
    ) -> User:
        identity = identity_of(sociallogin)
        user: User = sociallogin.user
        user.username = username_for(identity)
        user.email = data.get("email") or ""
        user.name = identity.name[:255]
        user.image = identity.avatar_url[:500]
        return user

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        stranger = nobody(request, door="page")
        by = Actor(
            user=user,
            door="page",
            address_hash=stranger.address_hash,
            request_id=stranger.request_id,
        )
        welcome(user, identity_of(sociallogin), by=by)
        return user
