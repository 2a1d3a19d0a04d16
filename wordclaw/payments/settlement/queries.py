"""Payments that need an operator: those that hang, and those that came too late."""

from datetime import timedelta

from django.db.models import Count, QuerySet

from foundation.clock import now
from wordclaw.payments.models import Payment, PaymentStatus, SettlementEvent
from wordclaw.payments.rules import GRACE

# The reconciler asks each minute, so later than this the provider did not answer.
HANGING_AFTER = timedelta(minutes=3)


def hanging_payments() -> QuerySet[Payment]:
    """Return pending payments whose invoice ended some minutes ago, oldest first."""
    rows = Payment.objects.filter(
        status=PaymentStatus.PENDING, expires_at__lt=now() - GRACE - HANGING_AFTER
    )
    return rows.select_related("domain", "offer", "user").order_by("expires_at", "id")


def late_payments() -> QuerySet[Payment]:
    """Return payments whose money came after their end, newest first.

    They gave no right, so the money has to be returned.
    """
    late_events = SettlementEvent.objects.filter(
        status=PaymentStatus.PAID, applied_at=None, payment__status=PaymentStatus.EXPIRED
    )
    rows = Payment.objects.filter(
        status=PaymentStatus.EXPIRED, pk__in=late_events.values("payment")
    )
    rows = rows | Payment.objects.filter(status=PaymentStatus.EXPIRED).exclude(failure_reason="")
    return rows.select_related("domain", "offer", "user").order_by("-created_at", "id")


def count_payments() -> dict[str, int]:
    """Return the number of payments by state, with ``hanging`` for those that hang."""
    rows = Payment.objects.order_by().values_list("status").annotate(count=Count("pk"))
    counts = dict.fromkeys(PaymentStatus.values, 0) | dict(rows)
    return counts | {"hanging": hanging_payments().count()}
