"""Reads private keys as tools write them: PEM, PEM in base64, PuTTY."""

import base64
import binascii

from registry.package.checks.placeholders import is_key_material, is_placeholder

ENCODED_BEGIN = "LS0tLS1CRUdJTi"
"""`-----BEGIN ` in base64, as files of Kubernetes have it."""
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
