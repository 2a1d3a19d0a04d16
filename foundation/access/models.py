"""API keys, device logins that create them, and apps connected by OAuth."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db import models

from foundation.clock import now
from foundation.immutable import NeverDeleted
from foundation.text.names import readable_name

# A lost laptop keeps access for at most a quarter.
DEVICE_KEY_LIFETIME = timedelta(days=90)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def active(self, moment: Any = None) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired, of users who may act.

        ``moment`` is now by default; a compiled query passes a parameter.
        """
        is_unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=moment or now())
        return self.filter(is_unexpired, revoked_at=None, created_by__is_active=True)


class ApiKey(models.Model):
    """An API key.

    The columns are those of ``api_keys`` in the data model, plus ``from_device``. Only a digest
    is stored: the key itself is shown once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    # A leaked database must not contain usable keys.
    key_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key")
    key_prefix = models.CharField(
        max_length=16, help_text="The first characters, to tell keys apart"
    )
    scopes = models.CharField(max_length=255, help_text="Comma-separated")
    bound_to = models.CharField(
        max_length=140, blank=True, help_text="The one subject that it may touch, or empty"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_keys"
    )
    from_device = models.BooleanField(default=False, db_default=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    # The audit log names keys by their id, without a foreign key.
    never_deleted = NeverDeleted()
    objects: ClassVar = ApiKeyQuerySet.as_manager()

    class Meta:
        db_table = "api_keys"
        verbose_name = "API key"
        indexes = [models.Index(fields=["created_by", "-created_at"], name="api_keys_of_a_user")]

    def __str__(self) -> str:
        return f"{self.name} ({self.key_prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()

    @property
    def scopes_in_words(self) -> str:
        return self.scopes.replace(",", ", ")

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(scope for scope in self.scopes.split(",") if scope)


class DeviceLoginStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    SPENT = "spent"


class DeviceLogin(models.Model):
    """A device that asks for a key (RFC 8628). Both codes are stored as digests."""

    Status = DeviceLoginStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_code_hash = models.CharField(max_length=64, unique=True)
    user_code_hash = models.CharField(max_length=64, unique=True)
    client_id = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    # An address is personal data, so it goes with the login.
    requested_from = models.CharField(
        max_length=64, blank=True, help_text="The device's address, until it expires"
    )
    user_agent = models.CharField(max_length=200, blank=True)
    interval = models.PositiveSmallIntegerField(default=5, help_text="Seconds between two polls")
    last_polled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "device_logins"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=DeviceLoginStatus.values),
                name="device_login_status_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.status}"

    @property
    def key_lifetime(self) -> timedelta:
        """How long the key of an approved login is valid."""
        return DEVICE_KEY_LIFETIME

    @property
    def client_name(self) -> str:
        """The client's own name for itself, without invisible characters."""
        return readable_name(self.client_id) or "unnamed"


class ConnectedApp(models.Model):
    """An app that may act for a user at MCP, with granted scopes (OAuth 2.1).

    Its tokens are rows of the library's table with the same client and user. Ending the
    connection deletes them and this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="connected_apps"
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="connected_apps")
    name = models.CharField(max_length=100, help_text="What the app calls itself")
    redirect_host = models.CharField(max_length=260)
    scopes = models.CharField(max_length=255, help_text="Comma-separated")
    granted_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "connected_apps"
        verbose_name = "connected app"
        constraints = [
            models.UniqueConstraint(fields=["user", "client"], name="app_is_connected_once_by_user")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes_in_words(self) -> str:
        return self.scopes.replace(",", ", ")

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(scope for scope in self.scopes.split(",") if scope)


class AuthorizationCode(models.Model):
    """A code that an app exchanges for tokens, once. Stored as a digest.

    A used code stays until it expires, so that a second use is noticed.
    """

    code_hash = models.CharField(max_length=64, unique=True)
    app = models.ForeignKey(ConnectedApp, models.CASCADE, related_name="codes")
    redirect_uri = models.CharField(max_length=500)
    resource = models.CharField(max_length=300)
    scopes = models.CharField(max_length=255, help_text="Comma-separated")
    code_challenge = models.CharField(max_length=43, help_text="Of PKCE, by S256")
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oauth_codes"

    def __str__(self) -> str:
        return f"code of {self.app_id}"


class ReplacedToken(models.Model):
    """A refresh token that was exchanged. Its second use ends the connection."""

    token_hash = models.CharField(max_length=255, unique=True)
    app = models.ForeignKey(ConnectedApp, models.CASCADE, related_name="replaced_tokens")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "oauth_replaced_tokens"

    def __str__(self) -> str:
        return f"replaced token of {self.app_id}"
