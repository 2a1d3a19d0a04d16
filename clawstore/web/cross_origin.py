"""Cross-origin reads (CORS): scripts of other sites may read the public API."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from foundation.web.anonymous import is_anonymous
from foundation.web.requests import GetResponse

PUBLIC_PATHS = ("/v1/", "/feeds/")
# A question with a body: it changes nothing and needs no credential.
READ_BY_POST = "/v1/updates"
EXPOSED_HEADERS = (
    "Accept-Ranges, Content-Range, ETag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    "Retry-After, X-Content-SHA256"
)
# No Authorization: a script of another site acts for no user here.
REQUEST_HEADERS = "Accept, Content-Type, If-Modified-Since, If-None-Match, If-Range, Range"
PREFLIGHT_SECONDS = 86_400


class CrossOriginMiddleware:
    """Answers preflights, and marks public responses, refusals and 304 included.

    They never get what a cookie opens: browsers leave it out where the origin is `*`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PUBLIC_PATHS):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return preflight_answer(request)
        response = self.get_response(request)
        if is_public_read(request) and is_anonymous(request):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        return response


def is_public_read(request: HttpRequest) -> bool:
    """Whether the request changes nothing; HEAD arrives as GET or as itself."""
    return request.method in ("GET", "HEAD") or request.path_info == READ_BY_POST


def preflight_answer(request: HttpRequest) -> HttpResponse:
    """The rules that a browser compares with the request of a script."""
    methods = "GET, HEAD, POST" if request.path_info == READ_BY_POST else "GET, HEAD"
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    return HttpResponse(status=204, headers=headers)
