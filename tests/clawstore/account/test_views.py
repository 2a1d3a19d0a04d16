"""Account pages: private, and in few queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.access.actions import create_key
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS
from profiles.actions import make_development_user, open_account
from profiles.identity import Identity
from tests.support.factories import make_agent

pytestmark = pytest.mark.once

PAGES = [
    "/account",
    "/account/profile",
    "/account/keys",
    "/account/keys/new",
    "/account/sessions",
    "/account/data",
    "/account/delete",
]


@pytest.mark.parametrize("address", PAGES)
def test_account_pages_need_a_session(db: None, address: str) -> None:
    answer = Client().get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/signin?next={address}")


@pytest.mark.parametrize("address", PAGES)
def test_account_page_is_private_and_takes_few_queries(ada: User, address: str) -> None:
    browser = Client()
    browser.force_login(ada)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            answer = browser.get(address)
        assert answer.status_code == 200
        assert "private" in answer["Cache-Control"]
        return len(context)

    few = queries()
    for number in range(3):
        make_agent(ada, f"agent-{number}")
        create_key(ada, name=str(number), scopes=["read"], by=ANONYMOUS)
        Client().force_login(ada)
    assert queries() == few
    assert few <= 13


def test_account_forms_need_the_csrf_token(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)

    for address in ("profile", "keys/new", "sessions/end", "data/export", "delete"):
        assert browser.post(f"/account/{address}", {"login": "ada"}).status_code == 403
    assert User.objects.get(pk=ada.pk).is_active


def test_account_page_shows_the_scope_and_why_it_is_not_the_login(ada: User) -> None:
    identity = Identity("ada", 202)
    other = open_account(identity, by=ANONYMOUS)
    browser, other_browser = Client(), Client()
    browser.force_login(other)
    other_browser.force_login(ada)

    page = browser.get("/account").content.decode()
    assert "@ada--202/…" in page
    assert ">@ada</span> already belongs to another account" in page
    page = other_browser.get("/account").content.decode()
    assert "@ada/…" in page
    assert "already belongs" not in page


def test_anonymous_page_has_no_account_link(db: None) -> None:
    make_development_user("ada", by=ANONYMOUS)
    assert b'href="/account"' not in Client().get("/").content
