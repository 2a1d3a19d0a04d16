"""Pages for signing in and out, and for the own profile."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.access.middleware import record_visit
from foundation.limits.middleware import limited
from foundation.web.forms import form_page
from foundation.web.htmx import announce, is_htmx
from foundation.web.requests import Request
from profiles.actions import edit_profile, make_development_user, restore_account
from profiles.errors import InvalidProfile, ScopeMirrored
from profiles.forms import DevelopmentSignInForm, ProfileForm
from profiles.identity import Identity
from profiles.mirrored import source_of
from profiles.models import Profile
from profiles.pictures import read_picture
from profiles.providers import list_providers
from profiles.queries import example_users, former_holder, scope_row_of, user_named
from profiles.welcome import welcome_url

EDIT = "profiles/edit.html"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def next_url(request: HttpRequest) -> str:
    """The parameter ``next`` if it is an address of this site, otherwise home."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    # A foreign address would make the sign-in an open redirect.
    is_local = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_local and address.startswith("/") else settings.LOGIN_REDIRECT_URL


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """Sign in at a provider; in development also as any user, with a form."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_url(request))
    form = DevelopmentSignInForm(request.POST or None)
    if settings.IN_DEVELOPMENT and request.method == "POST" and form.is_valid():
        return sign_in_as(request, form.cleaned_data["login"])
    context = {
        "next": next_url(request),
        "form": form,
        "providers": list_providers(),
        "is_limited": bool(settings.SIGN_IN_ALLOW),
        "hide_sign_in": True,
    }
    if settings.IN_DEVELOPMENT:
        context["known"] = example_users()
    return render(request, "profiles/sign_in.html", context)


def sign_in_as(request: Request, name: str) -> HttpResponse:
    """Sign in as any user, creating or restoring the account. Development only."""
    # Development, too, must not make a second account of a person who returns.
    holder = former_holder(github_id=None, login=name)
    if holder is not None:
        restore_account(holder, Identity(name, None), email="", by=request.actor)
    present = user_named(name)
    user = present or make_development_user(name, by=request.actor)
    if source := source_of(user.username):
        raise ScopeMirrored(user.username, source)
    if not user.is_active:
        return get_adapter(request).respond_user_inactive(request, user)
    login(request, user, backend=MODEL_BACKEND)
    record_visit(request)
    is_derived = present is None and user.username != name
    next_address = next_url(request)
    return HttpResponseRedirect(welcome_url(next_address) if is_derived else next_address)


@never_cache
@login_required
@require_safe
def welcome(request: Request) -> HttpResponse:
    """Explain the scope of a new account that is not its login, then continue."""
    scope = scope_row_of(request.actor.require_user().pk)
    if scope is None or scope.reason is None:
        return HttpResponseRedirect(next_url(request))
    return render(request, "profiles/welcome.html", {"scope": scope, "next": next_url(request)})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


@require_safe
def picture(request: HttpRequest, user_id: UUID, sha256: str) -> HttpResponseBase:
    """A profile picture, cached for an hour: it is deleted with its account."""
    data = read_picture(user_id, sha256)
    if data is None:
        raise Http404
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": f'"{sha256}"',
    }
    response = HttpResponse(data, content_type="image/png", headers=headers)
    return get_conditional_response(request, etag=headers["ETag"], response=response) or response


@never_cache
@login_required
@limited("write")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request) -> HttpResponse:
    """Edit the own profile."""
    profile = Profile.objects.get(user_id=request.actor.require_user().pk)
    form = ProfileForm(
        request.POST if request.method == "POST" else None, initial=values_of(profile)
    )
    if form.is_bound and form.is_valid() and save_profile(form, profile, request):
        if not is_htmx(request):
            return HttpResponseRedirect(f"{reverse('account_profile')}?saved=yes")
        profile.refresh_from_db()
        context = {
            "form": ProfileForm(initial=values_of(profile)),
            "profile": profile,
            "saved": True,
        }
        return announce(form_page(request, EDIT, context, None), gettext("Profile saved."))
    context = {"form": form, "profile": profile, "saved": request.GET.get("saved") == "yes"}
    return form_page(request, EDIT, context, None)


def values_of(profile: Profile) -> dict[str, str]:
    """The values of the form's fields."""
    return {name: getattr(profile, name) or "" for name in ProfileForm.base_fields}


def save_profile(form: ProfileForm, profile: Profile, request: Request) -> bool:
    """Save the form; on a refusal add its errors to the form and return False."""
    try:
        edit_profile(profile.github_login, form.cleaned_data, by=request.actor)
    except InvalidProfile as refusal:
        for error in refusal.details["errors"]:
            form.add_error(error["path"], error["message"])
        return False
    return True
