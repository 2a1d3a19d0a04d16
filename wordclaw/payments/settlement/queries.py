"""Payments that need an operator: those that hang, and those to be paid back."""

from datetime import timedelta

from django.db.models import Count, QuerySet

from foundation.clock import now
from wordclaw.payments.models import Payment, PaymentStatus
from wordclaw.payments.rules import GRACE

# The reconciler asks each minute, so later than this the provider did not answer.
HANGING_AFTER = timedelta(minutes=3)


def hanging_payments() -> QuerySet[Payment]:
    """Return pending payments whose invoice ended some minutes ago, oldest first."""
    rows = Payment.objects.filter(
        status=PaymentStatus.PENDING, expires_at__lt=now() - GRACE - HANGING_AFTER
    )
    return rows.select_related("domain", "offer", "user").order_by("expires_at", "id")


def payments_to_return() -> QuerySet[Payment]:
    """Return payments to be paid back by hand, oldest first.

    The money came after their end and gave no right, or the seller refunded the price.
    """
    rows = Payment.objects.filter(owed_back_at__isnull=False, returned_at=None)
    return rows.select_related("domain", "offer", "user").order_by("owed_back_at", "id")


def count_payments() -> dict[str, int]:
    """Return the number of payments by state, with ``hanging`` for those that hang."""
    rows = Payment.objects.order_by().values_list("status").annotate(count=Count("pk"))
    counts = dict.fromkeys(PaymentStatus.values, 0) | dict(rows)
    return counts | {
        "hanging": hanging_payments().count(),
        "to_return": payments_to_return().count(),
    }
