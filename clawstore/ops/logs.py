"""Logging configuration: plain text in development, JSON lines in production."""

import logging
from contextvars import ContextVar
from typing import Any

# The id of the request that this thread handles; every log line contains it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# Malformed requests of strangers: they get an error response and need no traceback.
MALFORMED_REQUESTS = (
    "BodyTooLarge",
    "DisallowedHost",
    "RequestDataTooBig",
    "SuspiciousMultipartForm",
    "TooManyFieldsSent",
    "TooManyFilesSent",
)
# Their debug lines contain signed addresses of the bucket.
VERBOSE_LIBRARIES = ("botocore", "boto3", "urllib3", "s3transfer", "mcp")


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: one handler that writes everything to standard error."""
    # The JSON formatter is named, not imported: structlog loads slowly.
    plain = {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    formatter = {"()": "clawstore.ops.json_log.json_formatter"} if as_json else plain
    return {
        "version": 1,
        # Loggers that modules made at their import would be silent otherwise.
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django's own handlers write another format and send mails to ADMINS.
            "django": {"handlers": [], "level": level, "propagate": True},
            # Django warns of every 404; the request log already has it.
            "django.request": {"level": "ERROR"},
            **{
                f"django.security.{name}": {"level": logging.CRITICAL}
                for name in MALFORMED_REQUESTS
            },
            **{name: {"level": "WARNING"} for name in VERBOSE_LIBRARIES},
        },
    }
