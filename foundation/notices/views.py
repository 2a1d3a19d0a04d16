"""The page behind the link in every mail: what one wants to be told."""

from dataclasses import replace
from urllib.parse import quote, urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from foundation.access.middleware import anonymous_actor
from foundation.accounts.models import User
from foundation.limits.middleware import limited
from foundation.notices.actions import choose_notices
from foundation.notices.queries import choices_of, reader_of
from foundation.refusals import NotFound
from foundation.web.requests import Request


class NoSuchLink(NotFound):
    code = "link_not_found"
    message = (
        "This link is incomplete, or its account was deleted. Sign in to "
        "change your email notifications."
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("write")
def notices(request: Request) -> HttpResponse:
    """For who is signed in; for who is not, with the link from a mail."""
    token = request.GET.get("for", "")
    if not token and not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?next={quote(request.path)}")
    user = _whose(request, token)
    if request.method == "POST":
        by = replace(anonymous_actor(request, door="link"), user=user) if token else request.actor
        choose_notices(user, request.POST.getlist("kind"), by=by)
        back = ({"for": token} if token else {}) | {"saved": "yes"}
        return HttpResponseRedirect(f"{request.path}?{urlencode(back)}")
    context = {"choices": choices_of(user.pk), "reader": user, "saved": "saved" in request.GET}
    return render(request, "notices/choose.html", context)


def _whose(request: Request, token: str) -> User:
    if not token:
        return User.objects.get(pk=request.actor.require("session").pk)
    user = reader_of(token)
    if user is None:
        raise NoSuchLink
    return user
