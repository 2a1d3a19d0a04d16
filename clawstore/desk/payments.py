"""Payments at the desk: those that hang, and those to be paid back."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.desk.admin import DeskAdmin, list_url
from foundation.desk.measures import Measure
from foundation.desk.states import Tone, state_mark
from registry.rules.permissions import require_moderator
from wordclaw.payments.models import Payment, PaymentStatus
from wordclaw.payments.settlement.actions import keep_return
from wordclaw.payments.settlement.queries import hanging_payments, payments_to_return
from wordclaw.payments.settlement.reconciling import check_payment

HANGING, TO_RETURN, ALL = "hanging", "return", "all"
TONES = {
    PaymentStatus.PENDING: Tone.WARN,
    PaymentStatus.PAID: Tone.GOOD,
    PaymentStatus.CONSUMED: Tone.GOOD,
    PaymentStatus.FAILED: Tone.BAD,
}


def ask_provider(payment: Payment, *, by: Actor) -> str:
    """Ask the provider about a pending payment, and return its state now.

    Not one transaction, because the provider may be slow. Raises what `require_moderator`
    raises, or ProviderUnavailable.
    """
    require_moderator(by)
    status = check_payment(payment)
    with transaction.atomic():
        record(
            "payment.check",
            "payment",
            str(payment.pk),
            by=by,
            tenant=payment.domain.name,
            status=status,
        )
    return status


def outcome_of(payment: Payment) -> str:
    """Return the state after the provider has answered, in words."""
    payment.refresh_from_db(fields=["status", "failure_reason"])
    if payment.status in (PaymentStatus.PAID, PaymentStatus.CONSUMED):
        return gettext("The provider has the money: the buyer has the right now")
    if payment.status == PaymentStatus.PENDING:
        return gettext("The provider knows of no payment yet")
    if payment.status == PaymentStatus.EXPIRED and payment.failure_reason:
        return gettext("The money came after the end of the invoice: return it")
    return gettext("The payment has ended without money")


ASK = Measure(
    name="ask",
    label=_("Ask the provider again"),
    consequence=_("If it has the money, the buyer gets the right. If not, the invoice ends."),
    readers=_("The audit log names the payment and you."),
    needs_reason=False,
    run=lambda payment, form, by: ask_provider(payment, by=by),
    message=lambda payment, form, by: outcome_of(payment),
    applies=lambda payment: payment.status == PaymentStatus.PENDING,
)


def mark_returned(payment: Payment, note: str, *, by: Actor) -> None:
    """Mark that a refund or late money was paid back outside of the shop.

    Raises what `require_moderator` and `keep_return` raise.
    """
    require_moderator(by)
    keep_return(payment.pk, note, by=by)


RETURNED = Measure(
    name="returned",
    label=_("Mark as paid back"),
    consequence=_(
        "It moves no money: pay first, from the wallet. The buyer reads the day, and the ledger "
        "gets its entries."
    ),
    readers=_("Your notes are in the audit log, such as the hash of your payment."),
    run=lambda payment, form, by: mark_returned(payment, form["reason"], by=by),
    message=lambda payment, form, by: gettext("The money counts as paid back"),
    applies=lambda payment: payment.is_owed_back,
)


class ShownPayments(admin.SimpleListFilter):
    """Payments that hang by default."""

    title = _("need")
    parameter_name = "show"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (HANGING, _("Hanging: the provider is silent")),
            (TO_RETURN, _("To pay back: refunds and late money")),
            (ALL, _("All")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        value = self.value() or HANGING
        if value == HANGING:
            return queryset.filter(pk__in=hanging_payments().order_by().values("pk"))
        if value == TO_RETURN:
            return queryset.filter(pk__in=payments_to_return().order_by().values("pk"))
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            yield {
                "selected": value == (self.value() or HANGING),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }


class PaymentAdmin(DeskAdmin):
    """Invoices of all domains. Neither token nor preimage is stored with them."""

    list_display = ("subject", "amount", "domain", "provider", "state", "overdue", "created_at")
    list_filter = (ShownPayments, "status", "provider")
    list_select_related = ("domain", "offer")
    search_fields = ("id", "domain__name", "offer__subject_id", "payment_hash", "user__username")
    search_help_text = _("A scope, what is sold, a login, or a payment hash")
    ordering = ("expires_at", "id")
    fact_fields = (
        *("subject", "amount", "domain", "buyer", "provider", "state", "created_at", "expires_at"),
        *("overdue", "checked_at", "next_check_at", "settled_at", "failure_reason"),
        *("owed_back_at", "returned_at"),
        *("payment_hash", "provider_invoice_id", "resource_path"),
    )
    measures = (ASK, RETURNED)
    measure_permission = "payments.change_payment"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        payments: QuerySet[Payment] = super().get_queryset(request)
        return payments.select_related("domain", "offer", "user")

    @admin.display(description=_("what is sold"), ordering="offer__subject_id")
    def subject(self, row: Payment) -> str:
        return row.offer.subject

    @admin.display(description=_("satoshis"), ordering="amount_satoshis")
    def amount(self, row: Payment) -> str:
        return f"{row.amount_satoshis:,}"

    @admin.display(description=_("buyer"))
    def buyer(self, row: Payment) -> str:
        return row.user.username if row.user else gettext("without an account")

    @admin.display(description=_("state"), ordering="status")
    def state(self, row: Payment) -> str:
        if row.is_owed_back:
            late, refund = gettext("too late, to pay back"), gettext("refunded, to pay back")
            return state_mark(late if row.came_too_late else refund, Tone.WARN)
        if row.returned_at is not None:
            return state_mark(gettext("paid back"), Tone.QUIET)
        tone = TONES.get(PaymentStatus(row.status), Tone.QUIET)
        return state_mark(row.get_status_display().lower(), tone)

    @admin.display(description=_("invoice ended"), ordering="expires_at")
    def overdue(self, row: Payment) -> str:
        if row.status != PaymentStatus.PENDING or row.expires_at > now():
            return "—"
        return gettext("%s ago") % timesince(row.expires_at, now())

    def heading(self, row: Payment) -> str:
        return f"{row.offer.subject}, {row.amount_satoshis:,} sat"

    def url_after(self, row: Payment) -> str:
        return list_url("payments_payment")
