"""Sellers at the desk: what they are owed, and what was paid to them."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.desk.admin import DeskAdmin
from foundation.desk.measures import Measure
from foundation.own_matters import refuse_own_matter
from registry.rules.permissions import require_moderator
from wordclaw.payments.models import AgentProfile
from wordclaw.payments.models.offers import MAX_SATOSHIS
from wordclaw.payments.models.revenue import NOTE_LENGTH
from wordclaw.payments.revenue.actions import record_payout
from wordclaw.payments.revenue.queries import payouts_to, with_sums

MAX_PAYOUTS_SHOWN = 200


def pay_out(profile: AgentProfile, amount_satoshis: int, reference: str, *, by: Actor) -> None:
    """Record at the desk what was paid to a seller outside of the shop.

    Raises what `require_moderator`, `refuse_own_matter` and `record_payout` raise.
    """
    require_moderator(by)
    refuse_own_matter(profile, by)
    record_payout(profile.domain, amount_satoshis, reference=reference, by=by)


PAY_OUT = Measure(
    name="pay_out",
    label=_("Record a payout"),
    consequence=_(
        "It moves no money: pay first, from the wallet. The balance falls by the amount, and the "
        "oldest sales that it covers count as paid out."
    ),
    readers=_("The seller reads the new balance. The reference is in the audit log."),
    needs_reason=False,
    asks=("amount", "reference"),
    run=lambda profile, form, by: pay_out(profile, form["amount"], form["reference"], by=by),
    message=lambda profile, form, by: gettext("The payout is recorded"),
    applies=lambda profile: profile.balance > 0,
)


class SellerAdmin(DeskAdmin):
    """Sellers with their sums of sales, refunds and payouts, in satoshis."""

    list_display = ("domain", "sold_sum", "refunded_sum", "paid_sum", "balance_sum")
    list_select_related = ("domain",)
    search_fields = ("domain__name",)
    search_help_text = _("A scope")
    fact_fields = ("domain", "sold_sum", "refunded_sum", "paid_sum", "balance_sum")
    measures = (PAY_OUT,)
    measure_permission = "payments.change_agentprofile"
    desk_template = "admin/desk/seller.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentProfile]:
        # Not that of the base class, which orders before the sums are there.
        return with_sums(AgentProfile.objects.select_related("domain"))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        # Not ``ordering``, of which Django demands that it names columns of the table.
        return "-balance", "id"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # While the ledger is off, nothing here would be true.
        return settings.EXPERIMENTAL_REVENUE and super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return settings.EXPERIMENTAL_REVENUE and super().has_module_permission(request)

    def may_take_measures(self, request: HttpRequest) -> bool:
        return settings.EXPERIMENTAL_REVENUE and super().may_take_measures(request)

    def matter(self, row: AgentProfile) -> AgentProfile:
        return row

    def audit_name(self, row: AgentProfile) -> str:
        # The log names payouts, and this row is a seller.
        return ""

    def extra_fields(self, row: Any) -> dict[str, forms.Field]:
        amount = forms.IntegerField(
            label=_("Satoshis paid"), min_value=1, max_value=MAX_SATOSHIS, initial=row.balance
        )
        reference = forms.CharField(
            label=_("Reference, such as the hash of your payment"), max_length=NOTE_LENGTH
        )
        return {"amount": amount, "reference": reference}

    def evidence(self, request: HttpRequest, row: AgentProfile) -> dict[str, Any]:
        payouts = payouts_to(row)[:MAX_PAYOUTS_SHOWN]
        return super().evidence(request, row) | {"payouts": payouts}

    @admin.display(description=_("sold"), ordering="sold")
    def sold_sum(self, row: Any) -> str:
        return f"{row.sold:,}"

    @admin.display(description=_("refunded"), ordering="refunded")
    def refunded_sum(self, row: Any) -> str:
        return f"{row.refunded:,}"

    @admin.display(description=_("paid out"), ordering="paid_out")
    def paid_sum(self, row: Any) -> str:
        return f"{row.paid_out:,}"

    @admin.display(description=_("balance, satoshis"), ordering="balance")
    def balance_sum(self, row: Any) -> str:
        return f"{row.balance:,}"

    def heading(self, row: Any) -> str:
        return f"@{row.domain}, {row.balance:,} sat"
