"""JSON endpoints of the device login (RFC 8628), at the existing client's paths.

Errors have the format of the RFC, not of `/v1`. Bodies can be JSON, which the client sends, or
forms, which the RFC requires.
"""

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from clawstore.web.middleware import as_refusal
from foundation.access.actions import poll_device_login, start_device_login
from foundation.access.address import client_address
from foundation.access.middleware import anonymous_actor
from foundation.access.scopes import device_scopes
from foundation.clock import now
from foundation.limits.middleware import limited
from foundation.refusals import Malformed, Refusal
from foundation.web.responses import json_response

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"


class InvalidRequest(Malformed):
    code = "invalid_request"


class UnsupportedGrantType(Malformed):
    code = "unsupported_grant_type"
    message = f"grant_type must be {GRANT_TYPE}."


class WrongMethod(InvalidRequest):
    status = 405
    message = "This endpoint only accepts POST."


def rfc_error(refusal: Refusal) -> HttpResponse:
    body = {"error": refusal.code, "error_description": refusal.message}
    response = json_response(body, refusal.status)
    if isinstance(refusal, WrongMethod):
        response["Allow"] = "POST"
    if "retry_after" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after"])
    return response


def with_rfc_errors(view: Any) -> Any:
    """Allow only POST and return all refusals in the format of the RFC."""

    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return rfc_error(WrongMethod())
        try:
            return view(request)
        # The middleware would answer in the format of /v1.
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            return rfc_error(refusal)

    return wrapped


def _text_fields(request: HttpRequest, *names: str) -> list[str]:
    """Text fields of a JSON or form body. Raises InvalidRequest."""
    if request.content_type == "application/json":
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise InvalidRequest("The body is not valid JSON.") from error
    else:
        body = request.POST.dict()
    values = [body.get(name) if isinstance(body, dict) else None for name in names]
    # A longer value is no code of ours.
    for name, value in zip(names, values, strict=True):
        if not isinstance(value, str) or not value or "\0" in value or len(value) > 512:
            raise InvalidRequest(f"{name} is missing.")
    return [str(value) for value in values]


@csrf_exempt
@never_cache
@with_rfc_errors
@limited("auth")
def device_code(request: HttpRequest) -> HttpResponse:
    """Start a device login."""
    (client_id,) = _text_fields(request, "client_id")
    codes = start_device_login(
        client_id=client_id,
        requested_from=client_address(request.META),
        user_agent=request.headers.get("User-Agent", ""),
    )
    # Of the settings, because the device may reach the server by another name.
    page = f"{settings.BASE_URL}/device"
    return json_response(
        {
            "device_code": codes.device_code,
            "user_code": codes.user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={codes.user_code}",
            "expires_in": codes.expires_in,
            "interval": codes.interval,
        }
    )


@csrf_exempt
@never_cache
@with_rfc_errors
@limited("auth")
def device_token(request: HttpRequest) -> HttpResponse:
    """Poll a device login; return its key once after approval."""
    grant_type, code, client_id = _text_fields(request, "grant_type", "device_code", "client_id")
    if grant_type != GRANT_TYPE:
        raise UnsupportedGrantType
    key, raw = poll_device_login(code, client_id=client_id, by=anonymous_actor(request, door="api"))
    lifetime = int((key.expires_at - now()).total_seconds()) if key.expires_at else 0
    return json_response(
        {
            "access_token": raw,
            "token_type": "Bearer",
            "expires_in": lifetime,
            "scope": " ".join(device_scopes()),
        }
    )
