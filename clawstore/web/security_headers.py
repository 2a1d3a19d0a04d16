"""What every answer says of itself: what a page may load, and who may keep a copy."""

import hashlib

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers

from clawstore.web.unchanged import Copies, filled, packed, reads_packed, stamp_of
from foundation.web.requests import GetResponse

# JSON loads nothing, so its policy is short and always the same.
JSON_POLICY = "default-src 'none'; frame-ancestors 'none'"
PERMISSIONS = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
    "usb=(), xr-spatial-tracking=()"
)
TO_BE_SHARED = "public, max-age=0, must-revalidate"
FOR_ONE = "private, max-age=0, must-revalidate"
FOR_NOBODY = "no-store"
WORTH_PACKING = 500


class HeadersMiddleware(CSPMiddleware):
    """The library's decorators still work on a view; what has none gets a header made once."""

    get_response: GetResponse

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.page_policy = _page_policy()
        # What makes an answer one person's; any other cookie is a stranger's and changes nothing.
        self.personal_cookies = frozenset({settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME})
        self.copies = Copies()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        self._say_what_may_load(request, response, is_json)
        return self._say_who_may_keep(request, response)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Nobody need wait until a page is made that was made before and has not changed."""
        if request.method not in ("GET", "HEAD") or self._asks_for_one(request):
            return None
        stamp = stamp_of(request) if self.copies.may_spare(request) else None
        if stamp is None:
            return None
        answer = self.copies.answer(request, stamp)
        if answer is None:
            request.stamp = stamp  # type: ignore[attr-defined]
        return answer

    def _say_what_may_load(
        self, request: HttpRequest, response: HttpResponseBase, is_json: bool
    ) -> None:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if "Content-Security-Policy" in response.headers:
            return
        if is_json:
            response.headers["Content-Security-Policy"] = JSON_POLICY
        elif any(name.startswith("_csp_") for name in response.__dict__):
            self.process_response(request, response)
        else:
            response.headers["Content-Security-Policy"] = self.page_policy

    def _say_who_may_keep(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """An answer to nobody in particular may be kept and shared, but is asked about each time it
        is used; so whoever has signed in meanwhile gets their own, and what is taken down is gone
        at once. Hence it need not vary by cookie, which would keep a cache from sharing it."""
        is_personal = self._is_personal(request, response)
        said = response.headers.get("Cache-Control")
        if response.status_code >= 400:
            response.headers["Cache-Control"] = said or FOR_NOBODY
        elif is_personal:
            if not said or ("public" in said and response.cookies):
                response.headers["Cache-Control"] = FOR_ONE
        elif not said and request.method in ("GET", "HEAD"):
            return self._to_be_shared(request, response)
        if said and "max-age" in said and "no-store" not in said:
            # A view that says itself how long its answer is good for: it says the same to all.
            return _with_etag(request, response)
        return response

    def _is_personal(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        return bool(response.cookies or self._asks_for_one(request))

    def _asks_for_one(self, request: HttpRequest) -> bool:
        return "HTTP_AUTHORIZATION" in request.META or not self.personal_cookies.isdisjoint(
            request.COOKIES
        )

    def _to_be_shared(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers["Cache-Control"] = TO_BE_SHARED
        _vary_by_no_cookie(response)
        if is_page(response):
            patch_vary_headers(response, ("Accept-Encoding",))
        answer = _with_etag(request, response)
        stamp = getattr(request, "stamp", None)
        body = _packed(request, answer, is_kept=stamp is not None)
        if stamp is not None:
            self.copies.keep(request, stamp, answer, body)
        if body is not None and isinstance(answer, HttpResponse):
            return filled(answer, body, request)
        return answer


def _page_policy() -> str:
    # The library's order changes from process to process; a person reads the default first.
    parts = build_policy().split("; ")
    return "; ".join(sorted(parts, key=lambda part: (not part.startswith("default-src"), part)))


def _with_etag(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer with a mark of its content, or in short to whoever has that content already."""
    if response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    etag = response.headers.get("ETag")
    if etag is None:
        digest = hashlib.blake2b(response.content, digest_size=12).hexdigest()
        etag = response.headers["ETag"] = f'W/"{digest}"'
    if "HTTP_IF_NONE_MATCH" in request.META:
        return get_conditional_response(request, etag=etag, response=response) or response
    return response


def is_page(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def _packed(request: HttpRequest, response: HttpResponseBase, *, is_kept: bool) -> bytes | None:
    """A page for nobody in particular, packed; None where there is no page, or nobody wants it so.
    There is no secret in it that its length could betray; with a session there may be one, so
    those pages go as they are."""
    if not isinstance(response, HttpResponse) or response.status_code != 200:
        return None
    if "Content-Encoding" in response.headers or not is_page(response):
        return None
    if len(response.content) < WORTH_PACKING or not (is_kept or reads_packed(request)):
        return None
    return packed(response.content)


def _vary_by_no_cookie(response: HttpResponseBase) -> None:
    vary = response.headers.get("Vary")
    if vary is None or "cookie" not in vary.lower():
        return
    kept = [part for part in vary.split(", ") if part.lower() != "cookie"]
    if kept:
        response.headers["Vary"] = ", ".join(kept)
    else:
        del response.headers["Vary"]
