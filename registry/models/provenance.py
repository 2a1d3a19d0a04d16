"""Trusted publishers, and the runs of CI systems that published versions."""

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.access.models import ApiKey
from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet, NeverDeleted
from foundation.oidc.issuers import find_issuer
from registry.models.versions import Version

ISSUER_LENGTH = 255
REPOSITORY_LENGTH = 255
REF_LENGTH = 255


class TrustedPublisherQuerySet(models.QuerySet["TrustedPublisher"]):
    def active(self) -> Self:
        return self.filter(removed_at=None)


class TrustedPublisher(models.Model):
    """A workflow that may publish one agent without a stored key.

    The agent need not exist yet: then the first publish creates it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    full_id = models.CharField(max_length=140, db_index=True)
    issuer = models.CharField(max_length=ISSUER_LENGTH, help_text="The claim iss of its tokens")
    repository = models.CharField(max_length=REPOSITORY_LENGTH)
    workflow = models.CharField(max_length=255, help_text="The file of the workflow")
    environment = models.CharField(max_length=255, blank=True, help_text="Empty: any")
    refs = models.CharField(max_length=500, help_text="Branches and tags, comma-separated")
    # The ids of the first token. A name can be given to another repository, an id cannot.
    repository_id = models.CharField(max_length=64, blank=True)
    owner_id = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="trusted_publishers"
    )
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    never_deleted = NeverDeleted()
    objects: ClassVar = TrustedPublisherQuerySet.as_manager()

    class Meta:
        db_table = "trusted_publishers"
        constraints = [
            models.UniqueConstraint(
                fields=["full_id", "issuer", "repository", "workflow", "environment"],
                condition=Q(removed_at=None),
                name="one_trusted_publisher_per_workflow",
            )
        ]
        indexes = [
            models.Index(fields=["issuer", "repository"], name="trusted_publishers_by_repo"),
            models.Index(fields=["created_by", "-created_at"], name="trusted_publishers_of_a_user"),
        ]

    def __str__(self) -> str:
        return f"{self.full_id} ← {self.repository} {self.workflow}"

    @property
    def ref_list(self) -> list[str]:
        return self.refs.split(",")

    @property
    def issuer_label(self) -> str:
        issuer = find_issuer(self.issuer)
        return issuer.label if issuer else f"{self.issuer} (no longer trusted by this site)"


class CiRun(models.Model):
    """A run of a workflow: the claims of the verified token that it requested."""

    issuer = models.CharField(max_length=ISSUER_LENGTH)
    repository = models.CharField(max_length=REPOSITORY_LENGTH)
    workflow = models.CharField(max_length=255)
    environment = models.CharField(max_length=255, blank=True)
    ref = models.CharField(max_length=REF_LENGTH)
    commit = models.CharField(max_length=64)
    run_id = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def claims(self) -> dict[str, Any]:
        """Return the columns of this class by name."""
        return {field.name: getattr(self, field.name) for field in CiRun._meta.fields}


class CiKey(CiRun):
    """A key that was given for an identity token; deleted when the token has expired.

    Until then it keeps the token from being used a second time.
    """

    api_key = models.OneToOneField(ApiKey, models.PROTECT, primary_key=True, related_name="+")
    publisher = models.ForeignKey(TrustedPublisher, models.PROTECT, related_name="keys")
    token_id = models.CharField(max_length=255, help_text="The claim jti")
    expires_at = models.DateTimeField(db_index=True, help_text="When neither is valid any more")

    class Meta:
        db_table = "trusted_publisher_keys"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "token_id"], name="identity_token_used_once")
        ]

    def __str__(self) -> str:
        return f"{self.repository} {self.run_id}"


class VersionProvenance(AppendOnly, CiRun):
    """The run of a CI system that published a version."""

    version = models.OneToOneField(
        Version, models.PROTECT, primary_key=True, related_name="provenance"
    )

    objects: ClassVar = AppendOnlyQuerySet.as_manager()

    class Meta:
        db_table = "version_provenance"
        base_manager_name = "objects"
        verbose_name_plural = "version provenance"

    def __str__(self) -> str:
        return f"{self.repository} {self.workflow} at {self.commit}"
