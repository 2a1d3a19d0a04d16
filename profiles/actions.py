"""Arriving, saying who one is, leaving, and coming back."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from foundation.accounts.actions import lock_user, refill_user
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.caching.actions import bump_site
from foundation.clock import now
from profiles.errors import InvalidProfile, NotYourProfile, SignInAgain
from profiles.models import BIO_LENGTH, LOCATION_LENGTH, Profile, Scope
from profiles.pictures import ask_for_picture, drop_picture, hold_profile
from profiles.queries import profile_named
from profiles.revisions import bump_pages_with_name, bump_person
from profiles.rules import is_one_line, is_web_address, may_be_a_scope


@dataclass(frozen=True, slots=True)
class GitHubIdentity:
    """What GitHub says of who signs in. ``github_id`` is None for a development user."""

    login: str
    github_id: int | None
    name: str = ""
    avatar_url: str = ""


def username_for(identity: GitHubIdentity) -> str:
    """The login, lowercased; ``login~<id>`` where its scope is taken or it cannot be one."""
    login = identity.login.lower()
    if may_be_a_scope(login) and not _scope_is_taken(login, identity.github_id):
        return login
    return f"{login}~{identity.github_id if identity.github_id is not None else 'dev'}"


def _scope_is_taken(login: str, github_id: int | None) -> bool:
    return (
        Scope.objects.filter(name=login)
        .exclude(github_id=github_id, github_id__isnull=False)
        .exists()
    )


@transaction.atomic
def welcome(user: User, identity: GitHubIdentity, *, by: Actor) -> Profile:
    """At first sign-in: the profile from what GitHub says, and the scope, bound to the numeric id
    for ever. Whoever comes with a login whose scope another id holds gets none."""
    login = identity.login.lower()
    profile = Profile.objects.create(
        user=user,
        github_login=user.username,
        display_name=identity.name[:255] or None,
        avatar_url=identity.avatar_url[:500] or None,
        created_at=user.created_at,
        updated_at=user.created_at,
    )
    if user.username == login:
        Scope.objects.create(name=login, github_id=identity.github_id, holder=user)
    ask_for_picture(user, identity.avatar_url)
    record("user.arrived", "user", user.username, by=by, has_scope=user.username == login)
    return profile


def make_development_user(login: str, *, name: str = "", by: Actor) -> User:
    """A user whom no GitHub account stands behind, for development: the caller sees to that.
    Refuses where somebody else makes the same one at this moment."""
    identity = GitHubIdentity(login=login, github_id=None, name=name)
    email = f"{login.lower()}@localhost.localdomain"
    try:
        with transaction.atomic():
            user = User.objects.create_user(username_for(identity), email=email, name=name)
            welcome(user, identity, by=by)
    except IntegrityError as error:
        raise SignInAgain from error
    return user


EDITABLE = ("bio", "website", "location", "display_name")


@transaction.atomic
def edit_profile(login: str, changes: dict[str, Any], *, by: Actor) -> Profile:
    """Change what the profile's own user may: absent keys stay, None clears."""
    user = by.require("profile:write")
    profile = profile_named(login)
    if profile.user_id != user.pk:
        raise NotYourProfile
    refuse_bad_profile(changes)
    former_name = profile.shown_name
    for field in EDITABLE:
        if field in changes:
            setattr(profile, field, (changes[field] or "").strip() or None)
    profile.updated_at = now()
    profile.save(update_fields=[*EDITABLE, "updated_at"])
    if profile.shown_name == former_name:
        bump_person(user.pk)
    else:
        bump_pages_with_name(user.pk)
    record("profile.edited", "user", user.username, by=by, fields=sorted(changes))
    return profile


def refuse_bad_profile(changes: dict[str, Any]) -> None:
    """Refuses with every wrong field at once."""
    errors = []
    for field, most in (("bio", BIO_LENGTH), ("location", LOCATION_LENGTH), ("display_name", 255)):
        if len(changes.get(field) or "") > most:
            errors.append({"path": field, "message": f"Up to {most} characters."})
    for field in ("location", "display_name"):
        if not is_one_line((changes.get(field) or "").strip()):
            errors.append({"path": field, "message": "Use one line without control characters."})
    website = (changes.get("website") or "").strip()
    if website and not is_web_address(website):
        errors.append(
            {"path": "website", "message": "Enter a URL starting with http:// or https://."}
        )
    if errors:
        raise InvalidProfile("The profile was not saved.", errors=errors)


def empty_profile(user: User) -> None:
    """Take the person out of their profile, and out of the sign-in library. The scope's row stays,
    so that it is never given to anybody else. The caller has emptied the user's locked row."""
    profile = hold_profile(user.pk)
    drop_picture(profile)
    profile.bio = profile.website = profile.location = None
    profile.avatar_url = profile.display_name = None
    profile.github_login = user.username
    profile.updated_at = now()
    profile.save()
    bump_site()
    SocialAccount.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()


@transaction.atomic
def welcome_back(holder: User, identity: GitHubIdentity, *, email: str, by: Actor) -> User:
    """The row that a deleted account left is its person's again, with its scope, under the scope's
    name. By GitHub's numeric id, which ``former_holder`` has compared."""
    user = lock_user(holder.pk)
    if not user.is_former or user.is_suspended:
        # Two browsers at once, and the other was first; or a suspension, which outlives a deletion.
        return user
    name = Scope.objects.get(holder=user).name
    refill_user(user, username=name, email=email, name=identity.name, image=identity.avatar_url)
    Profile.objects.filter(user=user).update(
        github_login=name,
        display_name=identity.name[:255] or None,
        avatar_url=identity.avatar_url[:500] or None,
        updated_at=now(),
    )
    bump_site()
    ask_for_picture(user, identity.avatar_url)
    record("user.returned", "user", name, by=by)
    return user


@transaction.atomic
def look_at_picture_again(user: User, identity: GitHubIdentity, *, by: Actor) -> None:
    """At every later sign-in: the picture may be another one by now, at the same address or at
    another. Nothing else of what GitHub says changes a profile."""
    # The login at GitHub, which the library has just stored, stands on the pages of their agents.
    bump_pages_with_name(user.pk)
    if not user.is_active or not identity.avatar_url:
        return
    profile, address = hold_profile(user.pk), identity.avatar_url[:500]
    if profile.avatar_url != address:
        profile.avatar_url = address
        profile.save(update_fields=["avatar_url"])
        record("profile.edited", "user", user.username, by=by, fields=["avatar_url"])
    ask_for_picture(user, address)
