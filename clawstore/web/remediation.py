"""The next step after a refusal of the content runtime."""

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

RUNTIME_PATHS = (
    *("/v1/domains/", "/v1/preview/", "/v1/public/"),
    *("/v1/payments/", "/v1/entitlements", "/v1/following"),
)
BY_STATUS = {
    400: "Correct the request; details say which part is wrong.",
    401: "Send a valid API key in the header Authorization: Bearer.",
    403: "Use a key or an account that may do this.",
    404: "Check the address and the IDs in it.",
    405: "Use one of the methods in the header Allow.",
    409: "Read the present state, then decide again.",
    413: "Send less, or split the request.",
    422: "Correct the values; details say which ones are wrong.",
    429: "Wait as many seconds as the header Retry-After says.",
}
DEFAULT_REMEDIATION = "Try again later. If it stays so, tell the operator the request ID."


def with_remediation(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Complete an error of the runtime: each one says what to do next."""
    is_error = response.status_code >= 400 and isinstance(response, HttpResponse)
    if not is_error or not request.path_info.startswith(RUNTIME_PATHS):
        return response
    body = orjson.loads(response.content)  # type: ignore[attr-defined]
    # The refusal's own advice is better, as it knows the case.
    body["error"].setdefault(
        "remediation", BY_STATUS.get(response.status_code, DEFAULT_REMEDIATION)
    )
    content = orjson.dumps(body)
    response.content = content  # type: ignore[attr-defined]
    # A middleware below has set it for the shorter body, and clients would get half of this one.
    response["Content-Length"] = str(len(content))
    return response
