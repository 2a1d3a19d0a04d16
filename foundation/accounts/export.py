"""Export of accounts. A public export has neither email addresses nor passwords."""

from collections.abc import Iterator

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission

from foundation.accounts.models import Suspension, User
from foundation.export import CustomPart, PersonalDataPart, Row, Table, rows_without
from foundation.text.names import clean_names, is_readable_name

# Labels of apps that were split, in older exports.
FORMER_PERMISSIONS = {
    "events.view_auditlog": "audit.view_auditlog",
    "events.view_job": "jobs.view_job",
}
PLACEHOLDER_NAME = "user~"


def _roles() -> Iterator[Row]:
    """Yield groups with the names of their permissions: ids differ between databases."""
    for group in Group.objects.order_by("id"):
        permissions = group.permissions.values_list("content_type__app_label", "codename")
        members = User.objects.filter(groups=group).order_by("id").values_list("id", flat=True)
        yield {
            "name": group.name,
            "permissions": sorted(f"{app}.{codename}" for app, codename in permissions),
            "members": [str(member) for member in members],
        }


def _add_role(row: Row) -> str:
    # The groups may exist already: `prepare` creates them.
    group, _ = Group.objects.get_or_create(name=row["name"])
    labels = [FORMER_PERMISSIONS.get(label, label) for label in row["permissions"]]
    for label in labels:
        app, _, codename = label.partition(".")
        permission = Permission.objects.filter(
            content_type__app_label=app, codename=codename
        ).first()
        if permission is None:
            return f"permission {label} does not exist"
        group.permissions.add(permission)
    members = User.objects.filter(pk__in=row["members"])
    if len(members) != len(row["members"]):
        return "a member is not one of the users"
    group.user_set.add(*members)
    return ""


def _check_user(row: Row) -> str:
    return "" if is_readable_name(row["username"]) else "username has invisible characters"


USERS = Table(
    name="users",
    model=User,
    order=["id"],
    problem=_check_user,
    converters={"name": clean_names},
    private_columns=frozenset({"email", "password", "last_login", "is_staff", "is_superuser"}),
    aliases={"createdAt": "created_at"},
    defaults={
        "password": lambda row: make_password(None),
        # A catalogue with only the columns of the data model has the name in the profile.
        "username": lambda row: f"{PLACEHOLDER_NAME}{row['id']}",
    },
)
ROLES = CustomPart(name="roles", rows=_roles, add=_add_role)
SUSPENSIONS = Table(name="suspensions", model=Suspension, order=["id"], private=True)

PERSONAL_DATA = (
    PersonalDataPart(
        "user", lambda user_id: rows_without(User.objects.filter(pk=user_id), "password")
    ),
    PersonalDataPart(
        "suspensions",
        lambda user_id: rows_without(
            Suspension.objects.filter(user_id=user_id).order_by("suspended_at"),
            "suspended_by_user_id",
            "lifted_by_user_id",
        ),
    ),
    PersonalDataPart(
        "roles", lambda user_id: rows_without(Group.objects.filter(user=user_id), "id")
    ),
)
