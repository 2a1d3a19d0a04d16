"""Authorization and token requests of apps. Imported at the first of them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db import transaction
from oauthlib.common import Request, add_params_to_uri
from oauthlib.oauth2 import FatalClientError, OAuth2Error, WebApplicationServer

from foundation.access.oauth.connections import grant_access
from foundation.access.oauth.errors import AuthorizationRefused, InvalidOAuthRequest, InvalidTarget
from foundation.access.oauth.rules import (
    ACCESS_TOKEN_PREFIX,
    CODE_CHALLENGE,
    OFFLINE_ACCESS,
    REFRESH_TOKEN_PREFIX,
    grantable_scopes,
    host_of,
    is_loopback,
    resource,
)
from foundation.access.oauth.validator import ACCESS_TOKEN_LIFETIME, Validator
from foundation.access.scopes import KeyScope
from foundation.actor import Actor

Fields = Mapping[str, Sequence[str]]
MAX_VALUE = 2_000
"""Characters of one field; an authorization request is an address, which has no more."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The request of an app; ``scopes`` are all scopes if it names none."""

    client: Client
    redirect_uri: str
    scopes: tuple[KeyScope, ...]
    names_scopes: bool
    query: str

    @property
    def host(self) -> str:
        return host_of(self.redirect_uri)

    @property
    def is_on_this_computer(self) -> bool:
        return is_loopback(urlsplit(self.redirect_uri).hostname or "")


def _server(by: Actor) -> WebApplicationServer:
    return WebApplicationServer(
        Validator(by),
        token_generator=lambda request: ACCESS_TOKEN_PREFIX + secrets.token_urlsafe(32),
        token_expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        refresh_token_generator=lambda request: REFRESH_TOKEN_PREFIX + secrets.token_urlsafe(32),
    )


def read_authorization_request(fields: Fields, by: Actor) -> AuthorizationRequest:
    """Return the request of an address. Raises AuthorizationRefused."""
    try:
        _require_plain(fields)
    except InvalidOAuthRequest as refusal:
        raise AuthorizationRefused(refusal.message, error=refusal.code) from refusal
    # With the names that are allowed, the library checks that all of them are declared.
    known_fields = {name: values for name, values in fields.items() if name != "scope"}
    query = urlencode(known_fields, doseq=True)
    try:
        _scopes, info = _server(by).validate_authorization_request(f"?{query}")
    except FatalClientError as error:
        raise AuthorizationRefused(_sentence_of(error), error=error.error) from error
    except OAuth2Error as error:
        # An error has the redirect URI and the state of its request.
        raise _refused(error, error.error, _sentence_of(error)) from error
    return _checked(fields, info, query)


def _checked(fields: Fields, info: dict[str, Any], query: str) -> AuthorizationRequest:
    """Return the request. Refuses what the library allows and OAuth 2.1 does not."""
    request = info["request"]
    if fields.get("resource") != [resource()]:
        raise _refused(request, InvalidTarget.code, InvalidTarget.message)
    challenge, method = fields.get("code_challenge"), fields.get("code_challenge_method")
    if not challenge or not CODE_CHALLENGE.fullmatch(challenge[0]) or method != ["S256"]:
        raise _refused(request, "invalid_request", "PKCE with the method S256 is required.")
    if fields.get("response_mode", ["query"]) != ["query"] or fields.get("prompt") == ["none"]:
        raise _refused(request, "invalid_request", "The user must be asked, on a page.")
    if {"request", "request_uri"} & fields.keys():
        raise _refused(request, "request_not_supported", "Requests as tokens are not supported.")
    names = " ".join(fields.get("scope", ())).split()
    scopes = grantable_scopes()
    scope_names = set(names) - {OFFLINE_ACCESS}
    if scope_names - scopes.keys() or len(fields.get("scope", ())) > 1:
        raise _refused(request, "invalid_scope", "It asks for a scope that no app can get.")
    named_scopes = tuple(scope for name, scope in scopes.items() if name in scope_names)
    return AuthorizationRequest(
        client=request.client,
        redirect_uri=request.redirect_uri,
        scopes=named_scopes or tuple(scopes.values()),
        names_scopes=bool(named_scopes),
        query=query,
    )


def _refused(request: Any, error: str, message: str) -> AuthorizationRefused:
    return_to = _return_address(
        request.redirect_uri, request.state, error=error, error_description=message
    )
    host = host_of(request.redirect_uri)
    return AuthorizationRefused(message, error=error, return_to=return_to, return_host=host)


def _return_address(redirect_uri: str, state: str | None, **fields: str) -> str:
    """Return a redirect URI with the answer for the app and the issuer (RFC 9207)."""
    answer = fields | ({"state": state} if state else {}) | {"iss": settings.BASE_URL}
    return str(add_params_to_uri(redirect_uri, answer))


def _sentence_of(error: OAuth2Error) -> str:
    return error.description or "The request of the app is not valid."


def deny_access(app_request: AuthorizationRequest) -> str:
    """Return the redirect URI with the error ``access_denied``."""
    request = Request(f"?{app_request.query}")
    return _return_address(app_request.redirect_uri, request.state, error="access_denied")


@transaction.atomic
def allow_access(app_request: AuthorizationRequest, scopes: Sequence[str], by: Actor) -> str:
    """Connect the app, and return its redirect URI with an authorization code.

    Raises TooManyConnectedApps.
    """
    granted_scopes = [scope.name for scope in app_request.scopes if scope.name in scopes]
    app = grant_access(
        app_request.client, redirect_uri=app_request.redirect_uri, scopes=granted_scopes, by=by
    )
    headers, _body, _status = _server(by).create_authorization_response(
        f"?{app_request.query}",
        scopes=granted_scopes,
        credentials={"user": by.user, "connected_app": app},
    )
    return str(add_params_to_uri(headers["Location"], {"iss": settings.BASE_URL}))


@transaction.atomic
def answer_token_request(fields: Fields, by: Actor) -> tuple[str, int]:
    """Return body and status of an answer to a token request.

    Raises InvalidOAuthRequest or InvalidTarget.
    """
    _require_plain(fields)
    if fields.get("resource") != [resource()]:
        raise InvalidTarget
    return _answer(_server(by).create_token_response, fields)


@transaction.atomic
def answer_revocation_request(fields: Fields, by: Actor) -> tuple[str, int]:
    """Return body and status of an answer to a revocation.

    Raises InvalidOAuthRequest.
    """
    _require_plain(fields)
    return _answer(_server(by).create_revocation_response, fields)


def _answer(respond: Any, fields: Fields) -> tuple[str, int]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        _headers, body, status = respond(
            "", http_method="POST", body=urlencode(fields, doseq=True), headers=headers
        )
    except OAuth2Error as error:
        return error.json, error.status_code
    return body or "", status


def _require_plain(fields: Fields) -> None:
    """Raise InvalidOAuthRequest for a field that is repeated or cannot be stored."""
    for name, values in fields.items():
        if name != "resource" and len(values) > 1:
            raise InvalidOAuthRequest("A field came twice.")
        if any("\0" in value or len(value) > MAX_VALUE for value in values):
            raise InvalidOAuthRequest("A field is too long, or has a character that none may have.")
