"""Template filters of prices and rights."""

from django import template
from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clawstore.templatetags.shop import CLIENT
from wordclaw.payments.models import Payment
from wordclaw.payments.providers.choice import DISABLED
from wordclaw.payments.providers.mock import MockProvider
from wordclaw.payments.settlement.queries import hanging_payments, payments_to_return

register = template.Library()
DAY, HOUR, MINUTE = 86_400, 3600, 60


@register.simple_tag
def install_bought(base_address: str, package: str) -> str:
    """The command that installs what was bought, from a personal address."""
    return f"CLAWSTORE_API_URL={base_address} {CLIENT} install {package}"


@register.simple_tag
def payments_are_off() -> bool:
    """Whether nothing can be bought here."""
    return bool(settings.PAYMENT_PROVIDER == DISABLED)


@register.simple_tag
def count_hanging_payments() -> int:
    """How many payments wait for a silent provider; 0 where nothing is sold."""
    return 0 if settings.PAYMENT_PROVIDER == DISABLED else hanging_payments().count()


@register.simple_tag
def count_payments_to_return() -> int:
    """How many refunds and late payments the operator has to pay back."""
    return 0 if settings.PAYMENT_PROVIDER == DISABLED else payments_to_return().count()


@register.simple_tag
def mock_wallet_url(payment: Payment | str | None) -> str:
    """Where an invoice is paid with play money; "" but in development."""
    is_played = settings.IN_DEVELOPMENT and MockProvider.name == settings.PAYMENT_PROVIDER
    # An absent variable is an empty text.
    if not isinstance(payment, Payment) or not is_played:
        return ""
    try:
        return reverse("mock_wallet", args=[payment.payment_hash])
    except NoReverseMatch:
        # The tools of development can be absent.
        return ""


@register.filter
def sats(amount: int) -> str:
    """An amount with its unit: ``2,100 sat``."""
    return _("%(amount)s sat") % {"amount": intcomma(amount)}


@register.filter
def duration(seconds: int | None) -> str:
    """How long a right is valid, in the largest unit that fits; None: without an end."""
    if seconds is None:
        return _("without an end")
    if seconds >= DAY:
        days = seconds // DAY
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": intcomma(days)}
    if seconds >= HOUR:
        hours = seconds // HOUR
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    minutes = max(1, seconds // MINUTE)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
