"""The provider of development: invoices in a table, and no money.

Its invoices are complete ones of the test network ``regtest`` with a signature that means nothing,
so clients can read them and no wallet pays them.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from foundation.clock import now
from foundation.encryption import decrypt_text, encrypt_text
from foundation.l402.invoices import ALPHABET, SIGNATURE_LENGTH, encode_invoice
from wordclaw.payments.errors import InvalidTransition, PaymentNotFound, ProviderUnavailable
from wordclaw.payments.models import MockInvoice
from wordclaw.payments.providers.base import InvoiceState, NewInvoice

MEMO_BYTES = 200
# 10 microbitcoins are 1,000 satoshis; one satoshi is 10 nanobitcoins.
NANOBITCOINS_OF_A_SATOSHI = 10


class MockProvider:
    name = "mock"

    def create_invoice(self, amount_satoshis: int, *, memo: str, expiry_seconds: int) -> NewInvoice:
        preimage = secrets.token_bytes(32)
        payment_hash = sha256(preimage).hexdigest()
        # Whole seconds, because an invoice has no others.
        moment = now().replace(microsecond=0)
        expires_at = moment + timedelta(seconds=expiry_seconds)
        MockInvoice.objects.create(
            payment_hash=payment_hash,
            preimage=encrypt_text(preimage.hex()),
            amount_satoshis=amount_satoshis,
            expires_at=expires_at,
        )
        text = _invoice_text(amount_satoshis, payment_hash, moment, memo, expiry_seconds)
        return NewInvoice(payment_hash, text, payment_hash, expires_at)

    def look_up(self, payment_hash: str) -> InvoiceState:
        invoice = MockInvoice.objects.filter(pk=payment_hash).first()
        if invoice is None:
            # As after a move of the shop to another database.
            raise ProviderUnavailable
        return InvoiceState(is_paid=invoice.paid_at is not None, paid_at=invoice.paid_at)

    def check(self) -> None:
        """Always ready: the table is in the database of the shop."""


@transaction.atomic
def pay_mock_invoice(payment_hash: str) -> str:
    """Pay an invoice as a buyer's wallet would, and return the preimage.

    Paying twice returns the same. Raises PaymentNotFound, or InvalidTransition after the expiry.
    """
    invoices = MockInvoice.objects.select_for_update()
    invoice = invoices.filter(pk=payment_hash.lower()).first()
    if invoice is None:
        raise PaymentNotFound
    if invoice.paid_at is None:
        if invoice.expires_at < now():
            raise InvalidTransition("The invoice has expired.")
        invoice.paid_at = now()
        invoice.save(update_fields=["paid_at"])
    return decrypt_text(invoice.preimage)


def _invoice_text(
    amount_satoshis: int, payment_hash: str, moment: datetime, memo: str, expiry_seconds: int
) -> str:
    fields = (
        ("p", _words(bytes.fromhex(payment_hash))),
        ("s", _words(secrets.token_bytes(32))),
        ("d", _words(memo.encode()[:MEMO_BYTES])),
        ("x", _number_words(expiry_seconds)),
    )
    words = _number_words(int(moment.timestamp()), length=7)
    for kind, content in fields:
        words += [ALPHABET.index(kind), *_number_words(len(content), length=2), *content]
    words += _number_words(secrets.randbits(500), length=SIGNATURE_LENGTH)
    return encode_invoice(f"lnbcrt{amount_satoshis * NANOBITCOINS_OF_A_SATOSHI}n", words)


def _words(content: bytes) -> list[int]:
    bits = "".join(f"{byte:08b}" for byte in content)
    bits += "0" * (-len(bits) % 5)
    return [int(bits[place : place + 5], 2) for place in range(0, len(bits), 5)]


def _number_words(number: int, *, length: int = 0) -> list[int]:
    words: list[int] = []
    while number or len(words) < length:
        words.insert(0, number & 31)
        number >>= 5
    return words
