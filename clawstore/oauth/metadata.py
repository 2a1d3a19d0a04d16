"""Metadata of MCP as a resource (RFC 9728), and of its server (RFC 8414)."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from clawstore.key_scopes import NAMED_BY_CLIENTS_ALONE
from foundation.access.oauth.rules import grantable_scopes
from foundation.web.responses import json_response

FOR_AN_HOUR = cache_control(public=True, max_age=3600)


@require_safe
@FOR_AN_HOUR
def protected_resource(request: HttpRequest) -> HttpResponse:
    """Say which server issues tokens for MCP."""
    return _public(
        {
            "resource": settings.OAUTH_RESOURCE,
            "authorization_servers": [settings.BASE_URL],
            # A client that is told no scope asks for all of these.
            "scopes_supported": [
                name for name in grantable_scopes() if name not in NAMED_BY_CLIENTS_ALONE
            ],
            "bearer_methods_supported": ["header"],
            "resource_name": settings.INSTANCE_NAME,
            "resource_documentation": settings.BASE_URL + reverse("api_docs"),
        }
    )


@require_safe
@FOR_AN_HOUR
def authorization_server(request: HttpRequest) -> HttpResponse:
    """Say where the endpoints are, and what they accept."""
    base = settings.BASE_URL
    return _public(
        {
            "issuer": base,
            "authorization_endpoint": base + reverse("oauth_authorize"),
            "token_endpoint": base + reverse("oauth_token"),
            "registration_endpoint": base + reverse("oauth_register"),
            "revocation_endpoint": base + reverse("oauth_revoke"),
            "scopes_supported": list(grantable_scopes()),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            # To read a document at an address that a stranger names is a request forgery.
            "client_id_metadata_document_supported": False,
            "protected_resources": [settings.OAUTH_RESOURCE],
            "service_documentation": base + reverse("api_docs"),
        }
    )


def _public(metadata: dict[str, Any]) -> HttpResponse:
    if not settings.OAUTH_ON:
        raise Http404
    response = json_response(metadata, 200)
    response["Access-Control-Allow-Origin"] = "*"
    return response
