"""Settings of payments, read from the environment."""

import base64
import binascii
from ipaddress import ip_address
from urllib.parse import urlsplit

from clawstore.environment import Environment

PROVIDERS = ("disabled", "mock", "lnbits")
SECRET_PREFIX = "whsec_"  # noqa: S105 - marks a secret, and is none
# Standard Webhooks asks for 24 bytes at least.
SHORTEST_SECRET_BYTES = 24


def payment_provider(env: Environment) -> str:
    """Return the name of the provider; mock is for development alone."""
    name = env.choice("PAYMENT_PROVIDER", PROVIDERS, "disabled")
    if name == "mock" and not env.is_development:
        env.refuse("PAYMENT_PROVIDER", "is mock, which is for development only")
        return "disabled"
    return name


def settlement_secrets(env: Environment) -> list[str]:
    """Return the secrets of settlement events, newest first."""
    secrets = env.texts("PAYMENT_WEBHOOK_SECRET")
    if not all(is_webhook_secret(secret) for secret in secrets):
        env.refuse(
            "PAYMENT_WEBHOOK_SECRET", "has a value that is not whsec_ and 24 bytes in base64"
        )
        return []
    return secrets


def is_webhook_secret(text: str) -> bool:
    if not text.startswith(SECRET_PREFIX):
        return False
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(key) >= SHORTEST_SECRET_BYTES


def lightning_node(env: Environment, provider: str) -> tuple[str, str]:
    """Return address and invoice key of LNbits; both are needed if it is the provider."""
    url, key = env.text("LNBITS_URL").rstrip("/"), env.text("LNBITS_INVOICE_KEY")
    if provider != "lnbits":
        return url, key
    parts = urlsplit(url)
    is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not is_address or parts.username or parts.query or parts.fragment:
        env.refuse("LNBITS_URL", "is no address such as https://lnbits.example.org")
    elif parts.scheme == "http" and not _is_private(parts.hostname or ""):
        # The key in each request would be readable on its way.
        env.refuse("LNBITS_URL", "begins with http: and is no private address")
    if not key.isalnum():
        env.refuse("LNBITS_INVOICE_KEY", "is missing: the invoice/read key of the wallet")
    return url, key


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        # A name of a container, or this machine.
        return host == "localhost" or "." not in host
