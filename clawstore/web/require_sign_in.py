"""Closed instance (SIGN_IN_TO_READ=on): no page and no API read without sign-in."""

import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from clawstore.mcp.challenges import challenge_header, mcp_actor
from clawstore.web.install_address import may_use_key
from clawstore.web.middleware import refusal_response, wants_json
from foundation.access.middleware import bearer_token, key_actor, session_actor
from foundation.actor import Actor
from foundation.refusals import Unauthenticated
from foundation.web.requests import GetResponse

# Sign-in, static files, policies and health stay open, and feeds with a secret in their address.
OPEN_PATHS = re.compile(
    r"/(?:signin|signout|accounts/.*|about(?:/.*)?|robots\.txt|\.well-known/security\.txt|favicon\.ico|static/.*|v1/health"
    r"|feeds/following/[^/]+\.atom|(?:v1/{1,2})?api/auth/device/(?:code|token)"
    # An app that was refused at MCP registers, and gets its tokens, without a credential.
    r"|oauth/(?:register|token|revoke)"
    r"|\.well-known/oauth-(?:authorization-server|protected-resource(?:/mcp)?))"
)

MCP_PATH = "/mcp"
# A suspended user cannot sign in. Emails lead to these pages with a signed link, which they check.
WITH_LINK = re.compile(r"/(?:suspended|appeals(?:/new)?|account/notices)")


class RequireSignInMiddleware:
    """Requires a credential before any view, so new pages are closed by default."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if OPEN_PATHS.fullmatch(request.path_info) or _has_signed_link(request):
            return self.get_response(request)
        if not _actor(request).is_known:
            return _refuse(request)
        return _make_private(self.get_response(request))


def _has_signed_link(request: HttpRequest) -> bool:
    """Whether the URL has a link that replaces a sign-in; the page checks it."""
    return bool(request.GET.get("for")) and WITH_LINK.fullmatch(request.path_info) is not None


def _actor(request: HttpRequest) -> Actor:
    """The actor of a request; API keys are valid only under /v1 and at MCP."""
    if wants_json(request) and (token := bearer_token(request)) is not None:
        # A dead key must not fall back to the session of the same browser.
        if request.path_info == MCP_PATH:
            actor = mcp_actor(request, token, door="mcp") or Actor()
        else:
            actor = key_actor(request, token, door="api") or Actor()
        return actor if may_use_key(request, actor) else Actor()
    return session_actor(request, door="page")


def _refuse(request: HttpRequest) -> HttpResponseBase:
    # A redirected POST would lose its body, and a program reads no sign-in page.
    if wants_json(request) or request.method not in ("GET", "HEAD"):
        response = refusal_response(request, Unauthenticated())
        if request.path_info == MCP_PATH:
            response["WWW-Authenticate"] = challenge_header()
        return response
    query = urlencode({"next": request.get_full_path()})
    response = HttpResponseRedirect(f"{settings.LOGIN_URL}?{query}")
    response["Cache-Control"] = "no-store"
    return response


def _make_private(response: HttpResponseBase) -> HttpResponseBase:
    """Keep responses that are public on an open instance out of shared caches."""
    directives = response.headers.get("Cache-Control", "")
    if "public" in directives:
        # A proxy would show a closed page to readers without an account.
        response.headers["Cache-Control"] = directives.replace("public", "private")
    return response
