"""The provider as the sign-in library sees it, and the meaning of claims."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from django.conf import settings
from django.http import HttpRequest

from foundation.oidc.tokens import is_storable
from profiles.identity import subject_of
from profiles.oidc.adapter import OidcAdapter, nonce_of

LOGIN_CLAIMS = ("preferred_username", "nickname")
MAX_LENGTH = 255
"""Characters of a claim that is used."""


class OidcProvider(OAuth2Provider):  # type: ignore[misc]
    id = "oidc"
    name = settings.OIDC_NAME
    account_class = ProviderAccount
    oauth2_adapter_class = OidcAdapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        return list(settings.OIDC_SCOPES)

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        # An address of a stranger must not ask for more than the operator has chosen.
        return self.get_default_scope()

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}

    def get_pkce_params(self) -> dict[str, str]:
        params: dict[str, str] = super().get_pkce_params()
        # The library sends along what it does not know.
        return params | {"nonce": nonce_of(params["code_verifier"])}

    def sociallogin_from_response(
        self, request: HttpRequest, response: dict[str, Any]
    ) -> SocialLogin:
        login = super().sociallogin_from_response(request, response)
        # For the rules of admission alone: claims such as groups are not stored.
        login.claims = response
        return login

    def extract_uid(self, data: dict[str, Any]) -> str:
        # Issuer and subject: if another issuer is configured one day, its subjects are others.
        return subject_of(data["iss"], data["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "iss": data["iss"],
            "sub": data["sub"],
            "login": login_of(data),
            "name": _text(data, "name"),
        }

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        email = _text(data, "email")
        if not email:
            return []
        return [EmailAddress(email=email, verified=is_verified(data), primary=True)]


def is_verified(claims: dict[str, Any]) -> bool:
    """Whether the provider has verified the address.

    Some providers send the text "true" instead of the JSON value.
    """
    value = claims.get("email_verified")
    return value is True or value == "true"


def login_of(claims: dict[str, Any]) -> str:
    """Return the name from which the scope of a new account is derived (ADR 26)."""
    names = [_text(claims, name) for name in LOGIN_CLAIMS]
    if is_verified(claims):
        names.append(_text(claims, "email"))
    # Some names are addresses; the domain is the same for a whole company.
    logins = [name.partition("@")[0].strip() for name in names]
    return next(filter(None, logins), "user")


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    is_usable = isinstance(value, str) and len(value) <= MAX_LENGTH and is_storable(value)
    return str(value) if is_usable else ""


provider_classes = [OidcProvider]
