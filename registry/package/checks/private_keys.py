"""Reads private keys as tools write them: PEM, PEM in base64, PuTTY."""

import base64
import binascii

from registry.package.checks.placeholders import is_key_material, is_placeholder

ENCODED_BEGIN = "LS0tLS1CRUdJTi"
"""`-----BEGIN ` in base64, as files of Kubernetes have it."""
# The beginnings of keys in base64: PKCS #8 and #1 of RSA, PKCS #8 of elliptic curves, SEC 1, and
# the format of OpenSSH.
ENCODED_KEY = (
    "MII[A-Za-z0-9+/]{2,3}(?:IBADANBgkqhkiG9w0BAQEF|[A-Za-z0-9+/]?IBAAKC)"
    "|MIGHAgEAMBMGByqGSM49|MC4CAQAwBQYDK2Vw|MHcCAQEEI|b3BlbnNzaC1rZXktdjEA"
)
JWK_VALUE = r"\"d\\?\"[ \t]{0,4}:[ \t]{0,4}\\?\"[A-Za-z0-9_-]{8}"
MIN_JWK_CHARACTERS = 40
_JWK_CONTEXT = 3_000
MIN_KEY_CHARACTERS = 32
SAMPLE_CHARACTERS = 64
_HEADER_BYTES = 1_200
"""From the beginning of a key to the end of its sample."""
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HEADERS = tuple(
    name + b":" for name in b"Proc-Type DEK-Info Version Comment Hash Charset MessageID".split()
)
# Characters between the lines of a key: quotes, escapes and marks of the text that has it.
_BETWEEN = b" \t\r\n\"'+>|#*;,\\`"


def read_private_key(text: bytes, position: int) -> bytes | None:
    """Returns the first characters of the key below a BEGIN line, or None."""
    head, dashes, body = text[position + 5 : position + _HEADER_BYTES].partition(b"-----")
    if not dashes or len(head) > 60 or not head.endswith((b"PRIVATE KEY", b"PRIVATE KEY BLOCK")):
        return None
    return _sample(body)


def _sample(body: bytes) -> bytes | None:
    """Returns the base64 characters of the first lines, or None if they are no key."""
    characters = b""
    # In JSON and in many languages a line end is written as a backslash and a letter.
    body = body.replace(b"\\r", b"\n").replace(b"\\n", b"\n").replace(b"\\t", b" ")
    for line in body.split(b"\n"):
        line = line.strip(_BETWEEN)
        if not line or line.startswith(_HEADERS):
            continue
        run = line[: len(line) - len(line.lstrip(_BASE64))]
        characters += run
        if len(run) < len(line.rstrip(b"=")) or len(characters) >= SAMPLE_CHARACTERS:
            break
    sample = characters[:SAMPLE_CHARACTERS]
    is_key = len(sample) >= MIN_KEY_CHARACTERS and is_key_material(sample)
    return sample if is_key and not is_placeholder(sample) else None


def read_encoded_private_key(text: bytes, position: int) -> bytes | None:
    """Returns the first characters of a private key whose PEM is in base64, or None."""
    encoded = text[position : position + _HEADER_BYTES]
    encoded = encoded[: len(encoded) - len(encoded.lstrip(_BASE64))]
    try:
        decoded = base64.b64decode(encoded[: len(encoded) // 4 * 4])
    except binascii.Error:
        return None
    return encoded[:SAMPLE_CHARACTERS] if read_private_key(decoded, 0) else None


def read_putty_key(text: bytes, position: int) -> bytes | None:
    """Returns the first characters below `Private-Lines: 14`, or None."""
    _, _, body = text[position : position + _HEADER_BYTES].partition(b"\n")
    return _sample(body)


def read_bare_private_key(text: bytes, position: int) -> bytes | None:
    """Returns the first characters of a key in base64 without a BEGIN line, or None."""
    # Behind a BEGIN line the key is found by it, or is a public one.
    if b"-----" in text[max(0, position - 100) : position]:
        return None
    return _sample(text[position : position + _HEADER_BYTES])


def read_jwk(text: bytes, position: int) -> bytes | None:
    """Returns the private part of a JSON Web Key, or None if it is another `d`."""
    around = text[max(0, position - _JWK_CONTEXT) : position + _JWK_CONTEXT]
    value = text[position : position + _HEADER_BYTES].split(b":", 1)[1].lstrip(b' \t\\"')
    value = value[: len(value) - len(value.lstrip(_BASE64 + b"-_"))]
    if b"kty" not in around or len(value) < MIN_JWK_CHARACTERS or is_placeholder(value):
        return None
    return value[:SAMPLE_CHARACTERS]


def is_key_file(head: bytes) -> bool:
    """Returns whether a file that is no text is a private key or a store of them.

    DER of PKCS #1, #8 and #12, a key store of Java, or a secret key of OpenPGP.
    """
    if head.startswith((b"\xfe\xed\xfe\xed\0\0\0", b"\xce\xce\xce\xce\0\0\0")):
        return True
    if head[:1] == b"\x30" and head[1:2] in (b"\x81", b"\x82"):
        content = head[3 if head[1:2] == b"\x81" else 4 :]
        return content.startswith(
            (b"\2\1\0\2", b"\2\1\0\x30\x0d\6\x09", b"\2\1\0\x30\x13\6\x07", b"\2\1\3\x30\x82")
        )
    # A packet of a secret key, version 4: old format with two or one bytes of length, or the new.
    is_old = head[:1] == b"\x95" and head[3:4] == b"\4"
    return is_old or (head[:1] in (b"\x94", b"\xc5") and head[2:3] == b"\4")
