"""Forms of the account answer htmx with their own part of the page."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.notices.models import NoticePreference
from foundation.notices.rules import preferences_token
from profiles.models import Profile

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def post(browser: Client, path: str, **fields: object) -> HttpResponse:
    return browser.post(path, fields, headers=HTMX)


def announcement(response: HttpResponse) -> str:
    events = json.loads(response.headers.get("HX-Trigger-After-Settle", "{}"))
    message: str = events.get("announce", {}).get("value", "")
    return message


def assert_part(response: HttpResponse, start: str) -> None:
    """The response is one element, without the page around it."""
    assert response.text.lstrip().startswith(start)
    assert "<html" not in response.text
    assert "HX-Request" in response["Vary"]


def test_profile_is_saved_in_place(browser: Client, ada: User) -> None:
    response = post(browser, "/account/profile", display_name=" Countess ", bio="")

    assert response.status_code == 200
    assert_part(response, "<form")
    assert 'value="Countess"' in response.text
    assert announcement(response) == "Profile saved."
    assert Profile.objects.get(user=ada).display_name == "Countess"


def test_invalid_profile_is_marked_in_place(browser: Client) -> None:
    response = post(browser, "/account/profile", website="no address")

    assert response.status_code == 422
    assert_part(response, "<form")
    assert 'value="no address"' in response.text
    assert 'id="id_website_error"' in response.text
    assert announcement(response) == ""


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_notices_are_saved_in_place(client: Client, ada: User, is_signed_in: bool) -> None:
    token = preferences_token(ada)
    if is_signed_in:
        client.force_login(ada)
    path = "/account/notices" if is_signed_in else f"/account/notices?for={token}"

    response = post(client, path, kind=["review"])

    assert_part(response, "<form")
    assert announcement(response) == "Saved."
    wanted_kinds = NoticePreference.objects.filter(user=ada, is_on=True)
    assert list(wanted_kinds.values_list("kind", flat=True)) == ["review"]
    # The address of the form keeps the token, so that the form can be sent again.
    assert (token.partition(":")[0] in response.text) is not is_signed_in


def test_key_is_revoked_in_place(browser: Client, ada: User, key_for: Callable[..., str]) -> None:
    key_for(ada, "read")
    key_for(ada, "read")
    key = ApiKey.objects.filter(created_by=ada)[0]

    response = post(browser, f"/account/keys/{key.pk}/revoke")

    assert_part(response, "<div")
    assert response.text.count("<article") == 2
    assert response.text.count("Revoke <span") == 1
    assert announcement(response) == "Key revoked."


def test_key_form_is_marked_in_place(browser: Client) -> None:
    response = post(browser, "/account/keys/new", form_id=uuid4(), name="CI", lifetime="7")

    assert response.status_code == 422
    assert_part(response, "<form")
    assert "Select at least one scope." in response.text
    assert not ApiKey.objects.exists()


def test_created_key_takes_the_place_of_the_page(browser: Client) -> None:
    headers = HTMX | {"HX-Current-URL": "http://testserver/account/keys/new"}
    fields = {"form_id": uuid4(), "name": "CI", "lifetime": "7", "scopes": ["read"]}

    response = browser.post("/account/keys/new", fields, headers=headers)

    assert response.status_code == 201
    assert (response["HX-Retarget"], response["HX-Reselect"]) == ("#main", "#main")
    assert "HX-Push-Url" not in response.headers
    assert "no-store" in response["Cache-Control"]
    assert announcement(response) == "Key created. Copy it now."


def test_sessions_are_ended_in_place(browser: Client, ada: User) -> None:
    here, other_client = Client(), Client()
    for visitor in (here, other_client):
        visitor.post("/signin", {"login": "ada"})

    response = post(here, "/account/sessions/end", session="others")

    assert_part(response, "<div")
    assert response.text.count("<article") == 1
    assert announcement(response) == "1 session ended"
    assert other_client.get("/account").status_code == 302
