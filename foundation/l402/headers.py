"""The headers of L402: a challenge of the server, and the credential of a client."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from foundation.l402.macaroons import InvalidMacaroon, Macaroon, read_macaroon

# The former name of the scheme, which older clients still send.
SCHEMES = frozenset({"l402", "lsat"})
IDENTIFIER_VERSION = b"\0\0"
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
HASH_BYTES = TOKEN_ID_BYTES = PREIMAGE_BYTES = 32


class InvalidCredential(ValueError):
    """The header is no credential of L402."""


@dataclass(frozen=True, slots=True)
class L402Credential:
    """A token and the preimage of its invoice; neither is checked yet."""

    token: Macaroon
    preimage: bytes

    @property
    def payment_hash(self) -> str:
        return self.token.identifier[2 : 2 + HASH_BYTES].hex()

    @property
    def token_id(self) -> str:
        return self.token.identifier[2 + HASH_BYTES :].hex()

    @property
    def has_right_preimage(self) -> bool:
        return is_preimage_of(self.preimage, self.payment_hash)


def make_identifier(payment_hash: str, token_id: str) -> bytes:
    """Return the identifier of a token: version, payment hash, and ID of the token."""
    return IDENTIFIER_VERSION + bytes.fromhex(payment_hash) + bytes.fromhex(token_id)


def is_preimage_of(preimage: bytes, payment_hash: str) -> bool:
    return hmac.compare_digest(sha256(preimage).hexdigest(), payment_hash)


def is_payment_hash(text: str) -> bool:
    """Whether a text has the form of a payment hash: 64 hexadecimal digits."""
    return len(text) == 2 * HASH_BYTES and HEX_DIGITS.issuperset(text)


def read_preimage(text: str) -> bytes | None:
    """Return the bytes of 64 hexadecimal digits, or None."""
    # `fromhex` alone accepts blanks between the digits.
    if len(text) != 2 * PREIMAGE_BYTES or not text.isalnum():
        return None
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def read_credential(header: str) -> L402Credential | None:
    """Return the credential of a header ``Authorization``; None for another scheme.

    Raises InvalidCredential.
    """
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() not in SCHEMES:
        return None
    token_text, _, preimage_text = value.strip().rpartition(":")
    preimage = read_preimage(preimage_text)
    if preimage is None:
        raise InvalidCredential("The preimage is not 64 hexadecimal digits.")
    try:
        token = read_macaroon(token_text)
    except InvalidMacaroon as error:
        raise InvalidCredential(str(error)) from error
    is_ours = token.identifier.startswith(IDENTIFIER_VERSION)
    if not is_ours or len(token.identifier) != 2 + HASH_BYTES + TOKEN_ID_BYTES:
        raise InvalidCredential("The token has an identifier of another kind.")
    return L402Credential(token, preimage)


def format_challenge(token: str, invoice: str) -> str:
    """Return a header ``WWW-Authenticate``; ``macaroon`` is what older clients read."""
    return f'L402 version="0", token="{token}", macaroon="{token}", invoice="{invoice}"'
