"""First sign-in: the profile, and the scope bound to GitHub's numeric id."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from profiles.actions import GitHubIdentity, create_profile, make_development_user, username_for
from profiles.models import Profile, Scope
from profiles.queries import scope_of
from profiles.rules import is_web_address, may_be_a_scope
from registry.models import Agent
from tests.support.factories import SYSTEM
from tests.support.http import Api
from tests.support.packages import manifest
from tests.support.uploads import PUBLISH, parts


def arrive(login: str, github_id: int | None, **fields: Any) -> User:
    """Create a user and a profile, as the sign-in library does."""
    identity = GitHubIdentity(login=login, github_id=github_id, **fields)
    with transaction.atomic():
        user = User.objects.create_user(username_for(identity))
        create_profile(user, identity, by=SYSTEM)
    return user


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
    assert (log.action, log.entity_id, log.details) == ("user.arrived", "ada", {"has_scope": True})


@pytest.mark.parametrize("login", ["ada", "ADA", "Ada"])
def test_other_github_account_with_a_taken_login_gets_no_scope(db: None, login: str) -> None:
    first = arrive("ada", 1)

    late = arrive(login, 2)

    assert late.username == "ada~2"
    assert Profile.objects.get(user=late).github_login == "ada~2"
    assert (scope_of(first.pk), scope_of(late.pk)) == ("ada", None)
    assert AuditLog.objects.get(entity_id="ada~2").details == {"has_scope": False}


def test_later_accounts_with_one_login_get_different_usernames(db: None) -> None:
    for number in (1, 2, 3):
        arrive("ada", number)

    assert sorted(User.objects.values_list("username", flat=True)) == ["ada", "ada~2", "ada~3"]
    assert Scope.objects.count() == 1


def test_scope_of_a_development_user_is_taken(db: None) -> None:
    make_development_user("ada", by=SYSTEM)

    assert arrive("ada", 1).username == "ada~1"
    assert scope_of(User.objects.get(username="ada~1").pk) is None


def test_invisible_characters_of_a_github_name_are_removed(db: None) -> None:
    user = arrive("ada", 1, name="Ada\u200b\u202e Lovelace\u3164")

    assert Profile.objects.get(user=user).display_name == "Ada Lovelace"
    assert arrive("eve", 2, name="\u200b").profile.shown_name == "eve"


RESERVED = ["admin", "Store", "official", "clawstore", "openclaw", "api", "open-claw", "acme"]


@pytest.mark.parametrize("login", RESERVED)
def test_a_reserved_name_is_no_new_scope(db: None, settings: Any, login: str) -> None:
    settings.RESERVED_SCOPES = ["Acme"]

    user = arrive(login, 7)

    assert user.username == f"{login.lower()}~7"
    assert scope_of(user.pk) is None
    assert not Scope.objects.exists()


def test_a_reserved_name_publishes_nothing_and_reads_why(
    db: None, api: Api, key_for: Callable[..., str]
) -> None:
    user = arrive("admin", 7)
    form = parts(manifest(id="@admin/coach"))

    response = api.upload(PUBLISH, form, key=key_for(user, "agents:publish"))

    assert (response.status_code, response.json()["error"]["code"]) == (403, "scope_reserved")
    assert not Agent.objects.exists()
    api.client.force_login(user)
    assert "@admin is a reserved name" in api.client.get("/account").text


def test_the_holder_of_a_scope_keeps_it_when_it_becomes_reserved(db: None, settings: Any) -> None:
    user = arrive("acme", 7)
    settings.RESERVED_SCOPES = ["acme"]

    assert scope_of(user.pk) == "acme"


@pytest.mark.parametrize("login", ["ada_corp", "a.b", "ädä", "a b", "", "x" * 65, "a/b", "@ada"])
def test_login_that_is_no_valid_scope_gets_no_scope(db: None, login: str) -> None:
    assert not may_be_a_scope(login.lower())
    assert username_for(GitHubIdentity(login=login, github_id=9)) == f"{login.lower()}~9"


def test_github_account_has_at_most_one_scope(db: None) -> None:
    arrive("ada", 1)

    with pytest.raises(IntegrityError), transaction.atomic():
        Scope.objects.create(name="other", github_id=1, holder=arrive("grace", 2))


def test_scope_stays_after_its_account_is_deleted(db: None) -> None:
    user = arrive("ada", 1)

    with pytest.raises(ProtectedError), transaction.atomic():
        User.objects.filter(pk=user.pk).delete()
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert username_for(GitHubIdentity(login="ada", github_id=2)) == "ada~2"


def test_api_describes_an_account_without_a_scope(api: Api, key_for: Callable[..., str]) -> None:
    arrive("ada", 1)
    late = arrive("ada", 2, name="Another Ada")

    me = api.get("/v1/me", key=key_for(late, "read")).json()

    assert (me["scope"], me["name"], me["ownedAgentCount"]) == (None, "Another Ada", 0)
    public = api.get("/v1/users/ada~2").json()
    assert public["githubLogin"] == "ada~2"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_of_two_accounts_gets_a_contested_login() -> None:
    """The second concurrent sign-in fails completely, then gets no scope."""
    barrier = Barrier(2)
    failed: list[int] = []

    def sign_in(number: int) -> None:
        barrier.wait()
        try:
            arrive("ada", number)
        except IntegrityError:
            failed.append(number)
        finally:
            connection.close()

    threads = [Thread(target=sign_in, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in failed:
        arrive("ada", number)

    assert Scope.objects.count() == 1
    assert (User.objects.count(), Profile.objects.count()) == (2, 2)
    holder = Scope.objects.get()
    names = {user.pk: user.username for user in User.objects.all()}
    assert names.pop(holder.holder_id) == "ada"
    assert list(names.values()) == [f"ada~{3 - (holder.github_id or 0)}"]


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


@pytest.mark.parametrize(
    "address", ["https://example.org", "HTTP://EXAMPLE.ORG/x?y#z", "http://[::1]:8000/"]
)
def test_valid_website_is_accepted(address: str) -> None:
    assert is_web_address(address)
