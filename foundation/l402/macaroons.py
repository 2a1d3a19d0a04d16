"""Macaroons (version 2, binary): tokens that their holder can only narrow.

A chain of HMACs signs the identifier and each caveat. The holder adds a caveat with the signature
alone, and only the issuer, who knows the root key, can check the whole chain.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from hashlib import sha256

VERSION = 2
LOCATION, IDENTIFIER, VERIFIER, SIGNATURE = 1, 2, 4, 6
END = 0
# Constant of the format: it makes a key of 32 bytes from a root key of any length.
KEY_GENERATOR = b"macaroons-key-generator"
SIGNATURE_BYTES = 32
MAX_TEXT_LENGTH = 4096
MAX_CAVEATS = 32
MAX_FIELD_BYTES = 512


class InvalidMacaroon(ValueError):
    """The text is no macaroon of this kind."""


@dataclass(frozen=True, slots=True)
class Macaroon:
    """A parsed token; nothing of it is checked yet."""

    location: bytes
    identifier: bytes
    caveats: tuple[bytes, ...]
    signature: bytes

    def as_text(self) -> str:
        """Return the token in base64url without padding."""
        body = bytearray([VERSION])
        if self.location:
            body += _packet(LOCATION, self.location)
        body += _packet(IDENTIFIER, self.identifier) + bytes([END])
        for caveat in self.caveats:
            body += _packet(IDENTIFIER, caveat) + bytes([END])
        body += bytes([END]) + _packet(SIGNATURE, self.signature)
        return base64.urlsafe_b64encode(bytes(body)).rstrip(b"=").decode()


def mint_macaroon(
    root_key: bytes, identifier: bytes, caveats: list[str], *, location: str = ""
) -> Macaroon:
    """Return a new token."""
    signature = _hmac(_hmac(KEY_GENERATOR, root_key), identifier)
    token = Macaroon(location.encode(), identifier, (), signature)
    for caveat in caveats:
        token = attenuate(token, caveat)
    return token


def attenuate(token: Macaroon, caveat: str) -> Macaroon:
    """Return a token that also has this caveat; every holder can do it."""
    text = caveat.encode()
    signature = _hmac(token.signature, text)
    return Macaroon(token.location, token.identifier, (*token.caveats, text), signature)


def is_signed_by(token: Macaroon, root_key: bytes) -> bool:
    """Whether the token was minted with a root key, and only narrowed since then."""
    signature = _hmac(_hmac(KEY_GENERATOR, root_key), token.identifier)
    for caveat in token.caveats:
        signature = _hmac(signature, caveat)
    return hmac.compare_digest(signature, token.signature)


def read_macaroon(text: str) -> Macaroon:
    """Return the token in a text, in base64 of either alphabet.

    Raises InvalidMacaroon.
    """
    reader = _Reader(_decode(text))
    if reader.take(1) != bytes([VERSION]):
        raise InvalidMacaroon("The token is no macaroon of version 2.")
    location = reader.optional(LOCATION)
    identifier = reader.required(IDENTIFIER)
    reader.end_section()
    caveats: list[bytes] = []
    while not reader.is_at_end_of_caveats():
        if len(caveats) == MAX_CAVEATS:
            raise InvalidMacaroon(f"The token has more than {MAX_CAVEATS} caveats.")
        # Its location is a hint for caveats of third parties, which are refused.
        reader.optional(LOCATION)
        caveats.append(reader.required(IDENTIFIER))
        # A verifier stands where the end of the caveat is expected.
        reader.end_section()
    signature = reader.required(SIGNATURE)
    if len(signature) != SIGNATURE_BYTES or reader.remainder:
        raise InvalidMacaroon("The token has no signature at its end.")
    return Macaroon(location, identifier, tuple(caveats), signature)


def _decode(text: str) -> bytes:
    if not 1 <= len(text) <= MAX_TEXT_LENGTH or not text.isascii():
        raise InvalidMacaroon("The token is empty or too long.")
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        body = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidMacaroon("The token is not base64.") from error
    return body


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, sha256).digest()


def _packet(kind: int, content: bytes) -> bytes:
    size, length = bytearray(), len(content)
    while length > 127:
        size.append(length & 127 | 128)
        length >>= 7
    return bytes([kind, *size, length]) + content


class _Reader:
    """Reads the fields of a token from left to right."""

    def __init__(self, body: bytes) -> None:
        self.remainder = body

    def take(self, length: int) -> bytes:
        if len(self.remainder) < length:
            raise InvalidMacaroon("The token ends early.")
        part, self.remainder = self.remainder[:length], self.remainder[length:]
        return part

    def optional(self, kind: int) -> bytes:
        return self.required(kind) if self.remainder[:1] == bytes([kind]) else b""

    def required(self, kind: int) -> bytes:
        if self.take(1) != bytes([kind]):
            raise InvalidMacaroon("The token has a field that is not expected here.")
        return self.take(self._length())

    def _length(self) -> int:
        first = self.take(1)[0]
        # Two bytes are enough for the longest field that is accepted.
        length = first if first < 128 else first & 127 | self.take(1)[0] << 7
        if length > MAX_FIELD_BYTES:
            raise InvalidMacaroon("The token has a field that is too long.")
        return length

    def end_section(self) -> None:
        if self.take(1) != bytes([END]):
            raise InvalidMacaroon("The token has a caveat of a third party, or is damaged.")

    def is_at_end_of_caveats(self) -> bool:
        if self.remainder[:1] != bytes([END]):
            return False
        self.take(1)
        return True
