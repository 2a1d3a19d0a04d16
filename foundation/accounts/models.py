"""User accounts and their suspensions.

The sign-in library creates a user's row. Our code changes it only when the person leaves (the row
is emptied and stays for what refers to it) and when they return.
"""

import re
import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.functional import cached_property

from foundation.accounts.roles import get_role
from foundation.clock import now

# Neither a GitHub login nor a scope contains a tilde.
FORMER_NAME_PREFIX = "former~"
FORMER_NAME = re.compile(r"former~[a-z]{8}")


def is_former_name(login: str) -> bool:
    """Whether a login is that of a person who has deleted their account."""
    return FORMER_NAME.fullmatch(login) is not None


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, email: str = "", **fields: object) -> "User":
        """Create a user without a password: people sign in with GitHub."""
        user = self.model(username=username, email=self.normalize_email(email), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def with_role(self, name: str) -> "models.QuerySet[User]":
        """Active users with the role. Raises UnknownRole."""
        role = get_role(name)
        members = models.Q(groups__name=role.group)
        if role.is_staff:
            members |= models.Q(is_superuser=True)
        return self.filter(members, is_active=True).distinct()


class User(AbstractBaseUser, PermissionsMixin):
    """A person.

    The columns are those of ``users`` in the data model, plus those of Django's auth.
    ``username`` is the scope: the GitHub login at first sign-in, in lower case, or a name
    derived from it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=80, unique=True)
    email = models.EmailField(max_length=254, blank=True)
    name = models.CharField(max_length=255, blank=True)
    image = models.CharField(max_length=500, blank=True, help_text="Avatar URL, from GitHub")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May enter the maintainers' desk")
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
        """Whether the person has deleted their account."""
        return is_former_name(self.username)

    @property
    def is_suspended(self) -> bool:
        # The history has the truth; `is_active` is also False for deleted accounts.
        return self.suspensions.filter(lifted_at=None).exists()

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of the user's groups, as people read them."""
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, name: str) -> bool:
        """Whether the user is active and has the role. Raises UnknownRole."""
        role = get_role(name)
        is_member = role.group in self.role_names
        # A superuser operates the instance and can give themselves any role anyway.
        return self.is_active and (is_member or (role.is_staff and self.is_superuser))


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def in_force(self) -> "SuspensionQuerySet":
        return self.filter(lifted_at=None)


class Suspension(models.Model):
    """A maintainer has closed an account, with a reason that the person reads.

    What the person published stays. While the suspension is in force, ``User.is_active`` is False.
    """

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
