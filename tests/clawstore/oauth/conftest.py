"""An app that signs its user in by OAuth, as an SDK does."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from foundation.accounts.models import User
from tests.support.http import Api, client_of

CALLBACK = "http://127.0.0.1:3117/callback"
VERIFIER = "v" * 43
FORM = "application/x-www-form-urlencoded"


def challenge_of(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class App:
    """A registered app. ``changes`` of None leave a field out."""

    def __init__(self, **metadata: Any) -> None:
        self.http = Client()
        fields = {"client_name": "Desk lamp", "redirect_uris": [CALLBACK]} | metadata
        self.registration: Any = Api(self.http).post("/oauth/register", fields)
        if self.registration.status_code == 201:
            self.client_id = self.registration.json()["client_id"]

    def address(self, **changes: Any) -> str:
        """The address to which the app leads its user."""
        fields = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            "resource": settings.OAUTH_RESOURCE,
            "scope": "read reviews:write",
            "state": "s-1",
        }
        return "/oauth/authorize?" + urlencode(_without_none(fields | changes), doseq=True)

    def decide(self, user: Client, *scopes: str, decision: str = "allow", **changes: Any) -> Any:
        form = {"decision": decision, "scopes": scopes or ["read", "reviews:write"]}
        return user.post(self.address(**changes), form)

    def code(self, user: Client, *scopes: str, **changes: Any) -> str:
        return fields_of(self.decide(user, *scopes, **changes))["code"]

    def exchange(self, code: str, /, **changes: Any) -> HttpResponse:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "resource": settings.OAUTH_RESOURCE,
        }
        return self.send("/oauth/token", fields | changes)

    def refresh(self, token: str, **changes: Any) -> HttpResponse:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": self.client_id,
            "resource": settings.OAUTH_RESOURCE,
        }
        return self.send("/oauth/token", fields | changes)

    def send(self, path: str, fields: dict[str, Any]) -> Any:
        body = urlencode(_without_none(fields), doseq=True)
        return self.http.post(path, body, content_type=FORM)

    def tokens(self, user: Client, *scopes: str, **changes: Any) -> dict[str, Any]:
        answer: Any = self.exchange(self.code(user, *scopes, **changes))
        assert answer.status_code == 200, answer.content
        tokens: dict[str, Any] = answer.json()
        return tokens


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def fields_of(response: Any) -> dict[str, str]:
    """The fields that a redirect brings to the app."""
    assert response.status_code == 303, response.content
    assert response["Location"].startswith(CALLBACK)
    query = parse_qs(urlsplit(response["Location"]).query, strict_parsing=True)
    return {name: values[0] for name, values in query.items()}


@pytest.fixture
def app(db: None) -> App:
    return App()


@pytest.fixture
def grace_client(grace: User) -> Client:
    return client_of(grace)


@pytest.fixture
def root_client(root: User) -> Client:
    return client_of(root)
