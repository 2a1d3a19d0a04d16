"""The page on which people choose their notices; every email links to it."""

from dataclasses import replace
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from foundation.access.middleware import anonymous_actor
from foundation.accounts.models import User
from foundation.limits.middleware import limited
from foundation.notices.actions import set_notice_preferences
from foundation.notices.queries import notice_choices, user_of_token
from foundation.refusals import NotFound
from foundation.web.htmx import announce, is_htmx
from foundation.web.requests import Request


class InvalidPreferencesLink(NotFound):
    code = "link_not_found"
    message = (
        "This link is incomplete, or its account was deleted. Sign in to "
        "change your email notifications."
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def notices(request: Request) -> HttpResponse:
    """Show and save preferences, of the signed-in user or of an email's recipient."""
    token = request.GET.get("for", "")
    if not token and not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={quote(request.path)}")
    user = _get_user(request, token)
    if request.method == "POST":
        by = replace(anonymous_actor(request, door="link"), user=user) if token else request.actor
        set_notice_preferences(user, request.POST.getlist("kind"), by=by)
        if not is_htmx(request):
            query = ({"for": token} if token else {}) | {"saved": "yes"}
            return HttpResponseRedirect(f"{request.path}?{urlencode(query)}")
        form = render(
            request, "notices/choose.html#form", page_context(request, user, is_saved=True)
        )
        return announce(form, gettext("Saved."))
    context = page_context(request, user, is_saved="saved" in request.GET)
    return render(request, "notices/choose.html", context)


def page_context(request: Request, user: User, *, is_saved: bool) -> dict[str, object]:
    """The context of the page; the address of its form keeps the link's token."""
    token = request.GET.get("for", "")
    address = f"{request.path}?{urlencode({'for': token})}" if token else request.path
    choices = notice_choices(user.pk)
    # The link in an old email may be in a mailbox that the person no longer has.
    email = "" if token else user.email
    return {
        "choices": choices,
        "reader": user,
        "saved": is_saved,
        "address": address,
        "email": email,
        "is_on_console": settings.EMAIL_BACKEND.endswith(".console.EmailBackend"),
    }


def _get_user(request: Request, token: str) -> User:
    if not token:
        return User.objects.get(pk=request.actor.require("session").pk)
    user = user_of_token(token)
    if user is None:
        raise InvalidPreferencesLink
    return user
