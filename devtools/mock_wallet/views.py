"""Pays an invoice of the mock provider, as a buyer's wallet would."""

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from foundation.web.requests import Request
from wordclaw.payments.providers.mock import MockProvider, pay_mock_invoice


@never_cache
@require_POST
def pay(request: Request, payment_hash: str) -> HttpResponse:
    """Pay, and go back to the page with the invoice.

    The page of a form stays open in its own tab, because it holds what was typed.
    """
    if not (settings.IN_DEVELOPMENT and MockProvider.name == settings.PAYMENT_PROVIDER):
        raise Http404
    pay_mock_invoice(payment_hash[:64])
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return HttpResponseRedirect(address)
    return render(request, "devtools/mock_wallet.html")
