"""Sign-in through the library: whom GitHub vouches for becomes a user with a profile."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.access.address import client_address
from foundation.access.middleware import anonymous_actor
from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.actor import Actor
from profiles.actions import (
    GitHubIdentity,
    look_at_picture_again,
    username_for,
    welcome,
    welcome_back,
)
from profiles.errors import OneAccountEach, SignInAgain
from profiles.queries import former_holder


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # No accounts but those that come through GitHub.

    def add_message(self, *said: Any, **more: Any) -> None:
        """Nothing: our pages say for themselves what happened, and a message that none of them
        shows would stay in the browser as a third cookie."""

    def get_client_ip(self, request: HttpRequest) -> str:
        # For the list of one's sessions: the same address that the limits count by.
        return client_address(request.META) or "0.0.0.0"  # noqa: S104  (behind a socket)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Who is suspended reads why, and can appeal; who has left reads that."""
        if user.is_suspended:
            said = urlencode({"for": suspended_token(user)})
            return HttpResponseRedirect(f"{reverse('suspended')}?{said}")
        return HttpResponseRedirect(reverse("account_inactive"))


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
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Who deleted their account and comes back gets the row again that holds their scope."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise OneAccountEach
        identity = identity_of(sociallogin)
        holder = former_holder(github_id=identity.github_id, login=identity.login)
        if holder is None:
            if sociallogin.is_existing:
                look_at_picture_again(
                    sociallogin.user, identity, by=acting(request, sociallogin.user)
                )
            return
        addresses = sorted(sociallogin.email_addresses, key=lambda each: not each.primary)
        email = addresses[0].email if addresses else ""
        sociallogin.user = welcome_back(holder, identity, email=email, by=acting(request, holder))
        if sociallogin.user.is_active:
            sociallogin.save(request)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """The first sign-in, whole or not at all. Of two at once with one login the second is
        refused: the name was chosen before the first took it, and is chosen anew the next time."""
        try:
            with transaction.atomic():
                user: User = super().save_user(request, sociallogin, form)
                welcome(user, identity_of(sociallogin), by=acting(request, user))
        except IntegrityError as error:
            raise SignInAgain from error
        return user


def acting(request: HttpRequest, user: User) -> Actor:
    """The user who is about to be signed in, as the one who acts."""
    stranger = anonymous_actor(request, door="page")
    return replace(stranger, user=user)
