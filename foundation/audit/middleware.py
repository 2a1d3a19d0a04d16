"""The id of a request, for logs, the audit log and support."""

import random
import re

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foundation.web.requests import GetResponse

VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def random_id() -> str:
    """32 hexadecimal digits."""
    # An id is a mark in logs and no secret, so it need not cost a system call.
    return f"{random.getrandbits(128):032x}"


class RequestIdMiddleware:
    """Sets ``request.request_id`` from a valid ``X-Request-ID``, or to a random id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        header = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = header if VALID_ID.fullmatch(header) else random_id()
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
