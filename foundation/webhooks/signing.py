"""Secrets and signatures of the Standard Webhooks specification."""

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign_message(
    signing_secrets: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the three headers.

    Each secret gives a signature; receivers accept any of them.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [_signature(secret, content) for secret in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, sha256).digest()).decode()


def is_signed_message(
    signing_secrets: Iterable[str],
    message_id: str,
    timestamp: str,
    body: bytes,
    signatures: str,
    *,
    moment: datetime,
    tolerance_seconds: int,
) -> bool:
    """Whether one of the secrets signed a message, near this moment.

    The texts are the values of the three headers.
    """
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    if not is_number or abs(int(timestamp) - moment.timestamp()) > tolerance_seconds:
        return False
    if not message_id or not message_id.isascii() or not signatures.isascii():
        return False
    content = f"{message_id}.{timestamp}.".encode() + body
    # All are compared, so that the time does not tell which secret was used.
    matches = [
        hmac.compare_digest(_signature(secret, content), signature)
        for secret in signing_secrets
        for signature in signatures.split(" ")
    ]
    return any(matches)
