"""Reading Lightning invoices (BOLT 11): amount, payment hash, and end.

The checksum is checked. The signature is not: the provider that made an invoice is asked about it,
and the invoice alone proves nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CHECKSUM_LENGTH, SIGNATURE_LENGTH, TIME_LENGTH = 6, 104, 7
HASH_LENGTH = 52
# The longest first: the name of one network begins with that of another.
NETWORKS = ("bcrt", "tbs", "bc", "tb")
MILLISATOSHIS_OF_A_BITCOIN = 100_000_000_000
DIVISORS = {"": 1, "m": 10**3, "u": 10**6, "n": 10**9, "p": 10**12}
DEFAULT_EXPIRY = 3600
# All bitcoins there will be, in millisatoshis.
MAX_MILLISATOSHIS = 21_000_000 * MILLISATOSHIS_OF_A_BITCOIN
MAX_LENGTH = 4096
MAX_AMOUNT_DIGITS = 18
# Seconds: 34 years, which fits into every type of time.
MAX_EXPIRY = 2**30


class InvalidInvoice(ValueError):
    """The text is no invoice."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """The parts of an invoice that a payment needs.

    ``millisatoshis`` is None if the payer chooses the amount.
    """

    network: str
    millisatoshis: int | None
    payment_hash: str
    made_at: datetime
    expiry_seconds: int

    @property
    def expires_at(self) -> datetime:
        return self.made_at + timedelta(seconds=self.expiry_seconds)


def read_invoice(text: str) -> Invoice:
    """Return the parts of an invoice. Raises InvalidInvoice."""
    prefix, words = _split(text)
    network, millisatoshis = _read_prefix(prefix)
    fields = words[TIME_LENGTH:-SIGNATURE_LENGTH]
    payment_hash, expiry_seconds = _read_fields(fields)
    return Invoice(
        network=network,
        millisatoshis=millisatoshis,
        payment_hash=payment_hash,
        made_at=datetime.fromtimestamp(_number(words[:TIME_LENGTH]), UTC),
        expiry_seconds=expiry_seconds,
    )


def _split(text: str) -> tuple[str, list[int]]:
    """Return the readable part, and the words of five bits without the checksum."""
    if len(text) > MAX_LENGTH or not text.isascii() or text not in (text.lower(), text.upper()):
        raise InvalidInvoice("An invoice is in small or in capital letters, and not this long.")
    prefix, separator, data = text.lower().rpartition("1")
    words = [VALUES.get(letter, -1) for letter in data]
    is_too_short = len(words) < TIME_LENGTH + SIGNATURE_LENGTH + CHECKSUM_LENGTH
    if not separator or is_too_short or -1 in words:
        raise InvalidInvoice("The invoice has a character that does not belong there, or ends.")
    letters = [ord(letter) for letter in prefix]
    if _checksum([*(n >> 5 for n in letters), 0, *(n & 31 for n in letters), *words]) != 1:
        raise InvalidInvoice("The checksum of the invoice is wrong.")
    return prefix, words[:-CHECKSUM_LENGTH]


def _checksum(words: Sequence[int]) -> int:
    check = 1
    for word in words:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ word
        for bit, constant in enumerate(GENERATOR):
            if top >> bit & 1:
                check ^= constant
    return check


def encode_invoice(prefix: str, words: Sequence[int]) -> str:
    """Return the text of words of five bits with their checksum."""
    letters = [ord(letter) for letter in prefix]
    expanded_prefix = [*(n >> 5 for n in letters), 0, *(n & 31 for n in letters)]
    check = _checksum([*expanded_prefix, *words, *[0] * CHECKSUM_LENGTH]) ^ 1
    last_words = [check >> 5 * (CHECKSUM_LENGTH - 1 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(ALPHABET[word] for word in (*words, *last_words))}"


def _read_prefix(prefix: str) -> tuple[str, int | None]:
    """Return the network and the amount in millisatoshis."""
    if not prefix.startswith("ln"):
        raise InvalidInvoice("The text is no Lightning invoice.")
    network = next((name for name in NETWORKS if prefix.startswith(name, 2)), None)
    if network is None:
        raise InvalidInvoice("The invoice is for an unknown network.")
    amount = prefix[2 + len(network) :]
    return network, _read_amount(amount) if amount else None


def _read_amount(amount: str) -> int:
    multiplier = amount[-1] if amount[-1] in DIVISORS else ""
    digits = amount.removesuffix(multiplier) if multiplier else amount
    is_number = digits.isdigit() and len(digits) <= MAX_AMOUNT_DIGITS
    if not is_number or digits.startswith("0"):
        raise InvalidInvoice("The amount of the invoice cannot be read.")
    millisatoshis, remainder = divmod(
        int(digits) * MILLISATOSHIS_OF_A_BITCOIN, DIVISORS[multiplier]
    )
    if remainder or millisatoshis > MAX_MILLISATOSHIS:
        raise InvalidInvoice("The amount of the invoice is no number of millisatoshis.")
    return millisatoshis


def _read_fields(words: Sequence[int]) -> tuple[str, int]:
    hashes, expiry_seconds = [], DEFAULT_EXPIRY
    for kind, content in _tagged_fields(words):
        # The specification: a hash of another length is skipped.
        if kind == "p" and len(content) == HASH_LENGTH:
            # 52 words are four bits longer than the hash.
            hashes.append((_number(content) >> 4).to_bytes(32, "big").hex())
        elif kind == "x":
            expiry_seconds = _number(content)
    if len(hashes) != 1:
        raise InvalidInvoice("The invoice does not have one payment hash.")
    if expiry_seconds > MAX_EXPIRY:
        raise InvalidInvoice("The invoice never expires.")
    return hashes[0], expiry_seconds


def _tagged_fields(words: Sequence[int]) -> Iterator[tuple[str, Sequence[int]]]:
    place = 0
    while place < len(words):
        if place + 3 > len(words):
            raise InvalidInvoice("The invoice has half a field.")
        kind, length = ALPHABET[words[place]], words[place + 1] * 32 + words[place + 2]
        content = words[place + 3 : place + 3 + length]
        if len(content) != length:
            raise InvalidInvoice("A field of the invoice is longer than the invoice.")
        yield kind, content
        place += 3 + length


def _number(words: Sequence[int]) -> int:
    number = 0
    for word in words:
        number = number * 32 + word
    return number
