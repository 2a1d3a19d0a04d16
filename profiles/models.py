"""Public profiles and scopes."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.accounts.models import FORMER_NAME
from foundation.clock import now

BIO_LENGTH = 280
LOCATION_LENGTH = 100


class Profile(models.Model):
    """The public profile of a user, created at first sign-in from GitHub's data."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="profile"
    )
    bio = models.CharField(max_length=BIO_LENGTH, null=True, blank=True)
    website = models.CharField(max_length=2048, null=True, blank=True)
    location = models.CharField(max_length=LOCATION_LENGTH, null=True, blank=True)
    github_login = models.CharField(
        max_length=80,
        unique=True,
        help_text="The GitHub login at first sign-in, lowercase, or the scope derived from it",
    )
    avatar_url = models.CharField(max_length=500, null=True, blank=True)
    display_name = models.CharField(max_length=255, null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    # Beyond the data model: our own small copy of the picture at avatar_url.
    picture_key = models.CharField(max_length=255, null=True, blank=True, unique=True)
    picture_sha256 = models.CharField(max_length=64, null=True, blank=True)
    picture_size_bytes = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "profiles"
        constraints = [
            models.CheckConstraint(
                condition=Q(picture_key=None, picture_sha256=None, picture_size_bytes=None)
                | Q(
                    picture_key__isnull=False,
                    picture_sha256__isnull=False,
                    picture_size_bytes__isnull=False,
                ),
                name="picture_has_key_digest_and_size",
            )
        ]

    def __str__(self) -> str:
        return self.github_login

    @property
    def is_former(self) -> bool:
        """Whether the person has deleted their account; what they published stays."""
        return FORMER_NAME.fullmatch(self.github_login) is not None

    @property
    def is_suspended(self) -> bool:
        """Whether a maintainer suspended the account. Needs the user, not its suspensions."""
        return not self.user.is_active and not self.is_former

    @property
    def shown_name(self) -> str:
        if self.is_former:
            return _("former member")
        return self.display_name or self.github_login


class ScopeReason(models.TextChoices):
    """Why a scope is not the login that its holder had at the first sign-in."""

    CHARACTERS = "characters", "The login has characters that no scope has"
    LENGTH = "length", "The login is longer than a scope"
    RESERVED = "reserved", "The login is a reserved name"
    TAKEN = "taken", "The login is the scope of somebody else"


class Scope(models.Model):
    """The permanent holder of a scope.

    Beyond the data model, which identifies an owner by login: a login can change hands on GitHub,
    the numeric id cannot; and at another provider the subject cannot.
    """

    Reason = ScopeReason

    name = models.CharField(primary_key=True, max_length=64)
    github_id = models.BigIntegerField(
        null=True, unique=True, help_text="GitHub's numeric id; empty for other accounts"
    )
    subject = models.CharField(
        max_length=64,
        null=True,
        unique=True,
        help_text="Digest of issuer and subject at an OpenID Connect provider; else empty",
    )
    # PROTECT, so that a scope can never become free.
    holder = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="held_scope"
    )
    created_at = models.DateTimeField(default=now)
    reason = models.CharField(
        max_length=16,
        null=True,
        choices=ScopeReason,
        help_text="Why the scope is derived from the login; empty if it is the login",
    )
    derived_from = models.CharField(
        max_length=255,
        null=True,
        help_text="The login that it was derived from; empty once the account is deleted",
    )
    # Both of a scope that belongs to no account here, because a mirror keeps it.
    mirrored_from = models.CharField(
        max_length=255,
        null=True,
        help_text="The origin of the shop that the scope is mirrored from",
    )
    mirrored_at = models.DateTimeField(
        null=True, help_text="When the mirror compared the scope last, to about an hour"
    )

    objects: ClassVar = models.Manager["Scope"]()

    class Meta:
        db_table = "scopes"
        constraints = [
            models.CheckConstraint(
                condition=Q(reason=None, derived_from=None) | Q(reason__in=ScopeReason.values),
                name="derived_scope_has_a_known_reason",
            )
        ]

    def __str__(self) -> str:
        return self.name


class FormerAccount(models.Model):
    """An identity of a deleted account that its scope does not store.

    A scope knows its holder by GitHub's numeric id or by the subject at another provider; the
    second sign-in of an account is kept here. A development user with a derived scope has
    none: without this row they would return as another user and could review an agent again
    (ADR 23). So would an account from the time before scopes were derived.
    """

    identity = models.CharField(
        primary_key=True,
        max_length=80,
        help_text="github:<numeric id>, oidc:<digest>, or login:<login>",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="former_accounts"
    )
    deleted_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["FormerAccount"]()

    class Meta:
        db_table = "former_accounts"

    def __str__(self) -> str:
        return self.identity
