"""The id of a request, for logs, the audit log and support."""

import re
import uuid

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from foundation.web.requests import GetResponse

VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Sets ``request.request_id`` from a valid ``X-Request-ID``, or to a random id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        header = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = header if VALID_ID.fullmatch(header) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
