"""Account pages: overview, data export and deletion."""

from typing import Any
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clawstore.account.actions import delete_account, export_account
from clawstore.account.forms import DeleteForm
from foundation.access.queries import active_keys, open_session_count
from foundation.clock import now
from foundation.limits.middleware import limited
from foundation.web.requests import Request
from profiles.errors import NotTheLogin
from profiles.models import Profile
from profiles.providers import list_providers, name_of_provider
from profiles.queries import accounts_of, scope_of, scope_row_of
from registry.agents.queries import count_own_agents
from registry.transfers.queries import open_transfers_of, owned_scopes
from wordclaw.policy.queries import memberships_of


@never_cache
@login_required
@require_safe
def overview(request: Request) -> HttpResponse:
    user = request.actor.require_user()
    own_scopes = owned_scopes(user.pk)
    context = {
        "profile": Profile.objects.get(user_id=user.pk),
        "scope": scope_row_of(user.pk),
        "agents": count_own_agents(user.pk),
        "keys": len(active_keys(user.pk)),
        "sessions": open_session_count(user.pk),
        "invitations": list(memberships_of(user.pk).filter(accepted_at=None)),
        "offers": open_transfers_of(own_scopes),
        "own_scopes": own_scopes,
    } | ways_to_sign_in(user.pk)
    return render(request, "account_pages/overview.html", context)


def ways_to_sign_in(user_id: UUID) -> dict[str, Any]:
    """Accounts with which a user signs in, and providers that can be added."""
    accounts = accounts_of(user_id)
    provider_ids = {account.provider for account in accounts}
    logins = {account.provider: account.extra_data.get("login") for account in accounts}
    return {
        "github_login": logins.get("github"),
        "sign_ins": [
            {
                "provider": name_of_provider(account.provider),
                "login": account.extra_data.get("login") or account.uid,
            }
            for account in accounts
        ],
        # A development user without an account at any provider could not be told from another.
        "addable": [row for row in list_providers() if accounts and row.id not in provider_ids],
    }


@never_cache
@login_required
@require_safe
def data(request: Request) -> HttpResponse:
    return render(request, "account_pages/data.html")


@never_cache
@login_required
@limited("write")
@require_POST
def export(request: Request) -> HttpResponse:
    """All data of the user in one file. A POST, because the export is recorded."""
    pieces = export_account(by=request.actor)
    response: Any = StreamingHttpResponse(pieces, content_type="application/json")
    name = f"{request.actor.require_user().username.replace('~', '-')}-{now():%Y-%m-%d}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@never_cache
@login_required
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request) -> HttpResponse:
    """Explain the deletion, and delete the account once the login is typed."""
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            delete_account(form.cleaned_data["login"], by=request.actor)
        except NotTheLogin as refusal:
            form.add_error("login", refusal.message)
        else:
            logout(request)
            return HttpResponseRedirect(reverse("account_deleted"))
    user_id = request.actor.require_user().pk
    context = {"form": form, "scope": scope_of(user_id), "agents": count_own_agents(user_id)}
    return render(request, "account_pages/delete.html", context, status=422 if form.errors else 200)


@require_safe
def deleted(request: Request) -> HttpResponse:
    return render(request, "account_pages/deleted.html")
