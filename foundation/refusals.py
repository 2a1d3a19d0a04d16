"""Refusals: errors of the domain, each with a name and a code.

The class family determines the HTTP status. ``code`` is public and never changes, ``message`` is
for people, ``details`` is JSON. ``remediation`` says what to do next; the content runtime sends it
with every refusal. ``headers`` are further headers of its response.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """Base of all refusals. Raise a named subclass."""

    status: ClassVar[int] = 400
    code: str = "refused"
    message: str = "The request was refused."
    remediation: str = ""

    def __init__(self, message: str = "", *, code: str = "", **details: Any) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.details = details
        self.headers: dict[str, str] = {}
        super().__init__(self.message)


class Malformed(Refusal):
    """The request cannot be parsed."""

    status = 400
    code = "malformed"


class Unauthenticated(Refusal):
    status = 401
    code = "unauthorized"
    message = "Sign in, or send a valid API key."


class NotAllowed(Refusal):
    status = 403
    code = "forbidden"
    message = "You don't have permission to do this."


class NotFound(Refusal):
    status = 404
    code = "not_found"
    message = "Not found."


class RequestTimeout(Refusal):
    """The request ended early, or came too slowly."""

    status = 408
    code = "request_timeout"
    message = "The request did not arrive: it ended early or came too slowly."


class Conflict(Refusal):
    status = 409
    code = "conflict"


class Gone(Refusal):
    status = 410
    code = "gone"


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class Invalid(Refusal):
    """The request can be parsed, but breaks a rule."""

    status = 422
    code = "invalid"


class TooMany(Refusal):
    """A limit is used up; ``details["retry_after"]`` is in seconds."""

    status = 429
    code = "rate_limited"


class Withheld(Refusal):
    """The object exists but must not be handed out."""

    status = 451
    code = "withheld"


class InsufficientStorage(Refusal):
    """The server has no space to store the request."""

    status = 507
    code = "insufficient_storage"
    message = "The server is out of disk space. Nothing was stored. Reading works; try again later."


class Unavailable(Refusal):
    """A part of the server does not answer; ``details["retry_after"]`` is in seconds."""

    status = 503
    code = "unavailable"


class InsufficientScope(NotAllowed):
    code = "insufficient_scope"


class InvalidParameter(Malformed):
    code = "invalid_parameter"
