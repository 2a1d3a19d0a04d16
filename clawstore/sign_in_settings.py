"""Settings of sign-in: GitHub, and a provider of OpenID Connect."""

from typing import Any
from urllib.parse import urlsplit

from clawstore.environment import Environment

USUAL_SCOPES = ("openid", "profile", "email")


def oidc_provider(env: Environment) -> tuple[str, str, tuple[str, ...], dict[str, Any]]:
    """Return the address, the name, the scopes and the client of the provider.

    All are empty if the environment names none.
    """
    url = env.text("OIDC_SERVER_URL")
    name, scopes = env.line("OIDC_NAME", "your organisation"), tuple(env.texts("OIDC_SCOPES"))
    if not url:
        return "", name, (), {}
    try:
        parts = urlsplit(url)
        is_usable = bool(parts.hostname) and not (parts.query or parts.fragment or "@" in url)
    except ValueError:
        is_usable = False
    schemes = ("https", "http") if env.is_development else ("https",)
    # Over http, a reader on the way could sign in as another person.
    if not is_usable or parts.scheme not in schemes:
        env.refuse("OIDC_SERVER_URL", "does not begin with https:// and a host name")
    client = {"client_id": env.text("OIDC_CLIENT_ID"), "secret": env.text("OIDC_CLIENT_SECRET")}
    for variable in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not env.text(variable):
            env.refuse(variable, "is missing, which OIDC_SERVER_URL needs")
    return url.rstrip("/"), name, scopes or USUAL_SCOPES, client


def github_app(env: Environment, *, has_oidc: bool) -> dict[str, Any]:
    """Return the OAuth app at GitHub, which is optional beside another provider."""
    if has_oidc and not env.text("GITHUB_CLIENT_ID"):
        return {}
    app = {
        "client_id": env.required("GITHUB_CLIENT_ID"),
        "secret": env.required("GITHUB_CLIENT_SECRET"),
    }
    return {"APP": app} if app["client_id"] else {}
