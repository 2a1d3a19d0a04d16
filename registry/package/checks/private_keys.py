"""Reads private keys as tools write them: PEM, PEM in base64, PuTTY."""

import base64
import binascii

from foundation.text.expressions import compile_bytes
from registry.package.checks.placeholders import is_key_material, is_placeholder

ENCODED_BEGIN = "LS0tLS1CRUdJTi"
"""`-----BEGIN ` in base64, as files of Kubernetes have it."""
HEX_BEGIN = "2[dD]2[dD]2[dD]2[dD]2[dD]424547494[eE]20"
"""The same in hexadecimal digits."""
# The beginnings of keys in base64: PKCS #8 of RSA and DSA, PKCS #1, PKCS #8 of elliptic curves and
# of Edwards curves, SEC 1, PKCS #8 with a password, PKCS #12, and the format of OpenSSH.
ENCODED_KEY = (
    "MII[A-Za-z0-9+/]{2,3}(?:IBADA[A-Za-z0-9]BgkqhkiG9w0BAQ|[A-Za-z0-9+/]?IBAAKC"
    "|IBADCC[A-Za-z0-9+/]{3}GByqGSM44|IBAzCC|B[A-Za-z0-9+/]BgkqhkiG9w0BBQ)"
    "|MI[GH][A-Za-z0-9+/](?:AgEAMB[A-Z]GByqGSM49|AgEBB[DE]|M[E-H][A-Za-z0-9+/]GCSqGSIb3DQEF)"
    "|M[A-Z][0-9A-Za-z]CAQAwBQYDK2V[u-x]|MH[A-Za-z0-9+/]CAQEEI|MIACAQMwg|b3BlbnNzaC1rZXktdjEA"
)
# The beginning of a secret key of OpenPGP in base64, without armour.
OPENPGP_BEGIN = "(?:lQ[A-P][A-Za-z0-9+/]B[D-H]|(?:l[A-P]|x[Q-Zab])[AEIMQUYcgkosw048]E[O-Za-c])"
JWK_VALUE = r"\"d\\?\"[ \t]{0,4}:[ \t]{0,4}\\?\"[A-Za-z0-9_-]{8}"
MIN_JWK_CHARACTERS = 40
_JWK_CONTEXT = 3_000
MIN_KEY_CHARACTERS = 32
SAMPLE_CHARACTERS = 64
_HEADER_BYTES = 1_200
"""From the beginning of a key to the end of its sample."""
_ENCODED_BYTES = 4_096
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HEADERS = tuple(
    name + b":" for name in b"Proc-Type DEK-Info Version Comment Hash Charset MessageID".split()
)
# Characters between the lines of a key: quotes, escapes and marks of the text that has it.
_BETWEEN = b" \t\r\n\"'+>|#*;,\\`-"
# What stands for the end of a line in JSON and in programs, in HTML and in an address.
_LINE_ENDS = compile_bytes(rb"\\+[rn]|<br ?/?>|&#(?:1[03]|x0?[aAdD]);|%0[aAdD]|\r")
# Comments, and numbers of lines.
_MARGIN = compile_bytes(rb"[ \t]*(?://+[ \t]|[0-9]{1,5}[:.|]?[ \t]+)")
_CHARACTER = compile_bytes(rb"%(2[bBfF])|&#(43|47|x2[bBfF]);")
_CHARACTERS = {b"2b": b"+", b"2f": b"/", b"43": b"+", b"47": b"/", b"x2b": b"+", b"x2f": b"/"}
_PEM_HEADERS = compile_bytes(
    rb"Proc-Type(?::|%3[aA])(?: |%20|\+)?4(?:,|%2[cC])ENCRYPTED[\s\"'`,]+"
    rb"DEK-Info(?::|%3[aA])(?: |%20|\+)?[A-Z0-9-]+(?:,|%2[cC])[0-9A-F]+"
)
_BLANKS = compile_bytes(rb"%20|\+")


def read_private_key(text: bytes, position: int) -> bytes | None:
    """Returns the first characters of the key below a BEGIN line, or None."""
    head, dashes, body = text[position + 5 : position + _HEADER_BYTES].partition(b"-----")
    head = _BLANKS.sub(b" ", head)
    if not dashes or len(head) > 60 or not head.endswith((b"PRIVATE KEY", b"PRIVATE KEY BLOCK")):
        return None
    return _sample(body)


def _sample(body: bytes) -> bytes | None:
    """Returns the base64 characters of the first lines, or None if they are no key."""
    characters = b""
    body = _LINE_ENDS.sub(b"\n", body.replace(b"\\t", b" "))
    body = _CHARACTER.sub(lambda match: _CHARACTERS[(match[1] or match[2]).lower()], body)
    for line in _PEM_HEADERS.sub(b"\n", body).split(b"\n"):
        line = _MARGIN.sub(b"", line, count=1).strip(_BETWEEN)
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
    # The command `base64` breaks lines.
    lines = _LINE_ENDS.sub(b"\n", text[position : position + _ENCODED_BYTES]).split(b"\n")
    encoded_text = b""
    for line in lines:
        line = line.strip(_BETWEEN)
        run = line[: len(line) - len(line.lstrip(_BASE64))]
        encoded_text += run
        if len(run) < len(line):
            break
    decoded_bytes = _decode(encoded_text)
    # Parameters or a certificate may be above the key.
    begin = decoded_bytes.rfind(b"-----BEGIN", 0, max(0, decoded_bytes.find(b"PRIVATE KEY")))
    is_key = begin >= 0 and read_private_key(decoded_bytes, begin)
    return encoded_text[:SAMPLE_CHARACTERS] if is_key else None


def _decode(encoded_text: bytes) -> bytes:
    try:
        return base64.b64decode(encoded_text[: len(encoded_text) // 4 * 4])
    except binascii.Error:
        return b""


def read_hex_private_key(text: bytes, position: int) -> bytes | None:
    """Returns the first digits of a private key whose PEM is in hexadecimal, or None."""
    digits = b"".join(text[position : position + _ENCODED_BYTES].split())
    digits = digits[: len(digits) - len(digits.lstrip(b"0123456789abcdefABCDEF"))]
    decoded_bytes = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    return digits[:SAMPLE_CHARACTERS] if read_private_key(decoded_bytes, 0) else None


def read_openpgp_key(text: bytes, position: int) -> bytes | None:
    """Returns the first characters of a secret key of OpenPGP in base64, or None."""
    is_inside = position > 0 and text[position - 1] in _BASE64
    # Behind a BEGIN line the key is found by it, or is a public one.
    if is_inside or b"-----" in text[max(0, position - 100) : position]:
        return None
    encoded_text = text[position : position + SAMPLE_CHARACTERS]
    encoded_text = encoded_text[: len(encoded_text) - len(encoded_text.lstrip(_BASE64))]
    head = _decode(encoded_text)
    # Version, time of creation and algorithm: the beginning alone is in many other texts.
    body = head[3 if head[:1] == b"\x95" else 2 :]
    is_key = len(head) >= MIN_KEY_CHARACTERS and is_key_file(head) and body[5] in _OPENPGP_KINDS
    return encoded_text if is_key and 0x38 <= body[1] <= 0x7F else None


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


# RSA, ElGamal, DSA, elliptic and Edwards curves.
_OPENPGP_KINDS = frozenset({1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28})
_STORES = (b"\xfe\xed\xfe\xed\0\0\0", b"\xce\xce\xce\xce\0\0\0")
# What follows the outer tag and its length, in DER. PKCS #8 begins with a version and an
# algorithm, PKCS #1 with a version and a number, SEC 1 with a version and the key, PKCS #12 with
# another version; PKCS #8 with a password begins with one of the algorithms for that.
_DER_KEY = compile_bytes(
    rb"(?s)\x02\x01(?:\x00(?:\x30(?:\x82..)?.?\x06[\x03-\x0b]|\x02[\x40-\x83])"
    rb"|\x01(?:\x04[\x14-\x48]|\x30.\x06[\x03-\x0b])|\x03\x30[\x80-\x83])"
    rb"|\x30(?:\x81)?.\x06[\x09\x0a]\x2a\x86\x48\x86\xf7\x0d\x01(?:\x05|\x0c\x01)"
)


def is_key_file(head: bytes) -> bool:
    """Returns whether a file that is no text is a private key or a store of them.

    DER of PKCS #1, #8 and #12 and of SEC 1, a key store of Java, or a secret key of OpenPGP.
    """
    if head.startswith(_STORES):
        return True
    if head[:1] == b"\x30":
        size = head[1:2]
        content = head[2 + (size[0] & 0x7F if size >= b"\x80" else 0) :]
        return _DER_KEY.match(content[:64]) is not None
    # A packet of a secret key, version 4: old format with two or one bytes of length, or the new.
    is_old = head[:1] == b"\x95" and head[3:4] == b"\4"
    return is_old or (head[:1] in (b"\x94", b"\xc5") and head[2:3] == b"\4")
