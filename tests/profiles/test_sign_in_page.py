"""Signing in and out, in development."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from profiles.models import Scope
from tests.support.page import Page

pytestmark = pytest.mark.once


def sign_in(visitor: Client, login: str, **fields: Any) -> Any:
    visitor.get("/signin")
    token = visitor.cookies["csrftoken"].value
    form = {"login": login, "csrfmiddlewaretoken": token, **fields}
    return visitor.post("/signin", form)


def test_development_sign_in_accepts_any_login(visitor: Client) -> None:
    answer = sign_in(visitor, "Ada", next="/agents?q=tea")

    assert (answer.status_code, answer["Location"]) == (302, "/agents?q=tea")
    assert Scope.objects.get(name="ada").holder.username == "ada"
    assert "@ada" in visitor.get("/").content.decode()


def test_repeated_development_sign_in_is_the_same_user(ada: User, visitor: Client) -> None:
    sign_in(visitor, "@ADA")

    assert visitor.session["_auth_user_id"] == str(ada.pk)
    assert User.objects.count() == 1


def test_page_for_connecting_accounts_is_closed(ada: User, client: Client) -> None:
    client.force_login(ada)

    assert client.get("/accounts/3rdparty/")["Location"] == "/account"


@pytest.mark.parametrize("login", ["", "a b", "a/b", "x" * 101, "ä", "a~dev"])
def test_invalid_login_is_refused(visitor: Client, login: str) -> None:
    answer = sign_in(visitor, login)

    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()
    assert User.objects.count() == 0


def test_derived_scope_is_explained_once_and_then_on_the_account_page(visitor: Client) -> None:
    answer = sign_in(visitor, "mona_octo", next="/device?user_code=ABCD")

    assert answer["Location"] == "/account/welcome?next=%2Fdevice%3Fuser_code%3DABCD"
    page = visitor.get(answer["Location"]).content.decode()
    assert ">mona_octo</span> cannot be a scope" in page
    assert 'href="/device?user_code=ABCD"' in page
    assert "@mona--octo" in visitor.get("/device").content.decode()
    assert ">mona_octo</span> cannot be a scope" in visitor.get("/account").content.decode()
    visitor.post("/signout")
    assert sign_in(visitor, "mona_octo", next="/agents")["Location"] == "/agents"


def test_welcome_page_leads_on_if_there_is_nothing_to_explain(ada: User, client: Client) -> None:
    client.force_login(ada)

    assert client.get("/account/welcome?next=/agents")["Location"] == "/agents"
    assert client.get("/account/welcome?next=//evil.example")["Location"] == "/"


@pytest.mark.parametrize(
    "next_address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "agents"],
)
def test_next_url_on_another_site_is_ignored(visitor: Client, next_address: str) -> None:
    assert sign_in(visitor, "ada", next=next_address)["Location"] == "/"


def test_sign_in_form_needs_the_csrf_token(visitor: Client) -> None:
    assert visitor.post("/signin", {"login": "ada"}).status_code == 403
    assert User.objects.count() == 0


def test_production_has_no_development_sign_in(db: None, settings: Any) -> None:
    settings.IN_DEVELOPMENT = False

    answer = Client().post("/signin", {"login": "ada"})

    assert answer.status_code == 200
    assert User.objects.count() == 0
    assert "Sign in as this person" not in answer.content.decode()


def test_sign_out_needs_a_post(ada: User) -> None:
    visitor = Client()
    visitor.force_login(ada)

    assert visitor.get("/signout").status_code == 405
    assert visitor.post("/signout").status_code == 302
    assert "_auth_user_id" not in visitor.session


def test_github_sign_in_is_offered_if_it_is_configured(
    settings: Any, read: Callable[..., Page]
) -> None:
    assert "Sign in with GitHub" not in read("/signin").texts

    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"APP": {"client_id": "x", "secret": "y"}}}

    page = read("/signin", next="/@ada")
    assert "Sign in with GitHub" in page.texts
    assert {"name": "next", "value": "/@ada", "type": "hidden"} in page.all("input")


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/github/login/", "/accounts/github/login/callback/"]
)
def test_library_sign_in_pages_redirect_to_ours(visitor: Client, path: str) -> None:
    """Also where no GitHub app is set, as in these tests."""
    answer = visitor.get(path, {"next": "/agents"})

    assert (answer.status_code, answer["Location"]) == (302, "/signin?next=%2Fagents")
