"""Profiles and scopes: first sign-in, edits, account deletion and return."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from foundation.access.actions import end_all_access
from foundation.access.models import ApiKey, ConnectedApp
from foundation.accounts.actions import end_sessions, lock_user, refill_user
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.caching.actions import bump_site
from foundation.clock import now
from foundation.text.names import is_readable_name
from profiles.errors import InvalidProfile, NotYourProfile, SignInAgain
from profiles.identity import Identity, identity_key
from profiles.models import BIO_LENGTH, LOCATION_LENGTH, FormerAccount, Profile, Scope
from profiles.pictures import enqueue_picture_fetch, lock_profile, remove_picture
from profiles.queries import accounts_of, profile_named, scope_of
from profiles.revisions import bump_pages_with_name, bump_person
from profiles.rules import is_web_address
from profiles.scopes import ScopeChoice, choose_scope, claim_scope


@transaction.atomic
def create_profile(user: User, identity: Identity, choice: ScopeChoice, *, by: Actor) -> Profile:
    """Create the profile and the scope at first sign-in."""
    profile = Profile.objects.create(
        user=user,
        github_login=user.username,
        display_name=identity.shown_name or None,
        avatar_url=identity.avatar_url[:500] or None,
        created_at=user.created_at,
        updated_at=user.created_at,
    )
    claim_scope(user, identity, choice)
    enqueue_picture_fetch(user, identity.avatar_url)
    record("user.arrived", "user", user.username, by=by, scope_reason=choice.reason)
    return profile


@transaction.atomic
def open_account(identity: Identity, *, email: str = "", by: Actor) -> User:
    """Create a user with profile and scope.

    Raises IntegrityError if another request takes the scope at the same time.
    """
    choice = choose_scope(identity)
    user = User.objects.create_user(choice.name, email=email, name=identity.shown_name)
    create_profile(user, identity, choice, by=by)
    return user


def make_development_user(login: str, *, name: str = "", by: Actor) -> User:
    """Create a user without a GitHub account. The caller ensures development mode.

    Raises SignInAgain if another request creates the same user at the same time.
    """
    identity = Identity(login=login, github_id=None, name=name)
    # A local domain, so that a development instance emails no stranger.
    email = f"{login.lower()}@localhost.localdomain"
    try:
        return open_account(identity, email=email, by=by)
    except IntegrityError as error:
        raise SignInAgain from error


@transaction.atomic
def end_access(user: User, *, by: Actor) -> None:
    """End all sessions, keys and apps of a user, who may sign in again."""
    locked_user = lock_user(user.pk)
    end_sessions(locked_user)
    locked_user.save(update_fields=["password"])
    end_all_access(locked_user, by=by)


def end_old_access(*, by: Actor) -> int:
    """End the access of users whose last sign-in is too long ago. Returns how many.

    Admission is checked at a sign-in alone, so keys and sessions must not
    outlive it for long. ``settings.SIGN_IN_EVERY_DAYS`` is that time; 0 turns this off. Users who
    never signed in have keys of the operator, which stay.
    """
    days = settings.SIGN_IN_EVERY_DAYS
    if not days:
        return 0
    users = User.objects.filter(is_active=True, last_login__lt=now() - timedelta(days=days))
    has_access = (
        Exists(ApiKey.objects.active().filter(created_by=OuterRef("pk")))
        | Exists(UserSession.objects.filter(user=OuterRef("pk")))
        | Exists(ConnectedApp.objects.filter(user=OuterRef("pk")))
    )
    count = 0
    for user in users.filter(has_access).order_by("pk").iterator():
        end_access(user, by=by)
        count += 1
    return count


EDITABLE_FIELDS = ("bio", "website", "location", "display_name")


@transaction.atomic
def edit_profile(login: str, changes: dict[str, Any], *, by: Actor) -> Profile:
    """Change the actor's own profile. Absent keys keep a value, None clears it."""
    user = by.require("profile:write")
    profile = profile_named(login)
    if profile.user_id != user.pk:
        raise NotYourProfile
    refuse_bad_profile(changes)
    former_name = profile.shown_name
    for field in EDITABLE_FIELDS:
        if field in changes:
            setattr(profile, field, (changes[field] or "").strip() or None)
    profile.updated_at = now()
    profile.save(update_fields=[*EDITABLE_FIELDS, "updated_at"])
    # The name is on many pages, the other fields only on the person's own.
    if profile.shown_name == former_name:
        bump_person(user.pk)
    else:
        bump_pages_with_name(user.pk)
    record("profile.edited", "user", user.username, by=by, fields=sorted(changes))
    return profile


def refuse_bad_profile(changes: dict[str, Any]) -> None:
    """Raise InvalidProfile with every invalid field."""
    errors = []
    for field, limit in (("bio", BIO_LENGTH), ("location", LOCATION_LENGTH), ("display_name", 255)):
        if len(changes.get(field) or "") > limit:
            errors.append({"path": field, "message": f"Up to {limit} characters."})
    for field in ("location", "display_name"):
        text = (changes.get(field) or "").strip()
        if text and not is_readable_name(text):
            errors.append({"path": field, "message": "Use one line of visible characters."})
    website = (changes.get("website") or "").strip()
    if website and not is_web_address(website):
        errors.append(
            {"path": "website", "message": "Enter a URL starting with http:// or https://."}
        )
    if errors:
        raise InvalidProfile("The profile was not saved.", errors=errors)


def empty_profile(user: User) -> None:
    """Erase the personal data of a profile and of the sign-in library.

    The scope's row stays, so no other user can get the scope. The caller holds the user's row lock.
    """
    profile = lock_profile(user.pk)
    remember_identity(user, profile)
    remove_picture(profile)
    profile.bio = profile.website = profile.location = None
    profile.avatar_url = profile.display_name = None
    # The login is personal data; the random name of the row replaces it.
    profile.github_login = user.username
    profile.updated_at = now()
    profile.save()
    bump_site()
    # The login of a derived scope is personal data; why there is one stays.
    Scope.objects.filter(holder=user).update(derived_from=None)
    # Otherwise the next sign-in would find the emptied account.
    SocialAccount.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()


def remember_identity(user: User, profile: Profile) -> None:
    """Store the identities of a deleted account that its scope does not store."""
    scope = Scope.objects.filter(holder=user).first()
    accounts = accounts_of(user.pk)
    keys = {key_of_account(account) for account in accounts}
    if scope is not None and (scope.github_id is not None or scope.subject is not None):
        keys.discard(identity_key(scope.github_id, "", scope.subject or ""))
    elif not keys and (scope is None or scope.derived_from is not None):
        login = scope.derived_from if scope else None
        keys = {identity_key(None, login or profile.github_login.partition("~")[0])}
    for key in keys:
        FormerAccount.objects.update_or_create(identity=key, defaults={"user": user})


def key_of_account(account: SocialAccount) -> str:
    """The identity of an account at a provider, as text."""
    if account.provider == "github":
        return identity_key(int(account.uid), "")
    # Of the development provider the uid is the login.
    subject = account.uid if account.provider == "oidc" else ""
    return identity_key(None, account.uid, subject)


@transaction.atomic
def restore_account(holder: User, identity: Identity, *, email: str, by: Actor) -> User:
    """Give a returning person their account with its scope, agents and reviews.

    The caller has found ``holder`` with `former_holder`, by an identity that never changes.
    """
    user = lock_user(holder.pk)
    if user.is_suspended:
        # A suspension outlived the deletion.
        return user
    # Their other identities lead back to the account, too, each at its next sign-in.
    FormerAccount.objects.filter(user=user, identity=identity.key).delete()
    if not user.is_former:
        # Another browser of the same person was first, or they return with a second identity.
        return user
    scope = scope_of(user.pk)
    choice = ScopeChoice(scope) if scope else choose_scope(identity)
    name = choice.name
    refill_user(
        user, username=name, email=email, name=identity.shown_name, image=identity.avatar_url
    )
    Profile.objects.filter(user=user).update(
        github_login=name,
        display_name=identity.shown_name or None,
        avatar_url=identity.avatar_url[:500] or None,
        updated_at=now(),
    )
    if scope is None:
        claim_scope(user, identity, choice)
    bump_site()
    enqueue_picture_fetch(user, identity.avatar_url)
    record("user.returned", "user", name, by=by)
    return user


@transaction.atomic
def refresh_picture(user: User, identity: Identity, *, by: Actor) -> None:
    """Fetch the picture again at a later sign-in; it may have changed.

    No other data from GitHub changes an existing profile.
    """
    # Pages of the person's agents show the GitHub login, which the library has just stored.
    bump_pages_with_name(user.pk)
    if not user.is_active or not identity.avatar_url:
        return
    profile, address = lock_profile(user.pk), identity.avatar_url[:500]
    if profile.avatar_url != address:
        profile.avatar_url = address
        profile.save(update_fields=["avatar_url"])
        record("profile.edited", "user", user.username, by=by, fields=["avatar_url"])
    # Also for the same address: the picture behind it may be new.
    enqueue_picture_fetch(user, address)
