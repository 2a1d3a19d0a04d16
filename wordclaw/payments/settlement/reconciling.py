"""Asking the provider about payments that are open.

Signed events and preimages are quicker; this finds what they missed, within a minute.
"""

import logging
from contextlib import suppress
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from foundation.actor import Actor
from foundation.batches import walk_by_key
from foundation.clock import now
from wordclaw.payments.errors import InvalidTransition, PaymentNotFound, ProviderUnavailable
from wordclaw.payments.models import (
    Entitlement,
    EntitlementStatus,
    Payment,
    PaymentStatus,
)
from wordclaw.payments.providers.base import InvoiceState
from wordclaw.payments.providers.choice import active_provider
from wordclaw.payments.rules import GRACE, is_in_time
from wordclaw.payments.settlement.actions import (
    end_payment,
    keep_late_money,
    settle_payment,
)

RECONCILER = Actor(door="system")
# Less than a minute, after which the next run begins.
TURN_SECONDS = 50.0
PAYMENTS_PER_RUN = 1000
CHECK_INTERVAL = timedelta(seconds=30)
# A provider that was replaced knows nothing of its successor's invoices.
GIVING_UP_AFTER = timedelta(days=3)
# Answers to a token of an invoice that has expired say so for a day.
UNPAID_RETENTION = timedelta(days=1)
PURCHASE_RETENTION = timedelta(days=30)
PAGE_INTERVAL = timedelta(seconds=2)
log = logging.getLogger("clawstore.payments")


def check_due_payments() -> dict[str, int]:
    """Ask the provider about the payments that are due; return the outcomes.

    Stops at the first failure of the provider, because the others would fail, too. Payments of a
    former provider wait for their end.
    """
    counts = {"paid": 0, "expired": 0, "failed": 0, "pending": 0}
    end = monotonic() + TURN_SECONDS
    due = Payment.objects.filter(status=PaymentStatus.PENDING, next_check_at__lte=now())
    for payment in list(due.order_by("next_check_at", "id")[:PAYMENTS_PER_RUN]):
        if monotonic() > end:
            break
        try:
            counts[check_payment(payment)] += 1
        except ProviderUnavailable:
            if _is_of_other_provider(payment):
                continue
            log.warning("The payment provider does not answer; open payments wait")
            break
    return counts


def check_payment(payment: Payment) -> str:
    """Ask the provider about one pending payment and return its state now.

    Raises ProviderUnavailable. The caller holds no transaction open.
    """
    state = _look_up(payment)
    if state.is_paid:
        _settle(payment, state)
    elif not is_in_time(payment.expires_at, now()):
        _end(payment, PaymentStatus.EXPIRED, "")
    elif state.is_failed and now() < payment.expires_at:
        # LNbits also calls an invoice failed that has just expired.
        _end(payment, PaymentStatus.FAILED, "The provider reports a failure.")
    else:
        _check_again(payment)
    status = Payment.objects.filter(pk=payment.pk).values_list("status", flat=True).first()
    # Another request may have settled it, and used it up, in this moment.
    is_paid = status in (PaymentStatus.PAID, PaymentStatus.CONSUMED)
    return "paid" if is_paid else str(status or PaymentStatus.EXPIRED)


def _look_up(payment: Payment) -> InvoiceState:
    is_hopeless = payment.expires_at + GIVING_UP_AFTER < now()
    try:
        if _is_of_other_provider(payment):
            raise ProviderUnavailable
        return active_provider().look_up(payment.payment_hash)
    except ProviderUnavailable:
        if is_hopeless:
            return InvoiceState(is_paid=False)
        _check_again(payment)
        raise


def _is_of_other_provider(payment: Payment) -> bool:
    return str(payment.provider) != settings.PAYMENT_PROVIDER


def _settle(payment: Payment, state: InvoiceState) -> None:
    if state.paid_at is not None and not is_in_time(payment.expires_at, state.paid_at):
        _end(payment, PaymentStatus.EXPIRED, "Paid after its expiry; return the money.")
        _keep_late_money(payment)
        return
    try:
        settle_payment(payment.pk, paid_at=state.paid_at, by=RECONCILER)
    except (InvalidTransition, PaymentNotFound):
        # Another request has ended it since it was read.
        _keep_late_money(payment)


def _keep_late_money(payment: Payment) -> None:
    with suppress(PaymentNotFound):
        keep_late_money(payment.pk, by=RECONCILER)


def _end(payment: Payment, status: str, reason: str) -> None:
    with suppress(InvalidTransition, PaymentNotFound):
        end_payment(payment.pk, status, reason=reason, by=RECONCILER)


def _check_again(payment: Payment) -> None:
    moment = now() + CHECK_INTERVAL
    if payment.user_id is None and moment < payment.expires_at:
        moment = payment.expires_at
    # Soon after the last moment at which news of it count.
    last_moment = payment.expires_at + GRACE + timedelta(seconds=1)
    if now() < last_moment:
        moment = min(moment, last_moment)
    rows = Payment.objects.filter(pk=payment.pk, status=PaymentStatus.PENDING)
    rows.update(next_check_at=moment, checked_at=now())


def refresh_payment(payment: Payment) -> Payment:
    """Return a payment as it is now, for a page that waits for it.

    The provider is asked at most every two seconds, and a silent provider changes nothing.
    """
    is_open = payment.status == PaymentStatus.PENDING
    was_asked = payment.checked_at is not None and payment.checked_at > now() - PAGE_INTERVAL
    if is_open and not was_asked:
        Payment.objects.filter(pk=payment.pk).update(checked_at=now())
        with suppress(ProviderUnavailable):
            check_payment(payment)
        payment.refresh_from_db()
    return payment


def make_due(payment_hash: str, provider: str) -> bool:
    """Make a pending payment due; False if there is none, or one checked just now."""
    moment = now()
    rows = Payment.objects.filter(
        Q(checked_at=None) | Q(checked_at__lt=moment - PAGE_INTERVAL),
        payment_hash=payment_hash,
        provider=provider,
        status=PaymentStatus.PENDING,
    )
    return bool(rows.update(next_check_at=moment, checked_at=moment))


def end_due_entitlements() -> int:
    """Mark active entitlements as expired after their time; return how many."""
    moment = now()
    over = Entitlement.objects.filter(status=EntitlementStatus.ACTIVE, expires_at__lte=moment)
    return over.update(status=EntitlementStatus.EXPIRED, terminated_at=moment)


def delete_unpaid_payments() -> int:
    """Delete ended payments that gave no right; return how many.

    A purchase of a user stays for a month, and what was paid too late stays for the desk.
    """
    moment = now()
    unpaid = Payment.objects.filter(
        Q(entitlement=None, expires_at__lt=moment - UNPAID_RETENTION)
        | Q(entitlement__activated_at=None, expires_at__lt=moment - PURCHASE_RETENTION),
        status__in=[PaymentStatus.EXPIRED, PaymentStatus.FAILED],
        failure_reason="",
        owed_back_at=None,
    ).exclude(events__status=PaymentStatus.PAID)
    count = 0
    for ids in walk_by_key(unpaid):
        with transaction.atomic():
            Entitlement.objects.filter(payment__in=ids, activated_at=None).delete()
            count += len(ids)
            Payment.objects.filter(pk__in=ids).delete()
    return count
