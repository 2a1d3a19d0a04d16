"""Opening a gate: a right is used, or the reader is asked to pay.

Surfaces call `open_gate` before bytes or texts leave. Surfaces that show many things at once, such
as lists and searches, use nothing up: they ask `offers_of_subjects` and show what is free of each.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When

from foundation.clock import now
from foundation.l402.headers import L402Credential
from foundation.refusals import Refusal
from wordclaw.payments.access.challenges import Challenge, challenge_again, make_challenge
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.access.queries import (
    Access,
    AccessKind,
    is_usable,
    may_read,
    was_read_this_hour,
)
from wordclaw.payments.errors import InvalidToken, PaymentConsumed, PaymentRequired
from wordclaw.payments.models import (
    AccessEvent,
    Entitlement,
    EntitlementStatus,
    Payment,
    PaymentStatus,
)
from wordclaw.payments.settlement.actions import can_be_settled, lock_payment, settle_payment
from wordclaw.payments.subjects import Gate
from wordclaw.policy.actions import challenged


def open_gate(gate: Gate, reader: Reader) -> Access:
    """Return the right to read what is behind a gate, and use one read.

    A HEAD uses nothing up and makes no invoice, except where reads are counted hourly.
    Raises PaymentRequired with a challenge; PaymentConsumed, InvalidToken or SubjectMismatch for a
    token; what `may_read` raises; and what `make_challenge` raises.
    """
    access = open_for_page(gate, reader)
    if not access.is_allowed:
        raise refusal_at_gate(gate, access, reader)
    return access


def refusal_at_gate(
    gate: Gate, access: Access, reader: Reader, *, with_invoice: bool = True
) -> Refusal:
    """Return a refusal 402 for a reader without a right.

    It has its decision for the log. With an invoice the provider is asked, so no transaction may
    be open; a HEAD gets none. Raises what `make_challenge` raises.
    """
    # What a token was for has ended.
    reason = "expired" if reader.l402 is not None else "initial"
    if with_invoice and not _only_asks(gate, reader):
        refusal = refusal_for(access, reader, reason)
    else:
        refusal = _bare_refusal(access, reason)
    return challenged(refusal, access.offers[0].domain, subject=gate.subjects[0], by=reader.by)


class RightMissing(Exception):
    """A reader has no right.

    Raised inside of a transaction, where no invoice can be made: `refusal` is for after it was
    rolled back.
    """

    def __init__(self, gate: Gate, access: Access, reader: Reader) -> None:
        super().__init__()
        self.gate, self.access, self.reader = gate, access, reader

    def refusal(self, *, with_invoice: bool = True) -> Refusal:
        """Raises what `refusal_at_gate` raises."""
        return refusal_at_gate(self.gate, self.access, self.reader, with_invoice=with_invoice)

    def challenge(self) -> Challenge:
        """Return an invoice for a page. Raises what `make_challenge` raises."""
        offer = self.access.offers[0]
        return _open_purchase(self.access, self.reader) or make_challenge(offer, self.reader)


def require_right(gate: Gate, reader: Reader) -> None:
    """Raise RightMissing unless a reader could use a right now; nothing is used up.

    Raises refusals of a token, too.
    """
    access = open_for_page(gate, replace(reader, is_head=True))
    if not access.is_allowed:
        raise RightMissing(gate, access, reader)


def use_right(gate: Gate, reader: Reader) -> None:
    """Use one read up, in the transaction of what it is used for.

    Raises RightMissing, and refusals of a token.
    """
    access = open_for_page(gate, reader)
    if not access.is_allowed:
        raise RightMissing(gate, access, reader)


def open_for_page(gate: Gate, reader: Reader) -> Access:
    """Like `open_gate`, without an invoice.

    A page shows the price to readers without a right; the answer then is of the kind NONE.
    Raises what `may_read` raises, and refusals of a token.
    """
    access = may_read(gate, reader)
    if access.payment is not None:
        is_open = _open_with_token(gate, reader, access)
        return access if is_open else replace(access, kind=AccessKind.NONE, payment=None)
    if access.entitlement is None or _only_asks(gate, reader):
        return access
    if not use_entitlement(access.entitlement, gate, reader):
        return replace(access, kind=AccessKind.NONE, entitlement=None)
    return access


def _only_asks(gate: Gate, reader: Reader) -> bool:
    return reader.is_head and not gate.is_counted_hourly


def _bare_refusal(access: Access, reason: str = "initial") -> PaymentRequired:
    """Return a refusal without an invoice, for a HEAD."""
    offer = access.offers[0]
    return PaymentRequired(
        headers={"Cache-Control": "no-store"},
        offerId=str(offer.pk),
        amountSatoshis=offer.amount_satoshis,
        reason=reason,
    )


def refusal_for(access: Access, reader: Reader, reason: str = "initial") -> PaymentRequired:
    """Return a refusal with a new invoice, or with the reader's open purchase."""
    own_payment = _open_purchase(access, reader)
    if own_payment is not None:
        return own_payment.refusal("pending")
    return make_challenge(access.offers[0], reader).refusal(reason)


def _open_purchase(access: Access, reader: Reader) -> Challenge | None:
    if reader.by.user_id is None:
        return None
    payments = Payment.objects.filter(
        user_id=reader.by.user_id,
        offer__in=[offer.pk for offer in access.offers],
        status=PaymentStatus.PENDING,
        # Reading makes no purchase, and gets a new invoice each time.
        entitlement__isnull=False,
        # Time to pay must be left.
        expires_at__gt=now() + timedelta(seconds=60),
    )
    rows = payments.select_related("offer", "domain", "policy_version")
    payment = rows.order_by("-created_at", "id").first()
    if payment is None:
        return None
    try:
        return challenge_again(payment)
    except InvalidToken:
        return None


def _open_with_token(gate: Gate, reader: Reader, access: Access) -> bool:
    """Use a paid token; False if the time of its right is over.

    Raises PaymentRequired with the same invoice, PaymentConsumed or InvalidToken.
    """
    payment, credential = access.payment, reader.l402
    assert payment is not None  # noqa: S101 - of this kind of access
    assert credential is not None  # noqa: S101 - of this kind of access
    if not credential.has_right_preimage:
        raise _same_challenge(payment, credential, "invalid")
    if not can_be_settled(payment):
        is_over = payment.status == PaymentStatus.PENDING
        reason = PaymentStatus.EXPIRED if is_over else payment.status
        raise _same_challenge(payment, credential, reason)
    if _only_asks(gate, reader):
        return _is_token_usable(payment)
    entitlement = settle_payment(payment.pk, by=reader.by)
    if use_entitlement(entitlement, gate, reader):
        return True
    entitlement.refresh_from_db()
    _require_not_ended(entitlement)
    return False


def _is_token_usable(payment: Payment) -> bool:
    """Whether reading with a paid token would succeed; raises what that would raise."""
    entitlement = Entitlement.objects.filter(payment=payment).first()
    # The first read activates it.
    is_new = entitlement is None or entitlement.status == EntitlementStatus.PENDING_PAYMENT
    if entitlement is None or is_new or is_usable(entitlement):
        return True
    _require_not_ended(entitlement)
    return False


def _require_not_ended(entitlement: Entitlement) -> None:
    if entitlement.status == EntitlementStatus.EXHAUSTED:
        raise PaymentConsumed
    if entitlement.status == EntitlementStatus.REVOKED:
        raise InvalidToken("The payment was returned, so the token has ended.")


def _same_challenge(payment: Payment, credential: L402Credential, reason: str) -> PaymentRequired:
    """Return a refusal about a payment that its token names, with the same invoice.

    The token is that of the request: the one that was sold could be without its caveats.
    """
    payments = Payment.objects.select_related("offer", "domain", "policy_version")
    challenge = Challenge(
        payment=payments.get(pk=payment.pk),
        token=credential.token.as_text(),
        entitlement=Entitlement.objects.filter(payment=payment).first(),
    )
    return challenge.refusal(reason)


def use_entitlement(entitlement: Entitlement, gate: Gate, reader: Reader) -> bool:
    """Count a read; False if no read is left, or no time.

    Each limited read is one conditional update, so of many at once only as many succeed as are
    left. A version that is counted hourly is counted by the first read of the hour.
    """
    # Outside of the transaction, which on SQLite would make readers wait for each other.
    if was_read_this_hour(entitlement, gate):
        return True
    with transaction.atomic():
        if entitlement.remaining_reads is not None:
            # First, as in every change of a payment: two orders of locks would wait for each other.
            lock_payment(entitlement.payment_id)
            if was_read_this_hour(entitlement, gate):
                return True
        if not _take_read(entitlement):
            return False
        _add_event(entitlement, gate, reader)
        return True


def _take_read(entitlement: Entitlement) -> bool:
    moment = now()
    usable = Entitlement.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=moment),
        pk=entitlement.pk,
        status=EntitlementStatus.ACTIVE,
    )
    if entitlement.remaining_reads is None:
        return usable.exists()
    is_last = When(remaining_reads=1, then=Value(EntitlementStatus.EXHAUSTED.value))
    is_taken = usable.filter(remaining_reads__gt=0).update(
        remaining_reads=F("remaining_reads") - 1,
        status=Case(is_last, default=F("status")),
        terminated_at=Case(When(remaining_reads=1, then=Value(moment)), default=F("terminated_at")),
    )
    if not is_taken:
        return False
    same_row = Entitlement.objects.filter(pk=entitlement.pk)
    if same_row.filter(status=EntitlementStatus.EXHAUSTED).exists():
        paid = Payment.objects.filter(pk=entitlement.payment_id, status=PaymentStatus.PAID)
        paid.update(status=PaymentStatus.CONSUMED, updated_at=moment)
    return True


def _add_event(entitlement: Entitlement, gate: Gate, reader: Reader) -> None:
    kind, subject_id = gate.subjects[0]
    hour = now().replace(minute=0, second=0, microsecond=0) if gate.is_counted_hourly else None
    event = AccessEvent(
        entitlement=entitlement,
        subject_type=kind,
        subject_id=subject_id,
        version=gate.version,
        counted_hour=hour,
        door=reader.by.door,
    )
    # Another request of the hour may have been first; without a limit nothing is taken twice.
    with suppress(IntegrityError), transaction.atomic():
        event.save()
