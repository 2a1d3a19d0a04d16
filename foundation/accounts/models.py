"""People with an account. The sign-in library fills the row; nobody else touches it, until its
person deletes the account: then it is emptied, once, and stays for what points to it."""

import re
import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.functional import cached_property

from foundation.clock import now

MAINTAINERS = "Maintainers"
OFFICIAL_PUBLISHERS = "Official publishers"

# Letters alone, eight of them: no GitHub login has a tilde, and ``login~<id>`` ends in digits.
FORMER = "former~"
FORMER_NAME = re.compile(r"former~[a-z]{8}")


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, email: str = "", **fields: object) -> "User":
        """Make a user without a password: GitHub is where people sign in."""
        user = self.model(username=username, email=self.normalize_email(email), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """``users`` of the data model, and what Django's auth needs beside it.

    ``username`` is the GitHub login at first sign-in, lowercased, or ``login~<id>`` where that
    login's scope is held by another GitHub account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=80, unique=True)
    email = models.EmailField(max_length=254, blank=True)
    name = models.CharField(max_length=255, blank=True)
    image = models.CharField(max_length=500, blank=True, help_text="Avatar URL, from GitHub")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="Can access the maintainers' desk")
    created_at = models.DateTimeField(default=now, db_column="created_at")

    objects: ClassVar = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        db_table = "users"

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.name or self.username

    @property
    def is_former(self) -> bool:
        """Whether the person behind this row has deleted their account."""
        return FORMER_NAME.fullmatch(self.username) is not None

    @property
    def is_suspended(self) -> bool:
        return self.suspensions.filter(lifted_at=None).exists()

    @cached_property
    def role_names(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def is_maintainer(self) -> bool:
        return self.is_active and (self.is_superuser or MAINTAINERS in self.role_names)

    @property
    def is_official_publisher(self) -> bool:
        return self.is_active and OFFICIAL_PUBLISHERS in self.role_names


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def in_force(self) -> "SuspensionQuerySet":
        return self.filter(lifted_at=None)


class Suspension(models.Model):
    """A maintainer has closed an account, with a reason that its person reads. What they published
    stays. The user's row is inactive as long as it is in force."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="suspensions")
    reason = models.TextField()
    suspended_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    suspended_at = models.DateTimeField(default=now)
    lifted_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.TextField(null=True)

    objects: ClassVar = SuspensionQuerySet.as_manager()

    class Meta:
        db_table = "suspensions"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(lifted_at=None),
                name="one_suspension_in_force_per_user",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} since {self.suspended_at}"
