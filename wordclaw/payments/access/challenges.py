"""Challenges: a new invoice, and a token that is a right once it is paid."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import iso, now
from foundation.encryption import NotReadable, decrypt_text, encrypt_text
from foundation.l402.headers import format_challenge, make_identifier
from foundation.l402.invoices import InvalidInvoice, read_invoice
from foundation.l402.macaroons import mint_macaroon
from foundation.limits.actions import count_use
from foundation.limits.declarations import get_limit
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.errors import (
    InvalidToken,
    PaymentRequired,
    ProviderUnavailable,
    SellerUnavailable,
    TooManyChallenges,
)
from wordclaw.payments.limits import CHALLENGE, CUSTOMER, PURCHASE
from wordclaw.payments.models import (
    Entitlement,
    LicencePolicyVersion,
    Offer,
    Payment,
    PaymentStatus,
    PaymentToken,
)
from wordclaw.payments.models.payments import PATH_LENGTH
from wordclaw.payments.offers.queries import has_seller, newest_version
from wordclaw.payments.providers.base import NewInvoice
from wordclaw.payments.providers.choice import active_provider
from wordclaw.payments.rules import INVOICE_SECONDS
from wordclaw.payments.subjects import find_subject

LOCATION = "clawstore"
# Of all readers without an account together: each costs a row until it expires.
MAX_OPEN_CHALLENGES = 5000
FIRST_CHECK = timedelta(seconds=10)
MILLISATOSHIS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """An invoice with its token. The token is shown to its buyer and stored nowhere."""

    payment: Payment
    token: str
    entitlement: Entitlement | None = None

    def refusal(self, reason: str = "initial") -> PaymentRequired:
        """Return the refusal 402 with header and details.

        ``reason``: initial, invalid, pending, expired or failed.
        """
        return PaymentRequired(
            headers={
                "WWW-Authenticate": format_challenge(self.token, self.payment.payment_request),
                # The answer belongs to one reader, as does the text after the payment.
                "Cache-Control": "no-store",
            },
            **self.details(),
            reason=reason,
        )

    def details(self) -> dict[str, Any]:
        payment, policy = self.payment, self.payment.policy_version
        details: dict[str, Any] = {
            "offerId": str(payment.offer_id),
            "amountSatoshis": payment.amount_satoshis,
            "paymentHash": payment.payment_hash,
            "invoice": payment.payment_request,
            "token": self.token,
            "expiresAt": iso(payment.expires_at),
            "subject": payment.offer.subject,
            "policy": {
                "id": str(policy.policy_id),
                "version": policy.version,
                "maxReads": policy.max_reads,
                "ttlSeconds": policy.ttl_seconds,
                "terms": policy.terms,
            },
        }
        if self.entitlement is not None:
            details["entitlementId"] = str(self.entitlement.pk)
        return details


def make_challenge(offer: Offer, reader: Reader, *, is_purchase: bool = False) -> Challenge:
    """Return a new challenge for an offer; a purchase also gets its entitlement.

    The provider is asked outside of a transaction. Raises SellerUnavailable, RateLimited,
    TooManyChallenges or ProviderUnavailable.
    """
    provider = active_provider()
    if not has_seller(offer.domain):
        raise SellerUnavailable
    _count(reader)
    memo = f"{settings.INSTANCE_NAME}: {offer.subject}"
    invoice = provider.create_invoice(
        offer.amount_satoshis, memo=memo, expiry_seconds=INVOICE_SECONDS
    )
    require_right_invoice(invoice, offer.amount_satoshis)
    with transaction.atomic():
        policy_version = newest_version(offer.policy_id)
        payment = _store(offer, policy_version, invoice, reader, provider.name)
        token = _issue_token(payment)
        entitlement = _store_entitlement(payment, by=reader.by) if is_purchase else None
    return Challenge(payment=payment, token=token, entitlement=entitlement)


def _count(reader: Reader) -> None:
    if reader.by.user is None:
        open_payments = Payment.objects.filter(user=None, status=PaymentStatus.PENDING)
        if open_payments.count() >= MAX_OPEN_CHALLENGES:
            raise TooManyChallenges(retry_after=60)
    if not settings.LIMITS_ON:
        return
    if reader.by.user is None:
        # The narrow one first, so that one network uses up little of its customer's.
        count_use(get_limit(CHALLENGE), reader.network).require_within_limit()
        count_use(get_limit(CUSTOMER), reader.customer or reader.network).require_within_limit()
    else:
        count_use(get_limit(PURCHASE), f"user:{reader.by.user_id}").require_within_limit()


def require_right_invoice(invoice: NewInvoice, amount_satoshis: int) -> None:
    """Raise ProviderUnavailable unless the invoice is for our hash and amount.

    Clients pay what the invoice says, and not what we say beside it.
    """
    try:
        parts = read_invoice(invoice.payment_request)
    except InvalidInvoice as error:
        raise ProviderUnavailable from error
    is_right = parts.payment_hash == invoice.payment_hash
    if not is_right or parts.millisatoshis != amount_satoshis * MILLISATOSHIS:
        raise ProviderUnavailable


def _store(
    offer: Offer,
    policy_version: LicencePolicyVersion,
    invoice: NewInvoice,
    reader: Reader,
    provider_name: str,
) -> Payment:
    by = reader.by
    payment = Payment(
        domain_id=offer.domain_id,
        offer=offer,
        policy_version=policy_version,
        user_id=by.user_id,
        payment_hash=invoice.payment_hash,
        provider=provider_name,
        provider_invoice_id=invoice.provider_invoice_id,
        payment_request=invoice.payment_request,
        amount_satoshis=offer.amount_satoshis,
        expires_at=invoice.expires_at,
        resource_path=reader.path[:PATH_LENGTH],
        actor_id=str(by.user_id or ""),
        details={"door": by.door, "requestId": by.request_id} | _title_of(offer, by),
        # A reader without an account proves the payment with its preimage, so the provider is
        # asked at the end alone.
        next_check_at=now() + FIRST_CHECK if by.user_id else invoice.expires_at,
    )
    payment.domain = offer.domain
    payment.save(force_insert=True)
    return payment


def _title_of(offer: Offer, by: Actor) -> dict[str, str]:
    """Return the present name of what is sold, for the list of a user's purchases."""
    if by.user is None:
        return {}
    subject = find_subject(offer.domain.name, offer.subject_type, offer.subject_id)
    return {"title": subject.title} if subject else {}


def _issue_token(payment: Payment) -> str:
    root_key, token_id = secrets.token_bytes(32), secrets.token_hex(32)
    PaymentToken.objects.create(
        token_id=token_id, payment=payment, root_key=encrypt_text(root_key.hex())
    )
    return _token_text(payment, token_id, root_key)


def _token_text(payment: Payment, token_id: str, root_key: bytes) -> str:
    caveats = [f"domain={payment.domain.name}", f"subject={payment.offer.subject}"]
    identifier = make_identifier(payment.payment_hash, token_id)
    return mint_macaroon(root_key, identifier, caveats, location=LOCATION).as_text()


def challenge_again(payment: Payment) -> Challenge:
    """Return the challenge of a payment as it was made, for its owner.

    Raises InvalidToken if its key was lost, or stayed behind when the data were moved.
    """
    row = PaymentToken.objects.filter(payment=payment).first()
    if row is None:
        raise InvalidToken("The token of this payment is lost.")
    try:
        root_key = bytes.fromhex(decrypt_text(row.root_key))
    except NotReadable:
        raise InvalidToken("The token of this payment is lost.") from None
    token = _token_text(payment, row.token_id, root_key)
    entitlement = Entitlement.objects.filter(payment=payment).first()
    return Challenge(payment=payment, token=token, entitlement=entitlement)


def _store_entitlement(payment: Payment, *, by: Actor) -> Entitlement:
    entitlement: Entitlement = Entitlement.objects.create(
        domain=payment.domain,
        offer=payment.offer,
        policy_version=payment.policy_version,
        user_id=payment.user_id,
        payment=payment,
    )
    record(
        "entitlement.create",
        "entitlement",
        str(entitlement.pk),
        by=by,
        tenant=payment.domain.name,
        offer=str(payment.offer_id),
        subject=payment.offer.subject,
        amountSatoshis=payment.amount_satoshis,
    )
    return entitlement
