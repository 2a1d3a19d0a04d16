"""Account deletion: what is erased, what stays, and how a user returns."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from clawstore.account import actions
from clawstore.account.actions import delete_account
from foundation.access.actions import (
    decide_device_login,
    poll_device_login,
    resolve_key,
    start_device_login,
)
from foundation.access.errors import AccessDenied
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope
from profiles.actions import open_account, restore_account
from profiles.errors import AccountIsGone, NotTheLogin
from profiles.identity import Identity
from profiles.models import Profile, Scope
from profiles.queries import former_holder, scope_of
from profiles.scopes import choose_scope
from reviews.actions import edit_review, post_review
from reviews.errors import AlreadyReviewed
from reviews.models import Review
from tests.support.factories import make_agent, make_version


@pytest.fixture
def ada_of_github(ada: User) -> User:
    """Ada with all rows of a user who signed in with GitHub."""
    User.objects.filter(pk=ada.pk).update(email="ada@example.org", image="https://example.org/a")
    Profile.objects.filter(user=ada).update(
        bio="I count.", website="https://example.org", location="London", avatar_url="https://e.org"
    )
    Scope.objects.filter(holder=ada).update(github_id=101)
    SocialAccount.objects.create(user=ada, provider="github", uid="101")
    EmailAddress.objects.create(user=ada, email="ada@example.org", primary=True)
    ada.refresh_from_db()
    return ada


def test_deletion_removes_the_person_from_every_row(ada_of_github: User) -> None:
    name = delete_account("ada", by=Actor(user=ada_of_github))

    user = User.objects.get(pk=ada_of_github.pk)
    assert (user.username, user.is_former) == (name, True)
    assert (user.email, user.name, user.image, user.is_active) == ("", "", "", False)
    assert user.has_usable_password() is False
    profile = user.profile
    assert (profile.github_login, profile.shown_name) == (name, "former member")
    personal_fields = (profile.bio, profile.website, profile.location, profile.avatar_url)
    assert personal_fields == (None, None, None, None)
    assert profile.display_name is None
    assert not SocialAccount.objects.filter(user=user).exists()
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not user.groups.exists()


def test_deletion_ends_keys_sessions_and_device_logins(
    ada: User, key_for: Callable[..., str], client: Client
) -> None:
    key = key_for(ada, "read")
    browser = Client()
    browser.post("/signin", {"login": "ada"})
    codes = start_device_login(client_id="cli", requested_from="192.0.2.1", user_agent="x")
    decide_device_login(codes.user_code, approve=True, by=Actor(user=ada))

    delete_account("ada", by=Actor(user=ada))

    assert resolve_key(key) is None
    assert browser.get("/account").status_code == 302
    assert not UserSession.objects.filter(user=ada).exists()
    assert not Session.objects.exists()
    with pytest.raises(AccessDenied):
        poll_device_login(codes.device_code, client_id="cli", by=ANONYMOUS)


@pytest.mark.once
def test_published_versions_stay_as_those_of_a_former_member(ada: User, as_grace: Actor) -> None:
    agent = make_agent(ada)
    make_version(agent)
    make_version(other := make_agent(as_grace.user, "other"))  # type: ignore[arg-type]
    post_review(other, rating=4, by=Actor(user=ada))

    name = delete_account("ada", by=Actor(user=ada))

    agent.refresh_from_db()
    assert (agent.owner_user_id, agent.is_listed) == (ada.pk, True)
    assert Review.objects.get().reviewer_user_id == ada.pk
    page = Client().get("/agents/@ada/coach")
    assert page.status_code == 200
    assert b"former member" in page.content
    assert b"Ada Lovelace" not in page.content
    for address in ("/@ada", f"/@{name}"):
        page = Client().get(address)
        assert page.status_code == 200
        assert b"@ada/coach" in page.content


def test_review_of_a_former_member_does_not_reveal_the_login(ada: User, as_grace: Actor) -> None:
    make_version(other := make_agent(as_grace.user, "other"))  # type: ignore[arg-type]
    post_review(other, rating=4, by=Actor(user=ada))

    name = delete_account("ada", by=Actor(user=ada))

    author = Client().get("/v1/agents/grace/other/reviews").json()["items"][0]["reviewer"]
    assert author == {"githubLogin": "former~member", "displayName": None, "avatarUrl": None}
    page = Client().get("/@ada").content.decode()
    assert "former member" in page
    assert name not in page
    assert "@ada" in page
    assert "signed in with at GitHub" not in page


@pytest.mark.once
def test_wrong_login_deletes_nothing(ada: User) -> None:
    with pytest.raises(NotTheLogin):
        delete_account("grace", by=Actor(user=ada))

    ada.refresh_from_db()
    assert (ada.username, ada.is_active) == ("ada", True)
    assert not AuditLog.objects.filter(action="account.deleted").exists()


def test_deleted_account_cannot_be_deleted_again(ada: User) -> None:
    name = delete_account("@Ada ", by=Actor(user=ada))

    with pytest.raises(AccountIsGone):
        delete_account(name, by=Actor(user=ada))

    [row] = AuditLog.objects.filter(action="account.deleted")
    assert (row.entity_id, row.user_id) == (name, ada.pk)


@pytest.mark.once
def test_key_may_not_delete_its_account(ada: User) -> None:
    with pytest.raises(InsufficientScope):
        delete_account("ada", by=Actor(user=ada, scopes=frozenset({"read", "profile:write"})))


def test_failed_deletion_changes_nothing(
    ada: User, key_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_for(ada, "read")

    def breaks(user: User, by: Actor) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions, "ERASERS", (*actions.ERASERS, breaks))
    with pytest.raises(RuntimeError):
        delete_account("ada", by=Actor(user=ada))

    ada.refresh_from_db()
    assert (ada.username, ada.is_active) == ("ada", True)
    assert resolve_key(key) is not None


@pytest.mark.once
def test_scope_stays_reserved_for_its_holder(ada_of_github: User) -> None:
    delete_account("ada", by=Actor(user=ada_of_github))

    assert Scope.objects.get(name="ada").holder_id == ada_of_github.pk
    assert choose_scope(Identity("ada", 202)).name == "ada--202"
    assert former_holder(github_id=202, login="ada") is None
    holder = former_holder(github_id=101, login="renamed")
    assert holder == ada_of_github


def test_returning_user_has_the_same_account(ada_of_github: User) -> None:
    delete_account("ada", by=Actor(user=ada_of_github))
    holder = User.objects.get(pk=ada_of_github.pk)
    identity = Identity("countess", 101, "Ada King", "https://example.org/b")

    user = restore_account(holder, identity, email="new@example.org", by=ANONYMOUS)
    second_result = restore_account(holder, identity, email="other@example.org", by=ANONYMOUS)

    assert user.pk == second_result.pk == ada_of_github.pk
    user.refresh_from_db()
    assert (user.username, user.email, user.is_active) == ("ada", "new@example.org", True)
    assert (user.is_staff, user.has_role("maintainer")) == (False, False)
    assert user.profile.github_login == "ada"
    assert user.profile.shown_name == "Ada King"
    assert former_holder(github_id=101, login="ada") is None


@pytest.fixture
def late_ada(ada_of_github: User) -> User:
    """A GitHub account from before scopes were derived: ``ada~202``, without a scope."""
    user = open_account(Identity("ada", 202), by=ANONYMOUS)
    SocialAccount.objects.create(user=user, provider="github", uid="202")
    Scope.objects.filter(holder=user).delete()
    User.objects.filter(pk=user.pk).update(username="ada~202")
    Profile.objects.filter(user=user).update(github_login="ada~202")
    return User.objects.get(pk=user.pk)


def test_user_without_a_scope_returns_to_the_reviews(late_ada: User, grace: User) -> None:
    agent = make_agent(grace, "other")
    review = post_review(agent, rating=1, by=Actor(user=late_ada))
    delete_account("ada~202", by=Actor(user=late_ada))
    identity = Identity("renamed", 202)
    holder = former_holder(github_id=202, login="renamed")
    assert holder is not None

    user = restore_account(holder, identity, email="", by=ANONYMOUS)

    assert user.pk == late_ada.pk
    with pytest.raises(AlreadyReviewed):
        post_review(agent, rating=1, by=Actor(user=user))
    assert edit_review(review, {"rating": 2}, by=Actor(user=user)).rating == 2
    agent.refresh_from_db()
    assert (agent.review_count, agent.avg_rating) == (1, 2.0)
    assert former_holder(github_id=202, login="renamed") is None


@pytest.mark.once
def test_user_with_a_derived_scope_returns_as_often_as_they_leave(late_ada: User) -> None:
    for _ in range(3):
        user = User.objects.get(pk=late_ada.pk)
        delete_account(user.username, by=Actor(user=user))
        SocialAccount.objects.create(user=user, provider="github", uid="202")
        holder = former_holder(github_id=202, login="ada")
        assert holder is not None
        assert restore_account(holder, Identity("ada", 202), email="", by=ANONYMOUS) == late_ada

    assert User.objects.get(pk=late_ada.pk).username == "ada--202"
    assert former_holder(github_id=303, login="ada") is None


def test_returning_user_keeps_a_derived_scope(db: None) -> None:
    user = open_account(Identity("a_b", 202), by=ANONYMOUS)
    delete_account(user.username, by=Actor(user=user))
    # The login is personal data; why the scope is derived from it is not.
    assert Scope.objects.filter(reason="characters", derived_from=None).count() == 1

    restoration = restore_account(user, Identity("renamed", 202), email="", by=ANONYMOUS)

    assert (restoration.username, scope_of(user.pk)) == ("a--b", "a--b")


@pytest.mark.once
def test_development_user_with_a_derived_scope_is_the_same_user_again(grace: User) -> None:
    agent = make_agent(grace, "other")
    browser = Client()
    browser.post("/signin", {"login": "admin"})
    user = User.objects.get(username="user--dev")
    post_review(agent, rating=1, by=Actor(user=user))
    delete_account("user--dev", by=Actor(user=user))

    browser = Client()
    browser.post("/signin", {"login": "admin"})

    assert User.objects.get(username="user--dev").pk == user.pk
    with pytest.raises(AlreadyReviewed):
        post_review(agent, rating=1, by=Actor(user=User.objects.get(pk=user.pk)))


@pytest.mark.once
def test_deletion_page_asks_for_the_login_and_confirms(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)

    refusal = browser.post("/account/delete", {"login": "grace"})
    empty = browser.post("/account/delete", {})
    page = browser.post("/account/delete", {"login": "ada"}, follow=True)

    assert (refusal.status_code, empty.status_code) == (422, 422)
    assert b'value="grace"' in refusal.content
    assert (page.status_code, page.redirect_chain) == (200, [("/account/deleted", 302)])
    assert browser.post("/account/delete", {"login": "ada"}).status_code == 302
    assert AuditLog.objects.filter(action="account.deleted").count() == 1
    assert Client().get("/account/deleted").cookies == {}


def test_development_user_returns_by_the_same_login(ada: User) -> None:
    delete_account("ada", by=Actor(user=ada))

    browser = Client()
    browser.post("/signin", {"login": "ada"})

    assert browser.get("/v1/me").json()["scope"] == "ada"
    assert User.objects.filter(is_active=True).get() == ada
