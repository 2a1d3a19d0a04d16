"""Concurrent first sign-ins: different scopes, and one account for each person."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.test import RequestFactory

from foundation.accounts.models import User
from foundation.refusals import Refusal
from profiles.actions import make_development_user
from profiles.adapters import SignInAdapter
from profiles.models import Profile, Scope
from tests.support.factories import SYSTEM
from tests.support.races import run_at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def login_of(number: int, login: str = "ada") -> SocialLogin:
    """A sign-in of a new user as the library passes it on."""
    data = {"id": number, "login": login, "name": login.title()}
    account = SocialAccount(provider="github", uid=str(number), extra_data=data)
    address = EmailAddress(email=f"{login}@example.org", primary=True, verified=True)
    sociallogin = SocialLogin(user=User(), account=account, email_addresses=[address])
    SignInAdapter().populate_user(request(), sociallogin, {})
    return sociallogin


def request() -> Any:
    callback = RequestFactory().get("/accounts/github/login/callback/")
    callback.session = {}
    return callback


def outcomes_at_once(steps: Sequence[Callable[[], str]]) -> list[Any]:
    """The result of each concurrent step, or status and code of its refusal."""
    return [
        (outcome.status, outcome.code) if isinstance(outcome, Refusal) else outcome
        for outcome in run_at_once(steps)
    ]


def save(login: SocialLogin) -> str:
    return SignInAdapter().save_user(request(), login).username


def counted() -> tuple[int, ...]:
    tables = (User, Profile, Scope, SocialAccount, EmailAddress)
    return tuple(table._default_manager.count() for table in tables)


def test_concurrent_sign_ins_with_one_login_get_two_scopes() -> None:
    """Two people with the same login choose their names at the same time."""
    sign_ins = [login_of(1), login_of(2)]

    results = outcomes_at_once([partial(save, login) for login in sign_ins])

    holder = Scope.objects.get(name="ada").github_id
    assert sorted(results) == ["ada", f"ada--{3 - (holder or 0)}"]
    assert counted() == (2, 2, 2, 2, 2)


def test_concurrent_sign_ins_that_derive_one_name_get_two_scopes() -> None:
    """GitHub Enterprise may have logins that GitHub has not: both spell @mona--octo."""
    sign_ins = [login_of(1, "mona_octo"), login_of(2, "mona.octo")]

    results = outcomes_at_once([partial(save, login) for login in sign_ins])

    assert "mona--octo" in results
    assert sorted(results) == sorted(Scope.objects.values_list("name", flat=True))
    assert counted()[:4] == (2, 2, 2, 2)


def test_concurrent_sign_ins_of_one_person_create_one_account() -> None:
    sign_ins = [login_of(1), login_of(1)]

    results = outcomes_at_once([partial(save, login) for login in sign_ins])

    assert sorted(results, key=str) == [(409, "sign_in_again"), "ada"]
    assert counted()[:4] == (1, 1, 1, 1)
    second_result = login_of(1)
    second_result.lookup()
    assert second_result.is_existing


def test_concurrent_development_sign_ins_create_one_scope() -> None:
    results = outcomes_at_once([lambda: make_development_user("ada", by=SYSTEM).username] * 4)

    refusal = [result for result in results if result != "ada"]
    # A slower sign-in finds the name taken and gets another one.
    assert set(refusal) <= {(409, "sign_in_again"), "ada--dev", "ada--dev-2", "ada--dev-3"}
    assert results.count("ada") == 1
    assert len(set(refusal)) == len([row for row in refusal if isinstance(row, str)]) + any(
        isinstance(row, tuple) for row in refusal
    )
