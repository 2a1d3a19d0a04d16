"""The page of workflows that publish the own agents without a stored key."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clawstore.account.forms import TrustedPublisherForm
from foundation.limits.middleware import limited
from foundation.refusals import Conflict, Refusal
from foundation.web.forms import form_page
from foundation.web.requests import Request
from profiles.queries import scope_of
from registry.provenance.actions import (
    KEY_LIFETIME,
    add_trusted_publisher,
    remove_trusted_publisher,
)
from registry.provenance.errors import InvalidTrustedPublisher
from registry.provenance.queries import list_trusted_publishers


@never_cache
@login_required
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def ci(request: Request) -> HttpResponse:
    """Show the trusted publishers and the form, or add one."""
    scope = scope_of(request.actor.user_id)
    is_post = request.method == "POST"
    form = TrustedPublisherForm(request.POST if is_post else None, scope=scope or "")
    refusal: Refusal | None = None
    if is_post and form.is_valid():
        try:
            add_trusted_publisher(**form.cleaned_data, by=request.actor)
            return HttpResponseRedirect(f"{reverse('account_ci')}?added=yes")
        except InvalidTrustedPublisher as invalid:
            form.add_error(invalid.details["field"], invalid.message)
        except Conflict as conflict:
            refusal = conflict
            form.add_error(None, conflict.message)
    return form_page(request, "account_pages/ci.html", _context(request, form), refusal)


def _context(request: Request, form: TrustedPublisherForm) -> dict[str, Any]:
    user_id = request.actor.require_user().pk
    notice = ""
    if request.GET.get("added") == "yes":
        notice = _("Added. Its next run can publish.")
    elif request.GET.get("removed") == "yes":
        notice = _("Removed. Its keys no longer work.")
    return {
        "form": form,
        "publishers": list_trusted_publishers(user_id),
        "has_issuers": bool(settings.TRUSTED_ISSUERS),
        "notice": notice,
        "key_minutes": KEY_LIFETIME // timedelta(minutes=1),
        "audience": settings.BASE_URL,
        "api": f"{settings.BASE_URL}/v1",
    }


@never_cache
@login_required
@limited("write")
@require_POST
def remove(request: Request, publisher_id: UUID) -> HttpResponse:
    """Remove a trusted publisher. A second click changes nothing."""
    remove_trusted_publisher(publisher_id, by=request.actor)
    return HttpResponseRedirect(f"{reverse('account_ci')}?removed=yes")
