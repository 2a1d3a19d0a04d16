"""Macaroons, invoices and headers of L402, with vectors of other programs."""

import base64
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.l402.headers import InvalidCredential, make_identifier, read_credential
from foundation.l402.invoices import ALPHABET, InvalidInvoice, read_invoice
from foundation.l402.macaroons import (
    InvalidMacaroon,
    attenuate,
    is_signed_by,
    mint_macaroon,
    read_macaroon,
)

pytestmark = pytest.mark.once
VECTORS = json.loads((Path(__file__).parent / "invoices.json").read_text())
ROOT_KEY = b"\x07" * 32
IDENTIFIER = make_identifier("11" * 32, "22" * 32)
CAVEATS = ["domain=ada", "subject=content_item:1", "expires_at=1764526980"]
# The same token as pymacaroons 0.13.0 and npm macaroon 3.0.4 make of these values.
OF_OTHERS = (
    "AgEJY2xhd3N0b3JlAkIAABERERERERERERERERERERERERERERERERERERERERERIiIiIiIiIiIiIiIiIiIiIiIiIiIi"
    "IiIiIiIiIiIiIiIAAgpkb21haW49YWRhAAIWc3ViamVjdD1jb250ZW50X2l0ZW06MQACFWV4cGlyZXNfYXQ9MTc2NDUy"
    "Njk4MAAABiCwoLuvynCZYf1VNPUKoHBQIAyH6GF32elxL_wu7C_j8g"
)


def test_token_is_that_of_two_other_libraries():
    token = mint_macaroon(ROOT_KEY, IDENTIFIER, CAVEATS, location="clawstore")

    assert token.as_text() == OF_OTHERS
    assert read_macaroon(OF_OTHERS) == token
    # In the other alphabet and padded, as some clients send it.
    padded_text = base64.b64encode(base64.urlsafe_b64decode(OF_OTHERS + "==")).decode()
    assert read_macaroon(padded_text) == token


def test_holder_narrows_a_token_and_cannot_widen_it():
    token = read_macaroon(OF_OTHERS)
    narrow_token = read_macaroon(attenuate(token, "subject=content_item:2").as_text())

    assert narrow_token.caveats == (*token.caveats, b"subject=content_item:2")
    assert is_signed_by(token, ROOT_KEY)
    assert is_signed_by(narrow_token, ROOT_KEY)
    assert not is_signed_by(token, b"\x08" * 32)
    for caveats in (token.caveats[:-1], (*token.caveats[:-1], b"expires_at=9999999999"), ()):
        changed_token = type(token)(token.location, token.identifier, caveats, token.signature)
        assert not is_signed_by(changed_token, ROOT_KEY)


def test_damaged_tokens_are_refused_or_unsigned():
    body = base64.urlsafe_b64decode(OF_OTHERS + "==")
    for place in range(len(body)):
        changed_body = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        for damaged_body in (body[:place], changed_body):
            text = base64.urlsafe_b64encode(damaged_body).decode()
            try:
                token = read_macaroon(text)
            except InvalidMacaroon:
                continue
            # The location is the only part that nothing signs.
            assert not is_signed_by(token, ROOT_KEY) or token.location != b"clawstore"


@given(st.binary(max_size=200) | st.text(max_size=80))
def test_malformed_input_raises_the_error_of_its_reader(content: bytes | str):
    text = content if isinstance(content, str) else base64.b64encode(content).decode()
    for read, error in (
        (read_macaroon, InvalidMacaroon),
        (read_invoice, InvalidInvoice),
        (lambda value: read_credential(f"L402 {value}:{'0' * 64}"), InvalidCredential),
    ):
        with pytest.raises(error):
            read(text)


def test_header_needs_token_and_preimage():
    credential = read_credential(f"l402 {OF_OTHERS}:{'AB' * 32}")
    assert credential is not None
    assert credential.payment_hash == "11" * 32
    assert credential.token_id == "22" * 32
    assert not credential.has_right_preimage
    assert read_credential(f"Bearer {OF_OTHERS}") is None
    for value in (OF_OTHERS, f"{OF_OTHERS}:", f"{OF_OTHERS}:{'0' * 62}", f":{'0' * 64}", "", "a:b"):
        with pytest.raises(InvalidCredential):
            read_credential(f"L402 {value}")


@pytest.mark.parametrize("vector", VECTORS["valid"])
def test_invoice_of_the_specification_is_read(vector: dict[str, object]):
    invoice = read_invoice(str(vector["text"]))

    assert invoice.network == vector["network"]
    assert invoice.millisatoshis == vector["millisatoshis"]
    assert invoice.payment_hash == vector["payment_hash"]
    assert int(invoice.made_at.timestamp()) == vector["made_at"]
    assert invoice.expiry_seconds == vector["expiry_seconds"]


def test_invalid_invoices_of_the_specification_are_refused():
    for text in VECTORS["invalid"]:
        with pytest.raises(InvalidInvoice):
            read_invoice(text)


def test_damaged_invoices_are_refused():
    generator, accepted_texts = random.Random(1), []
    for number in range(3000):
        text = VECTORS["valid"][number % 4]["text"]
        letters = list(text)
        letters[generator.randrange(len(text))] = generator.choice(ALPHABET + "1b0")
        damaged_text = "".join(letters)
        try:
            read_invoice(damaged_text)
        except InvalidInvoice:
            continue
        accepted_texts += [damaged_text] if damaged_text != text else []

    assert accepted_texts == []
