"""The providers at which people can sign in here."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class SignInProvider:
    """A provider with an app of this shop. ``url_name`` begins a sign-in, by POST."""

    id: str
    name: str

    @property
    def url_name(self) -> str:
        return f"{self.id}_login"


def list_providers() -> list[SignInProvider]:
    """The configured providers, the one of the organisation first."""
    names = {"oidc": settings.OIDC_NAME, "github": "GitHub"}
    # Without an app, its button would lead to an error.
    return [
        SignInProvider(provider, name)
        for provider, name in names.items()
        if settings.SOCIALACCOUNT_PROVIDERS.get(provider, {}).get("APP")
    ]


def name_of_provider(provider: str) -> str:
    """The name of a provider for people."""
    return {"oidc": settings.OIDC_NAME, "github": "GitHub"}.get(provider, provider)
