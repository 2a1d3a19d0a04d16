"""URL patterns of sign-in by apps. Names below .well-known are those of RFCs."""

from django.urls import path

from clawstore.oauth.api import register, revoke, token
from clawstore.oauth.metadata import authorization_server, protected_resource
from clawstore.oauth.views import authorize

PROTECTED_RESOURCE = ".well-known/oauth-protected-resource"
urlpatterns = [
    path(PROTECTED_RESOURCE, protected_resource, name="oauth_resource_of_site"),
    path(f"{PROTECTED_RESOURCE}/mcp", protected_resource, name="oauth_resource"),
    path(".well-known/oauth-authorization-server", authorization_server, name="oauth_server"),
    path("oauth/authorize", authorize, name="oauth_authorize"),
    path("oauth/token", token, name="oauth_token"),
    path("oauth/register", register, name="oauth_register"),
    path("oauth/revoke", revoke, name="oauth_revoke"),
]
