"""First sign-in: the profile, and the scope bound to GitHub's numeric id."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import get_resolver
from hypothesis import given
from hypothesis.strategies import integers, text

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from profiles.actions import make_development_user, open_account
from profiles.identity import Identity
from profiles.models import Profile, Scope
from profiles.queries import scope_of, user_named
from profiles.rules import derived_scopes, is_reserved_scope, is_web_address, may_be_a_scope
from profiles.scopes import add_missing_scope, choose_scope
from tests.support.factories import SYSTEM
from tests.support.http import Api
from tests.support.packages import manifest
from tests.support.uploads import PUBLISH, parts


def arrive(login: str, github_id: int | None, **fields: Any) -> User:
    return open_account(Identity(login=login, github_id=github_id, **fields), by=SYSTEM)


def test_first_sign_in_creates_profile_and_scope(db: None) -> None:
    user = arrive("Ada", 1, name="Ada Lovelace", avatar_url="https://example.org/ada.png")

    profile = Profile.objects.get()
    assert (user.username, profile.user_id, profile.github_login) == ("ada", user.pk, "ada")
    assert profile.display_name == "Ada Lovelace"
    assert profile.avatar_url == "https://example.org/ada.png"
    assert (profile.bio, profile.website, profile.location) == (None, None, None)
    assert profile.created_at == profile.updated_at == user.created_at
    assert list(Scope.objects.values_list("name", "github_id", "holder")) == [("ada", 1, user.pk)]
    log = AuditLog.objects.get()
    assert (log.action, log.entity_id, log.details) == (
        "user.arrived",
        "ada",
        {"scope_reason": None},
    )


# Login, id and the scope that they get beside @ada of another account.
DERIVED = [
    ("mona_octo", 9, "mona--octo", "characters"),
    ("Mona_ACME", 9, "mona--acme", "characters"),
    ("a.b", 9, "a--b", "characters"),
    ("_ada", 9, "ada--9", "characters"),
    ("\u00e4d\u00e4", 9, "d--9", "characters"),
    ("\u6f22\u5b57", 9, "user--9", "characters"),
    ("", 9, "user--9", "characters"),
    ("ad_min", 9, "user--9", "characters"),
    ("x" * 65, 9, "x" * 61 + "--9", "length"),
    ("x_" * 40, 9, ("x--" * 20 + "x--9")[:64], "characters"),
    ("ADA", 9, "ada--9", "taken"),
    ("admin", 9, "user--9", "reserved"),
    ("open-claw", 9, "user--9", "reserved"),
    ("ada", None, "ada--dev", "taken"),
]


@pytest.mark.once
@pytest.mark.parametrize(("login", "github_id", "name", "reason"), DERIVED)
def test_login_that_cannot_be_a_scope_gets_a_derived_one(
    db: None, login: str, github_id: int | None, name: str, reason: str
) -> None:
    first = arrive("ada", 1)

    late = arrive(login, github_id)

    assert (late.username, late.profile.github_login) == (name, name)
    scope = Scope.objects.get(holder=late)
    assert (scope.name, scope.github_id) == (name, github_id)
    assert (scope.reason, scope.derived_from) == (reason, login)
    assert may_be_a_scope(name)
    assert scope_of(first.pk) == "ada"
    assert AuditLog.objects.get(entity_id=name).details == {"scope_reason": reason}


@pytest.mark.once
@given(login=text(max_size=90), github_id=integers(min_value=1, max_value=2**63 - 1))
def test_derived_scope_is_valid_free_and_no_login_of_somebody_else(
    login: str, github_id: int
) -> None:
    names = list(islice(derived_scopes(login.lower(), str(github_id)), 5))

    assert len(set(names)) == len(names)
    for name in names:
        assert may_be_a_scope(name), name
        assert "--" in name
    assert f"--{github_id}" in names[-1]


@pytest.mark.once
def test_later_accounts_with_one_login_get_different_scopes(db: None) -> None:
    for number in (1, 2, 3):
        arrive("ada", number)
    # A managed user whose derived scope is the one of the second account.
    arrive("ada_2", 4)

    assert sorted(Scope.objects.values_list("name", flat=True)) == [
        *("ada", "ada--2", "ada--2--4", "ada--3"),
    ]


@pytest.mark.once
def test_scope_of_a_development_user_is_taken(db: None) -> None:
    make_development_user("ada", by=SYSTEM)

    assert arrive("ada", 1).username == "ada--1"


@pytest.mark.once
def test_invisible_characters_of_a_github_name_are_removed(db: None) -> None:
    user = arrive("ada", 1, name="Ada\u200b\u202e Lovelace\u3164")

    assert Profile.objects.get(user=user).display_name == "Ada Lovelace"
    assert arrive("eve", 2, name="\u200b").profile.shown_name == "eve"


def first_parts(patterns: Iterable[Any], prefix: str = "") -> Iterator[str]:
    """The first part of each address of the site."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern).lstrip("^")
        if hasattr(pattern, "url_patterns"):
            yield from first_parts(pattern.url_patterns, address)
        else:
            yield re.split(r"[^a-z0-9]", address)[0]


@pytest.mark.once
def test_first_parts_of_addresses_are_reserved():
    parts = {part for part in first_parts(get_resolver().url_patterns) if part}
    # Files with a fixed name at the root.
    parts -= {"favicon", "llms", "opensearch"}

    assert {part for part in parts if not is_reserved_scope(part)} == set()


RESERVED = ["admin", "Store", "official", "clawstore", "openclaw", "api", "open-claw", "acme"]


@pytest.mark.once
@pytest.mark.parametrize("login", RESERVED)
def test_reserved_name_is_no_part_of_a_new_scope(db: None, settings: Any, login: str) -> None:
    settings.RESERVED_SCOPES = ["Acme", "user--7"]

    user = arrive(login, 7)

    assert user.username == scope_of(user.pk) == "user--7-2"


@pytest.mark.once
def test_managed_user_publishes_under_the_derived_scope(
    db: None, api: Api, key_for: Callable[..., str]
) -> None:
    user = arrive("mona_octo", 7)
    key = key_for(user, "agents:publish", "read")

    response = api.upload(PUBLISH, parts(manifest(id="@mona--octo/coach")), key=key)

    assert (response.status_code, response.json()["id"]) == (200, "@mona--octo/coach")
    assert api.get("/v1/me", key=key).json()["scope"] == "mona--octo"
    agent = api.get("/v1/agents/mona--octo/coach").json()
    assert agent["owner"]["githubLogin"] == "mona--octo"


@pytest.mark.once
def test_the_holder_of_a_scope_keeps_it_when_it_becomes_reserved(db: None, settings: Any) -> None:
    user = arrive("acme", 7)
    settings.RESERVED_SCOPES = ["acme"]

    assert scope_of(user.pk) == "acme"


@pytest.mark.once
def test_github_account_has_at_most_one_scope(db: None) -> None:
    arrive("ada", 1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Scope.objects.create(name="other", github_id=1, holder=arrive("grace", 2))


@pytest.mark.once
def test_scope_stays_after_its_account_is_deleted(db: None) -> None:
    user = arrive("ada", 1)

    with pytest.raises(ProtectedError), transaction.atomic():
        User.objects.filter(pk=user.pk).delete()
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert choose_scope(Identity(login="ada", github_id=2)).name == "ada--2"


@pytest.mark.once
def test_user_is_found_by_the_login_that_the_scope_is_derived_from(db: None) -> None:
    ada, derived_user = arrive("ada", 1), arrive("Mona_Octo", 2)
    arrive("ada", 3)

    assert (user_named("ada"), user_named("ada--3") is None) == (ada, False)
    assert user_named("mona_octo") == user_named("mona--octo") == derived_user
    # Two are derived from it, and no name says which one is meant.
    arrive("admin", 4)
    arrive("admin", 5)
    assert user_named("admin") is None


@pytest.mark.once
def test_account_from_before_scopes_were_derived_gets_one(db: None) -> None:
    arrive("ada", 1)
    user = arrive("ada", 2)
    Scope.objects.filter(holder=user).delete()
    User.objects.filter(pk=user.pk).update(username="ada~2")
    user.refresh_from_db()
    identity = Identity("ada", 2)

    assert add_missing_scope(user, identity, by=SYSTEM)
    assert not add_missing_scope(user, identity, by=SYSTEM)

    assert (user.username, scope_of(user.pk)) == ("ada--2", "ada--2")
    assert Profile.objects.get(user=user).github_login == "ada--2"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_of_two_accounts_gets_a_contested_login() -> None:
    """The second concurrent sign-in fails completely, then gets a derived scope."""
    barrier = Barrier(2)
    failures: list[int] = []

    def sign_in(number: int) -> None:
        barrier.wait()
        try:
            arrive("ada", number)
        except IntegrityError:
            failures.append(number)
        finally:
            connection.close()

    threads = [Thread(target=sign_in, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in failures:
        arrive("ada", number)

    assert (User.objects.count(), Profile.objects.count()) == (2, 2)
    holder = Scope.objects.get(name="ada")
    other = Scope.objects.exclude(name="ada").get()
    assert (other.name, other.github_id) == (f"ada--{other.github_id}", 3 - (holder.github_id or 0))


@pytest.mark.once
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//example.org",
        "example.org",
        "ftp://example.org",
        "http://",
        "https:///path",
        "https://user@example.org",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://example.org/\0",
        "http://[::1",
        "https://" + "x" * 2050,
    ],
)
def test_invalid_website_is_refused(address: str) -> None:
    assert not is_web_address(address)


@pytest.mark.once
@pytest.mark.parametrize(
    "address", ["https://example.org", "HTTP://EXAMPLE.ORG/x?y#z", "http://[::1]:8000/"]
)
def test_valid_website_is_accepted(address: str) -> None:
    assert is_web_address(address)
