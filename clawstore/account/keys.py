"""Pages for the own API keys, including those of devices."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clawstore.account.forms import KeyForm
from clawstore.web.install_address import install_address
from foundation.access.actions import create_own_key, revoke_key
from foundation.access.errors import InvalidKeyRequest
from foundation.access.oauth.connections import connected_apps, end_connected_app
from foundation.access.queries import active_keys, ended_keys
from foundation.limits.middleware import limited
from foundation.refusals import Conflict
from foundation.web.forms import form_page
from foundation.web.htmx import announce, is_htmx, show_page
from foundation.web.requests import Request
from registry.models import Agent
from registry.rules.co_maintainers import agents_of
from registry.rules.permissions import INSTALL_SCOPE


@never_cache
@login_required
@require_safe
def keys(request: Request) -> HttpResponse:
    is_revoked = request.GET.get("revoked") == "yes"
    context = keys_context(request, is_revoked=is_revoked)
    context["app_ended"] = request.GET.get("app") == "ended"
    return render(request, "account_pages/keys.html", context)


def keys_context(request: Request, *, is_revoked: bool) -> dict[str, object]:
    user_id = request.actor.require_user().pk
    return {
        "living": active_keys(user_id),
        "ended": ended_keys(user_id),
        "revoked": is_revoked,
        "apps": connected_apps(user_id),
        "has_apps": settings.OAUTH_ON,
    }


@never_cache
@login_required
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def new_key(request: Request) -> HttpResponse:
    """Show the form, or create a key and show it this one time."""
    user = request.actor.require_user()
    form = KeyForm(
        request.POST if request.method == "POST" else None,
        agents=list(Agent.objects.filter(agents_of(user.pk, path="")).order_by("scope", "name")),
        by=request.actor,
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            return create_key_page(request, form)
        except InvalidKeyRequest as invalid:
            form.add_error(None, invalid.message)
        except Conflict as conflict:
            refusal = conflict
            # Otherwise the corrected form would be refused as the second of two clicks.
            form.reset_form_id()
    if request.GET.get("for") == "install" and not form.is_bound:
        form.initial.update(scopes=[INSTALL_SCOPE], name=gettext("Install address"))
    context = {"form": form, "refusal": refusal}
    return form_page(request, "account_pages/new_key.html", context, refusal)


@sensitive_variables("raw", "context")
def create_key_page(request: Request, form: KeyForm) -> HttpResponse:
    data = form.cleaned_data
    key, raw = create_own_key(
        data["form_id"],
        name=data["name"],
        scopes=data["scopes"],
        days=form.days,
        bound_to=data["bound_to"],
        by=request.actor,
    )
    context = {"key": key, "raw": raw, "install_address": install_address(key, raw)}
    page = render(request, "account_pages/key_made.html", context, status=201)
    if not is_htmx(request):
        return page
    message = gettext("Key created. Copy it now.")
    return show_page(request, page, address=request.path, message=message)


@never_cache
@login_required
@limited("write")
@require_POST
def revoke(request: Request, key_id: UUID) -> HttpResponse:
    """Revoke a key. A second click changes nothing."""
    revoke_key(key_id, by=request.actor)
    if not is_htmx(request):
        return HttpResponseRedirect(f"{reverse('account_keys')}?revoked=yes")
    return _announced_list(request, keys_context(request, is_revoked=True), gettext("Key revoked."))


def _announced_list(request: Request, context: dict[str, Any], message: str) -> HttpResponse:
    return announce(render(request, "account_pages/keys.html#keys", context), message)


@never_cache
@login_required
@limited("write")
@require_POST
def end_app(request: Request, app_id: UUID) -> HttpResponse:
    """End a connected app with all its tokens."""
    end_connected_app(app_id, by=request.actor)
    if not is_htmx(request):
        return HttpResponseRedirect(f"{reverse('account_keys')}?app=ended")
    context = keys_context(request, is_revoked=False) | {"app_ended": True}
    return _announced_list(request, context, gettext("The app has no access."))
