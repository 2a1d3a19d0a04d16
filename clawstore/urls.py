"""URL patterns of the whole site."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from clawstore.about.api_docs import api_docs, openapi
from clawstore.about.api_trial import try_read
from clawstore.account.device_api import device_code, device_token
from clawstore.api import api
from clawstore.desk.views import desk_sign_in, find
from clawstore.web.middleware import envelope


# A POST to a wrong address should say that the address is wrong, not that a token is missing.
@csrf_exempt
def no_such_endpoint(request: HttpRequest) -> HttpResponse:
    """404 in the JSON error envelope for unknown addresses under /v1."""
    return envelope("not_found", "Not found.", status=404)


# The client appends /api/auth/… to a base URL that may or may not end in /v1 or /v1/.
DEVICE = [
    re_path(r"^(?:v1/{1,2})?api/auth/device/code$", device_code),
    re_path(r"^(?:v1/{1,2})?api/auth/device/token$", device_token),
]

# It would take the width that the rows need; the start page has all lists.
admin.site.enable_nav_sidebar = False

handler400 = "clawstore.web.errors.bad_request"
handler404 = "clawstore.web.errors.not_found"
handler500 = "clawstore.web.errors.server_error"

# Our pages replace those of the library for sign-in and sessions. Without an app at a provider, as
# in development, the library's redirect to it would fail.
to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)
to_sessions = RedirectView.as_view(pattern_name="account_sessions")
SIGN_IN = [
    path("accounts/login/", to_sign_in),
    path("accounts/sessions/", to_sessions),
    # Accounts at providers are added on the account page, and cannot be removed.
    path("accounts/3rdparty/", RedirectView.as_view(pattern_name="account")),
]
SIGN_IN += [
    re_path(rf"^accounts/{provider}/", to_sign_in)
    for provider in ("github", "oidc")
    if not settings.SOCIALACCOUNT_PROVIDERS[provider].get("APP")
]

DEVTOOLS = ("devtools.styleguide.urls", "devtools.mock_wallet.urls")

urlpatterns: list[URLPattern | URLResolver] = [
    *DEVICE,
    path("v1/docs", api_docs, name="api_docs"),
    path("v1/docs/try/<slug:operation_id>", try_read, name="try_read"),
    path("v1/openapi.json", openapi, name="openapi"),
    path("v1/", no_such_endpoint),  # Otherwise ninja redirects to a docs page that is turned off.
    path("v1/", api.urls),
    # After all endpoints: a client that expects JSON must not get the HTML page of 404.
    re_path(r"^(?:v1|api)(?:/.*)?$", no_such_endpoint),
    *SIGN_IN,
    path("accounts/", include("allauth.urls")),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/login/", desk_sign_in),
    path("admin/find", admin.site.admin_view(find), name="desk_find"),
    path("admin/", admin.site.urls),
    *[
        path("", include(module))
        for module in (
            "clawstore.home.urls",
            "clawstore.about.urls",
            "clawstore.editorial.urls",
            "clawstore.intake.urls",
            "clawstore.people.urls",
            "clawstore.author_stats.urls",
            "clawstore.account.urls",
            "clawstore.following.urls",
            "clawstore.mcp.urls",
            "clawstore.oauth.urls",
            "clawstore.sales.urls",
            "clawstore.studio.urls",
            *(DEVTOOLS if settings.IN_DEVELOPMENT else []),
            "foundation.access.urls",
            "foundation.notices.urls",
            "profiles.urls",
            "registry.urls",
            "reviews.urls",
            "moderation.urls",
        )
        if find_spec(module)
    ],
]
