"""Endpoints for apps: registration, tokens, revocation. Formats are those of RFCs."""

from collections.abc import Callable
from functools import wraps

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from clawstore.account.device_api import with_rfc_errors
from foundation.access.middleware import anonymous_actor
from foundation.access.oauth.clients import register_client
from foundation.access.oauth.errors import InvalidClientMetadata, InvalidOAuthRequest
from foundation.limits.middleware import consume_limit
from foundation.refusals import NotFound
from foundation.web.responses import JSON, json_response

FORM = "application/x-www-form-urlencoded"
View = Callable[[HttpRequest], HttpResponse]


class OAuthOff(NotFound):
    code = "oauth_off"
    message = "Apps cannot sign in at this site. Use an API key."


def endpoint(limit: str) -> Callable[[View], View]:
    """Make a view an endpoint of apps. It reads no cookie, and counts by network."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @with_rfc_errors
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            if not settings.OAUTH_ON:
                raise OAuthOff
            consume_limit(request, limit, anonymous_actor(request, door="mcp"))
            return view(request)

        return answer

    return decorate


@endpoint("oauth_register")
def register(request: HttpRequest) -> HttpResponse:
    """Register an app (RFC 7591)."""
    if request.content_type != JSON:
        raise InvalidClientMetadata("The metadata of an app is JSON.")
    try:
        metadata = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise InvalidClientMetadata("The body is not valid JSON.") from error
    if not isinstance(metadata, dict):
        raise InvalidClientMetadata("The metadata of an app is an object.")
    client = register_client(metadata)
    return json_response(
        {
            "client_id": client.pk,
            "client_id_issued_at": int(client.created_at.timestamp()),
            "client_name": client.name,
            "redirect_uris": client.get_redirect_uris(),
            "grant_types": client.get_grant_types(),
            "response_types": client.get_response_types(),
            "token_endpoint_auth_method": "none",
            "scope": " ".join(client.get_scopes()),
        },
        201,
    )


@sensitive_post_parameters()
@endpoint("oauth_token")
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token for tokens."""
    return _answer(request, "answer_token_request")


@sensitive_post_parameters()
@endpoint("oauth_token")
def revoke(request: HttpRequest) -> HttpResponse:
    """End an access token, or with a refresh token the whole connection (RFC 7009)."""
    return _answer(request, "answer_revocation_request")


def _answer(request: HttpRequest, function: str) -> HttpResponse:
    if request.content_type != FORM or request.GET:
        raise InvalidOAuthRequest(f"Send the fields as {FORM} in the body.")
    fields = {name: request.POST.getlist(name) for name in request.POST}
    # At the first app, as the consent page.
    answer = import_string(f"foundation.access.oauth.provider.{function}")
    body, status = answer(fields, anonymous_actor(request, door="mcp"))
    return HttpResponse(body or "{}", status=status, content_type=JSON)
