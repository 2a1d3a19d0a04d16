"""Requests of one app, and its end, at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client

from foundation.access.models import ConnectedApp
from foundation.access.oauth.connections import end_connected_app
from foundation.accounts.models import User
from foundation.actor import Actor
from moderation.actions import suspend_account
from tests.clawstore.oauth.conftest import App
from tests.support.races import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ends(app: App, ada: User, root: User) -> dict[str, Callable[[str], Any]]:
    def by_user(_token: str) -> None:
        actor = Actor(user=ada, session_key="s")
        end_connected_app(ConnectedApp.objects.get().pk, by=actor)

    return {
        "user": by_user,
        "app": lambda token: app.send(
            "/oauth/revoke", {"token": token, "client_id": app.client_id}
        ),
        "suspension": lambda _token: suspend_account(ada, reason="spam", by=Actor(user=root)),
    }


@pytest.mark.parametrize("name", ["user", "app", "suspension"])
def test_app_that_ends_during_a_refresh_has_no_token(
    app: App, ada_client: Client, ends: dict[str, Callable[[str], Any]], name: str
) -> None:
    token = app.tokens(ada_client)["refresh_token"]

    refresh, end = run_at_once([lambda: app.refresh(token), lambda: ends[name](token)])

    assert refresh.status_code in (200, 400)
    assert not isinstance(end, Exception)
    assert getattr(end, "status_code", 200) == 200
    # A token without an app would be one of the app again as soon as the user connects it anew.
    assert (Token.objects.count(), ConnectedApp.objects.count()) == (0, 0)


def test_app_that_ends_during_an_exchange_has_no_token(
    app: App, ada_client: Client, ends: dict[str, Callable[[str], Any]]
) -> None:
    code = app.code(ada_client)

    exchange, end = run_at_once([lambda: app.exchange(code), lambda: ends["user"]("")])

    assert exchange.status_code in (200, 400)
    assert end is None
    assert (Token.objects.count(), ConnectedApp.objects.count()) == (0, 0)


def test_code_or_refresh_token_that_comes_twice_at_once_gives_tokens_once(
    app: App, ada_client: Client
) -> None:
    code = app.code(ada_client)
    answers = run_at_once([lambda: app.exchange(code)] * 2)
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    token = app.tokens(ada_client)["refresh_token"]
    answers = run_at_once([lambda: app.refresh(token)] * 2)
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    # One of both senders has stolen it.
    assert not ConnectedApp.objects.exists()


def test_app_that_ends_with_its_former_token_has_no_token(
    app: App, ada_client: Client, ends: dict[str, Callable[[str], Any]]
) -> None:
    token = app.tokens(ada_client)["refresh_token"]
    assert app.refresh(token).status_code == 200

    assert ends["app"](token).status_code == 200

    assert (Token.objects.count(), ConnectedApp.objects.count()) == (0, 0)
