"""Sign-in adapters: turn a GitHub account into a user with a profile."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.access.address import client_address
from foundation.access.middleware import anonymous_actor
from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.actor import Actor
from profiles.actions import create_profile, refresh_picture, restore_account
from profiles.addresses import follow_address, keep_only, usable_address
from profiles.errors import OneAccountEach, SignInAgain
from profiles.identity import GitHubIdentity
from profiles.queries import former_holder
from profiles.scopes import add_missing_scope, choose_scope
from profiles.welcome import welcome_url

# Two people can choose one free scope at the same moment; then one of them chooses again.
ATTEMPTS = 3


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # Accounts are created only through GitHub.

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add no message: no page shows it, and it would stay in a cookie."""

    def get_client_ip(self, request: HttpRequest) -> str:
        # The list of sessions shows the address that rate limits use.
        return client_address(request.META) or "0.0.0.0"  # noqa: S104  (behind a socket)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Redirect a suspended user to the reason and the appeal form."""
        if user.is_suspended:
            query = urlencode({"for": suspended_token(user)})
            return HttpResponseRedirect(f"{reverse('suspended')}?{query}")
        return HttpResponseRedirect(reverse("account_inactive"))


def identity_of(sociallogin: SocialLogin) -> GitHubIdentity:
    """The identity of a sign-in. GitHub's numeric id identifies; the login can change."""
    data = sociallogin.account.extra_data
    if sociallogin.account.provider == "github":
        return GitHubIdentity(
            login=data["login"],
            github_id=int(sociallogin.account.uid),
            name=data.get("name") or "",
            avatar_url=data.get("avatar_url") or "",
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
        user.username = choose_scope(identity).name
        user.email = usable_address(sociallogin.email_addresses)
        user.name = identity.shown_name
        user.image = identity.avatar_url[:500]
        return user

    @transaction.atomic
    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Restore the former account of a person who deleted it and returns."""
        # A second GitHub account would be a second owner of the scope.
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise OneAccountEach
        identity = identity_of(sociallogin)
        holder = former_holder(github_id=identity.github_id, login=identity.login)
        if holder is None:
            if sociallogin.is_existing:
                update_from_github(request, sociallogin, identity)
            return
        email = usable_address(sociallogin.email_addresses)
        sociallogin.email_addresses = keep_only(email, sociallogin.email_addresses)
        sociallogin.user = restore_account(
            holder, identity, email=email, by=acting(request, holder)
        )
        if sociallogin.user.is_active:
            sociallogin.save(request)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Create user and profile at the first sign-in, and explain a derived scope.

        Raises SignInAgain for the second of two concurrent sign-ins of one person.
        """
        account = sociallogin.account
        email = usable_address(sociallogin.email_addresses)
        sociallogin.email_addresses = keep_only(email, sociallogin.email_addresses)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._save_user(request, sociallogin)
            except IntegrityError as error:
                same_accounts = SocialAccount.objects.filter(
                    provider=account.provider, uid=account.uid
                )
                if same_accounts.exists() or attempt == ATTEMPTS:
                    raise SignInAgain from error
                # The rolled-back rows must be inserted again, under new ids.
                account.pk = None
        raise SignInAgain

    @transaction.atomic
    def _save_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        identity = identity_of(sociallogin)
        choice = choose_scope(identity)
        sociallogin.user.username = choice.name
        user: User = super().save_user(request, sociallogin)
        create_profile(user, identity, choice, by=acting(request, user))
        if choice.reason:
            sociallogin.state["next"] = welcome_url(sociallogin.state.get("next"))
        return user


def update_from_github(
    request: HttpRequest, sociallogin: SocialLogin, identity: GitHubIdentity
) -> None:
    """Take over what GitHub says today: the picture and the address, never the login."""
    user, by = sociallogin.user, acting(request, sociallogin.user)
    refresh_picture(user, identity, by=by)
    follow_address(user, sociallogin.email_addresses, by=by)
    if add_missing_scope(user, identity, by=by):
        sociallogin.state["next"] = welcome_url(sociallogin.state.get("next"))


def acting(request: HttpRequest, user: User) -> Actor:
    """The user who is about to be signed in, as an actor."""
    stranger = anonymous_actor(request, door="page")
    return replace(stranger, user=user)
