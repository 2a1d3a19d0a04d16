"""Encryption of secrets that must be readable again, such as those of webhooks.

A secret that is only compared is stored as a digest instead. The key comes from ``SECRET_KEY``, so
a stolen database alone opens nothing; after a change, ``SECRET_KEY_FALLBACKS`` open the old rows.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# Part of every stored secret: the value must not change.
PURPOSE = b"clawstore encryption 1"


class NotReadable(ValueError):
    """The text was encrypted with a key that is no longer known."""


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derive_key(key)) for key in keys])


def _derive_key(secret: str) -> bytes:
    # Signatures use the same secret, and one key must not serve two purposes.
    digest = hashlib.blake2b(PURPOSE, key=hashlib.sha512(secret.encode()).digest(), digest_size=32)
    return base64.urlsafe_b64encode(digest.digest())


def encrypt_text(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def decrypt_text(token: str) -> str:
    """Return the text. Raises NotReadable."""
    try:
        return _cipher().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise NotReadable from error
