"""Headers of every response: what a page may load, and who may keep a copy of it."""

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

from foundation.web.anonymous import SHARED_CACHE_CONTROL, is_anonymous
from foundation.web.requests import GetResponse

# JSON loads nothing, so its policy is short and always the same.
JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"
PERMISSIONS = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
    "usb=(), xr-spatial-tracking=()"
)
PRIVATE = "private, max-age=0, must-revalidate"
NOT_STORED = "no-store"


class SecurityHeadersMiddleware(CSPMiddleware):
    """Sets the policies of a response and its Cache-Control, where the view has not.

    The library's decorators work on views; the policy of all others is made once.
    """

    get_response: GetResponse

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.page_policy = _page_policy()
        # There are as many as views with decorators of the library.
        self.policies: dict[str, str] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        self._set_content_policy(request, response)
        _set_cache_control(request, response)
        return response

    def _set_content_policy(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if "Content-Security-Policy" in response.headers:
            return
        if response.headers.get("Content-Type", "").startswith("application/json"):
            response.headers["Content-Security-Policy"] = JSON_POLICY
        elif policy_of_view := _stated_by_view(response):
            self._set_policy_of_view(request, response, policy_of_view)
        else:
            response.headers["Content-Security-Policy"] = self.page_policy

    def _set_policy_of_view(
        self, request: HttpRequest, response: HttpResponseBase, policy_of_view: str
    ) -> None:
        policy = self.policies.get(policy_of_view)
        if policy is not None:
            response.headers["Content-Security-Policy"] = policy
            return
        self.process_response(request, response)
        if "Content-Security-Policy" in response.headers:
            self.policies[policy_of_view] = response.headers["Content-Security-Policy"]


def _stated_by_view(response: HttpResponseBase) -> str:
    """The policy that decorators of the library left on the response, or ""."""
    attributes = response.__dict__.items()
    attributes_of_view = [(name, value) for name, value in attributes if name.startswith("_csp_")]
    return repr(attributes_of_view) if attributes_of_view else ""


def _set_cache_control(request: HttpRequest, response: HttpResponseBase) -> None:
    """Allow caches to share anonymous responses, and keep personal ones private.

    A cache validates before each use, so a reader who has signed in meanwhile gets a page of their
    own, and what was taken down is gone at once. Hence a shared response need not vary by cookie,
    which would keep caches from sharing it.
    """
    header = response.headers.get("Cache-Control")
    if response.status_code >= 400:
        # An error is of this moment: a cached 404 would hide an agent that is published next.
        response.headers["Cache-Control"] = header or NOT_STORED
    elif response.cookies or not is_anonymous(request):
        # A shared cache would give the cookie of one reader to all.
        if not header or ("public" in header and response.cookies):
            response.headers["Cache-Control"] = PRIVATE
    elif request.method in ("GET", "HEAD"):
        response.headers.setdefault("Cache-Control", SHARED_CACHE_CONTROL)
        if "public" in response.headers["Cache-Control"]:
            _remove_cookie_from_vary(response)


def _remove_cookie_from_vary(response: HttpResponseBase) -> None:
    header = response.headers.get("Vary", "")
    if "cookie" not in header.lower():
        return
    names = [name.strip() for name in header.split(",")]
    remaining_names = [name for name in names if name and name.lower() != "cookie"]
    if remaining_names:
        response.headers["Vary"] = ", ".join(remaining_names)
    else:
        del response.headers["Vary"]


def _page_policy() -> str:
    # The library's order differs between processes; a reader expects the default first.
    parts = build_policy().split("; ")
    return "; ".join(sorted(parts, key=lambda part: (not part.startswith("default-src"), part)))
