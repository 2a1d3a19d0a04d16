"""Sign-in adapters: turn an account at a provider into a user with a profile."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.access.address import client_address
from foundation.access.middleware import anonymous_actor
from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.actor import Actor
from profiles.actions import create_profile, end_access, refresh_picture, restore_account
from profiles.addresses import follow_address, keep_only, usable_address
from profiles.admission import Applicant, is_admitted, organisations_of
from profiles.errors import NotAdmitted, OneAccountEach, SignInAgain
from profiles.github import memberships_of
from profiles.identity import Identity
from profiles.queries import accounts_of, former_holder, is_first_identity
from profiles.scopes import add_missing_scope, choose_scope
from profiles.welcome import welcome_url

# Two people can choose one free scope at the same moment; then one of them chooses again.
ATTEMPTS = 3


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # Accounts are created only through a provider.

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


def identity_of(sociallogin: SocialLogin) -> Identity:
    """The identity of a sign-in, by an id that never changes; a login can change."""
    account, data = sociallogin.account, sociallogin.account.extra_data
    if account.provider == "github":
        return Identity(
            login=data["login"],
            github_id=int(account.uid),
            name=data.get("name") or "",
            avatar_url=data.get("avatar_url") or "",
        )
    if account.provider == "oidc":
        login, name = str(data["login"]), str(data["name"])
        return Identity(login=login, github_id=None, name=name, subject=account.uid)
    return Identity(login=str(account.uid), github_id=None)


class SignInAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
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

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("account")

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Check at each sign-in that the person is admitted, and find their account.

        Raises NotAdmitted, OneAccountEach or SignInUnavailable.
        """
        self._require_admission(request, sociallogin)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            require_free_place(request, sociallogin)
        else:
            self._prepare_account(request, sociallogin)

    def _require_admission(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if is_admitted(applicant_of(sociallogin), settings.SIGN_IN_ALLOW):
            return
        # Outside of any transaction, so that it stays although the sign-in is refused: a person
        # who has left keeps no key and no session.
        if sociallogin.is_existing and has_only(sociallogin):
            end_access(sociallogin.user, by=acting(request, sociallogin.user))
        raise NotAdmitted

    @transaction.atomic
    def _prepare_account(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Restore the former account of a person who deleted it and returns."""
        identity = identity_of(sociallogin)
        holder = former_holder(
            github_id=identity.github_id, login=identity.login, subject=identity.subject
        )
        if holder is None:
            if sociallogin.is_existing:
                update_from_provider(request, sociallogin, identity)
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


def applicant_of(sociallogin: SocialLogin) -> Applicant:
    """The facts for the rules of admission. Raises SignInUnavailable."""
    addresses = [row.email for row in sociallogin.email_addresses if row.verified]
    is_github = sociallogin.account.provider == "github"
    names = organisations_of(settings.SIGN_IN_ALLOW) if is_github else []
    return Applicant(
        provider=sociallogin.account.provider,
        mail_domains=[address.rpartition("@")[2].lower() for address in addresses],
        organisations=memberships_of(sociallogin.token, names),
        claims=getattr(sociallogin, "claims", {}),
    )


def has_only(sociallogin: SocialLogin) -> bool:
    """Whether a user has no account at another provider, with which they may sign in."""
    return len(accounts_of(sociallogin.user.pk)) == 1


def require_free_place(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """Refuse a second account at one provider, and one that belongs to another user.

    Otherwise a scope could get a second owner, unknown to its holder. Raises OneAccountEach.
    """
    identity = identity_of(sociallogin)
    holder = former_holder(
        github_id=identity.github_id, login=identity.login, subject=identity.subject
    )
    own_accounts = accounts_of(request.user.pk) if request.user.is_authenticated else []
    has_one = any(row.provider == sociallogin.account.provider for row in own_accounts)
    if sociallogin.is_existing or holder is not None or has_one or not own_accounts:
        raise OneAccountEach


def update_from_provider(
    request: HttpRequest, sociallogin: SocialLogin, identity: Identity
) -> None:
    """Take over what the provider says today: picture and address, never the login."""
    user, by = sociallogin.user, acting(request, sociallogin.user)
    # A sign-in that was added later says nothing about the account, or its address would change
    # with each of the two.
    if not is_first_identity(user.pk, identity):
        return
    refresh_picture(user, identity, by=by)
    follow_address(user, sociallogin.email_addresses, by=by)
    if add_missing_scope(user, identity, by=by):
        sociallogin.state["next"] = welcome_url(sociallogin.state.get("next"))


def acting(request: HttpRequest, user: User) -> Actor:
    """The user who is about to be signed in, as an actor."""
    stranger = anonymous_actor(request, door="page")
    return replace(stranger, user=user)
