"""Reads the public documents of issuers over HTTP, within limits of time and size."""

from time import monotonic
from typing import Any

import orjson
import requests

from foundation.oidc.errors import IssuerUnavailable

REQUEST_SECONDS = 3.0
MAX_DOCUMENT_BYTES = 256 * 1024


def read_configuration(issuer_url: str) -> dict[str, Any]:
    """Read the configuration of an issuer (OpenID Connect Discovery 1.0).

    The caller compares its ``issuer``. Raises IssuerUnavailable.
    """
    return read_document(f"{issuer_url.rstrip('/')}/.well-known/openid-configuration")


def read_document(url: str, *, bearer: str = "") -> dict[str, Any]:
    """Read a JSON object over HTTP, with a bearer token if there is one.

    Raises IssuerUnavailable.
    """
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    deadline = monotonic() + REQUEST_SECONDS
    try:
        with requests.get(
            url, headers=headers, timeout=REQUEST_SECONDS, allow_redirects=False, stream=True
        ) as response:
            if response.status_code != 200:
                raise IssuerUnavailable(f"The issuer answered {response.status_code}.")
            body = b""
            for chunk in response.iter_content(16 * 1024):
                body += chunk
                if len(body) > MAX_DOCUMENT_BYTES or monotonic() > deadline:
                    raise IssuerUnavailable("The issuer's answer is too large or too slow.")
        document = orjson.loads(body)
    except (requests.RequestException, ValueError) as error:
        raise IssuerUnavailable from error
    if not isinstance(document, dict):
        raise IssuerUnavailable("The issuer's answer is not an object.")
    return document
