"""The decision of a user about an app, on a page."""

from csp.utils import build_policy
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from clawstore.oauth.forms import ConsentForm
from foundation.access.oauth.errors import AuthorizationRefused
from foundation.access.oauth.provider import (
    AuthorizationRequest,
    allow_access,
    deny_access,
    read_authorization_request,
)
from foundation.access.oauth.rules import origin_of
from foundation.refusals import Conflict
from foundation.web.requests import Request


def answer_request(request: Request) -> HttpResponse:
    """Answer the request of an app, which the address has, and check it each time."""
    fields = {name: request.GET.getlist(name) for name in request.GET}
    try:
        app_request = read_authorization_request(fields, request.actor)
    except AuthorizationRefused as refusal:
        return render(request, "oauth/refused.html", {"refusal": refusal}, status=400)
    if not request.actor.is_known:
        return redirect_to_login(request.get_full_path())
    if request.method == "POST":
        return _decide(request, app_request)
    return _page(request, app_request, ConsentForm(app_request=app_request))


def _decide(request: Request, app_request: AuthorizationRequest) -> HttpResponse:
    """Allow access on an explicit yes, otherwise deny it."""
    if request.POST.get("decision") != "allow":
        return _return_to_app(deny_access(app_request))
    form = ConsentForm(request.POST, app_request=app_request)
    if not form.is_valid():
        return _page(request, app_request, form, status=422)
    try:
        address = allow_access(app_request, form.cleaned_data["scopes"], request.actor)
    except Conflict as conflict:
        return _page(request, app_request, form, problem=gettext(conflict.message), status=409)
    return _return_to_app(address)


def _page(
    request: Request,
    app_request: AuthorizationRequest,
    form: ConsentForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"app_request": app_request, "form": form, "problem": problem}
    response = render(request, "oauth/authorize.html", context, status=status)
    # Browsers check redirects after a form, too, and the answer leads to the app. Set here,
    # because the middleware keeps every policy that a view has stated.
    policy = build_policy(update={"form-action": origin_of(app_request.redirect_uri)})
    response["Content-Security-Policy"] = policy
    # The address has the state of the app.
    response["Referrer-Policy"] = "same-origin"
    return response


def _return_to_app(address: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = address
    response["Referrer-Policy"] = "same-origin"
    return response
