"""Arriving and leaving."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from profiles.actions import make_development_user
from profiles.forms import BeAnybodyForm
from profiles.queries import development_user

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def way_on(request: HttpRequest) -> str:
    """Where ``next`` leads, if that is inside the shop; else home."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    inside = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if inside and asked.startswith("/") else settings.LOGIN_REDIRECT_URL


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Through GitHub; in development also as anybody, by this page's own form."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(way_on(request))
    form = BeAnybodyForm(request.POST or None)
    if settings.IN_DEVELOPMENT and request.method == "POST" and form.is_valid():
        return be_anybody(request, form.cleaned_data["login"])
    github = bool(settings.SOCIALACCOUNT_PROVIDERS["github"].get("APP"))
    context = {"next": way_on(request), "form": form, "has_github": github, "hide_sign_in": True}
    return render(request, "profiles/sign_in.html", context)


def be_anybody(request: HttpRequest, name: str) -> HttpResponse:
    """Sign in as whoever has this login, making them where there is nobody. Development only."""
    user = development_user(name) or make_development_user(name, by=request.actor)  # type: ignore[attr-defined]
    login(request, user, backend=MODEL_BACKEND)
    return HttpResponseRedirect(way_on(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)
