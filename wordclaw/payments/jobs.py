"""Scheduled work of payments."""

from typing import Any

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.payments.models import Payment, PaymentStatus
from wordclaw.payments.settlement.queue import CHECK, enqueue_check
from wordclaw.payments.settlement.reconciling import (
    check_due_payments,
    delete_unpaid_payments,
    end_due_entitlements,
)


@job("payments.reconcile")
def reconcile(job: Job) -> bool:
    """Queue the check of open payments, if there are any; runs each minute."""
    end_due_entitlements()
    has_open = Payment.objects.filter(status=PaymentStatus.PENDING).exists()
    return has_open and enqueue_check()


@job(CHECK)
def check(job: Job) -> dict[str, Any]:
    return check_due_payments()


@job("payments.delete_unpaid")
def delete_unpaid(job: Job) -> int:
    return delete_unpaid_payments()
