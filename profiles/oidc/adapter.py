"""The exchange with the provider, and the check of its ID token."""

import hashlib
from typing import Any

import requests
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest

from foundation.oidc.errors import InvalidIdentityToken, IssuerUnavailable
from foundation.oidc.sign_in import (
    OidcConfiguration,
    find_provider,
    read_userinfo,
    verify_id_token,
)
from profiles.errors import SignInUnavailable


def nonce_of(code_verifier: str) -> str:
    """Return the nonce of a sign-in, derived from the secret of its PKCE.

    The library hands the callback that secret and nothing else. It stays in the session until
    then, so the nonce is as unguessable and as bound to the browser.
    """
    return hashlib.sha256(f"nonce:{code_verifier}".encode()).hexdigest()


class OidcAdapter(OAuth2Adapter):  # type: ignore[misc]
    provider_id = "oidc"

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.code_verifier = ""

    @property
    def configuration(self) -> OidcConfiguration:
        try:
            return find_provider(settings.OIDC_SERVER_URL)
        except IssuerUnavailable as error:
            raise SignInUnavailable from error

    @property
    def access_token_url(self) -> str:
        return self.configuration.token_url

    @property
    def authorize_url(self) -> str:
        return self.configuration.authorize_url

    @property
    def basic_auth(self) -> bool:
        return self.configuration.basic_auth

    def get_access_token_data(
        self,
        request: HttpRequest,
        app: SocialApp,
        client: OAuth2Client,
        pkce_code_verifier: str | None = None,
    ) -> Any:
        # Of RFC 9207: a code of another provider must not be sent to this one.
        issuer = request.GET.get("iss", self.configuration.issuer)
        if issuer != self.configuration.issuer or not pkce_code_verifier:
            raise OAuth2Error("The answer comes from another provider.")
        self.code_verifier = pkce_code_verifier
        try:
            return super().get_access_token_data(request, app, client, pkce_code_verifier)
        except requests.RequestException as error:
            raise SignInUnavailable from error

    def parse_token(self, data: Any) -> SocialToken:
        # Never stored, so its time of expiry does not matter.
        return SocialToken(token=str(data["access_token"]))

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, *, response: Any
    ) -> SocialLogin:
        provider = self.configuration
        try:
            claims = verify_id_token(
                response.get("id_token"),
                provider=provider,
                client_id=app.client_id,
                nonce=nonce_of(self.code_verifier),
            )
            more_claims = read_userinfo(provider, token.token, subject=claims["sub"])
        except InvalidIdentityToken as error:
            raise OAuth2Error(error.message) from error
        except IssuerUnavailable as error:
            raise SignInUnavailable from error
        return self.get_provider().sociallogin_from_response(request, join(claims, more_claims))


def join(claims: dict[str, Any], more_claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims of a signed token, with what it lacks from another answer.

    The other answer says nothing about an address that it does not have, or it could verify the
    address of the token with a word about its own.
    """
    if "email" in claims and more_claims.get("email") != claims["email"]:
        more_claims = {name: more_claims[name] for name in more_claims if name != "email_verified"}
    return more_claims | claims
