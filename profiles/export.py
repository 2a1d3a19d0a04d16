"""Exported tables of profiles and scopes, and sign-in data in backups."""

from collections.abc import Collection, Iterable

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db.models import OuterRef, Subquery

from foundation.accounts.export import PLACEHOLDER_NAME
from foundation.accounts.models import FORMER_NAME_PREFIX, User
from foundation.batches import in_batches
from foundation.export import PersonalDataPart, Row, StoredFile, Table, is_sha256, rows_without
from foundation.text.names import clean_names
from profiles.models import FormerAccount, Profile, Scope
from profiles.pictures import FOLDER
from profiles.rules import is_web_address, may_be_a_scope


def _check_profile(row: Row) -> str:
    for column in ("website", "avatar_url"):
        if row[column] and not is_web_address(row[column]):
            return f"{column} is not an http or https address"
    if row["picture_key"] and not _is_a_picture(row):
        return "picture_key does not name a picture of this person by its SHA-256"
    return "" if row["github_login"] == row["github_login"].lower() else "github_login has capitals"


def _is_a_picture(row: Row) -> bool:
    sha256 = str(row["picture_sha256"])
    expected_key = f"{FOLDER}/{row['user_id']}/{sha256}.png"
    return is_sha256(sha256) and row["picture_key"] == expected_key


def _check_scope(row: Row) -> str:
    return "" if may_be_a_scope(row["name"]) else "name cannot be a scope"


PROFILES = Table(
    name="profiles",
    model=Profile,
    order=["user_id"],
    problem=_check_profile,
    converters={"display_name": clean_names, "location": clean_names},
    stored_file=StoredFile(key="picture_key", sha256="picture_sha256", size="picture_size_bytes"),
)
SCOPES = Table(
    name="scopes",
    model=Scope,
    order=["name"],
    aliases={"user_id": "holder_id"},
    problem=_check_scope,
)
ACCOUNTS = Table(
    name="accounts",
    model=SocialAccount,
    order=["user_id", "id"],
    private=True,
    omitted_columns=frozenset({"id"}),
)
FORMER_ACCOUNTS = Table(
    name="former_accounts", model=FormerAccount, order=["identity"], private=True
)
EMAIL_ADDRESSES = Table(
    name="email_addresses",
    model=EmailAddress,
    order=["user_id", "id"],
    private=True,
    omitted_columns=frozenset({"id"}),
)


def after_import(absent: Collection[str]) -> None:
    """Derive absent tables and columns of people from those that a catalogue has."""
    if "profiles" in absent:
        _add_in_batches(Profile, (_profile_of(user) for user in User.objects.iterator()))
    if "users.username" in absent:
        login = Profile.objects.filter(user=OuterRef("pk")).values("github_login")
        nameless = User.objects.filter(username__startswith=PLACEHOLDER_NAME, profile__isnull=False)
        nameless.update(username=Subquery(login))
    if "scopes" in absent:
        scope_holders = (p for p in Profile.objects.iterator() if may_be_a_scope(p.github_login))
        _add_in_batches(Scope, (_scope_of(profile) for profile in scope_holders))
    if "accounts" in absent:
        # A former member has no account at the sign-in library and returns by the scope.
        former_scopes = Scope.objects.filter(
            holder__username__startswith=FORMER_NAME_PREFIX, holder__is_active=False
        )
        scopes = Scope.objects.exclude(github_id=None).exclude(pk__in=former_scopes)
        _add_in_batches(SocialAccount, (_account_of(scope) for scope in scopes.iterator()))


def _profile_of(user: User) -> Profile:
    moment = user.created_at
    return Profile(user=user, github_login=user.username, created_at=moment, updated_at=moment)


def _scope_of(profile: Profile) -> Scope:
    return Scope(
        name=profile.github_login, holder_id=profile.user_id, created_at=profile.created_at
    )


def _account_of(scope: Scope) -> SocialAccount:
    # The numeric id identifies the holder at sign-in. Without this row the holder would be a new
    # user whose login is taken.
    data = {"id": scope.github_id, "login": scope.name}
    return SocialAccount(
        provider="github", uid=str(scope.github_id), user_id=scope.holder_id, extra_data=data
    )


def _add_in_batches(model: type[Profile | Scope | SocialAccount], rows: Iterable[object]) -> None:
    for batch in in_batches(rows):
        model._default_manager.bulk_create(batch)  # type: ignore[arg-type]


PERSONAL_DATA = (
    PersonalDataPart(
        "profile", lambda user_id: rows_without(Profile.objects.filter(user_id=user_id))
    ),
    PersonalDataPart(
        "scope", lambda user_id: rows_without(Scope.objects.filter(holder_id=user_id))
    ),
    PersonalDataPart(
        "sign_in", lambda user_id: rows_without(SocialAccount.objects.filter(user_id=user_id), "id")
    ),
    PersonalDataPart(
        "email_addresses",
        lambda user_id: rows_without(EmailAddress.objects.filter(user_id=user_id), "id"),
    ),
)
