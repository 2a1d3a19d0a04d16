"""Responses to htmx requests that are whole pages."""

import pytest
from django.test import Client

from foundation.accounts.models import User

pytestmark = pytest.mark.once

HTMX = {"HX-Request": "true"}


@pytest.mark.django_db
def test_error_page_replaces_the_current_page():
    response = Client().get("/agents/@ada/nothing", headers=HTMX)

    assert response.status_code == 404
    assert response["HX-Retarget"] == response["HX-Reselect"] == "#main"
    assert response["HX-Reswap"] == "outerHTML show:window:top"
    assert 'id="main"' in response.text


@pytest.mark.django_db
def test_expired_form_replaces_the_current_page(ada: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    response = client.post("/account/profile", {}, headers=HTMX)

    assert response.status_code == 403
    assert response["HX-Retarget"] == "#main"
    assert 'id="main"' in response.text


@pytest.mark.django_db
def test_redirect_to_sign_in_is_a_navigation():
    response = Client().get("/account/profile", headers=HTMX)

    assert response.status_code == 200
    assert response["HX-Redirect"] == "/signin?next=/account/profile"


@pytest.mark.django_db
def test_other_redirects_are_followed_in_the_background(ada: User):
    client = Client()
    client.force_login(ada)

    response = client.get("/accounts/sessions/", headers=HTMX)

    assert response.status_code == 302
    assert "HX-Redirect" not in response.headers


@pytest.mark.django_db
def test_page_and_fragment_are_cached_apart():
    part, page = (Client().get("/about/terms", headers=headers) for headers in (HTMX, {}))

    assert "HX-Request" in part["Vary"]
    assert "HX-Retarget" not in part.headers
    assert "HX-Request" not in page["Vary"]
