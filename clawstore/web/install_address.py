"""Install addresses of a closed instance, which have a key in them.

The CLI sends its key with every request but the one for a package. So its base address may be
``/in/KEY/v1``: the key in it opens packages and nothing else, and all other requests still need the
credential of the CLI. A key of more than that is refused here, because addresses are written into
logs (ADR 53).
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from foundation.access.models import ApiKey
from foundation.actor import Actor
from foundation.text.expressions import compile_text
from foundation.web.requests import GetResponse
from registry.rules.permissions import INSTALL_SCOPE

ADDRESS = compile_text(r"/in/(?P<key>[\w-]{20,100})(?P<rest>/(?:v1|api/auth/device)(?:/.*)?)")
PACKAGE = compile_text(r"/v1/agents/@?(?P<scope>[^/]+)/(?P<name>[^/]+)/versions/[^/]+/tarball")
FLAG = "clawstore.install_address"


class InstallAddressMiddleware:
    """Moves the key of an install address into the header that carries keys.

    Outermost, so that logs, limits of bodies and routes know the address without the key.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match = ADDRESS.fullmatch(request.path_info)
        if match is None and request.path_info[:4].lower() == "/in/":
            return _refuse_incomplete()
        if match is not None:
            request.path = request.path.removesuffix(match[0]) + match["rest"]
            request.path_info = request.META["PATH_INFO"] = match["rest"]
            is_read = request.method in ("GET", "HEAD")
            if is_read and is_package(request) and "HTTP_AUTHORIZATION" not in request.META:
                request.META["HTTP_AUTHORIZATION"] = f"Bearer {match['key']}"
                request.META[FLAG] = True
        return self.get_response(request)


def _refuse_incomplete() -> HttpResponse:
    # A redirect to the sign-in would carry the key along, into its address and the log.
    text = "This is not an install address. One looks like /in/KEY/v1.\n"
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(text, status=404, content_type="text/plain", headers=headers)


def is_package(request: HttpRequest) -> bool:
    return PACKAGE.fullmatch(request.path_info) is not None


def may_use_key(request: HttpRequest, actor: Actor) -> bool:
    """Whether a key is used where it may be.

    A key for packages opens them and nothing else, and only those of the agent or of the scope to
    which it is bound. No other key may be in an address.
    """
    is_for_packages = actor.scopes == frozenset({INSTALL_SCOPE})
    if not is_for_packages:
        return not request.META.get(FLAG)
    package = PACKAGE.fullmatch(request.path_info)
    if package is None:
        return False
    scope, name = package["scope"].lower(), package["name"].lower()
    return actor.bound_to in ("", f"@{scope}", f"@{scope}/{name}")


def install_address(key: ApiKey, raw: str) -> str:
    """Return the base address for the CLI with a new key.

    Blank for a key of other scopes, and on an open instance.
    """
    if not settings.SIGN_IN_TO_READ or key.scope_set != {INSTALL_SCOPE}:
        return ""
    return f"{settings.BASE_URL}/in/{raw}/v1"
