"""Log lines: for people in development, one JSON object each in production."""

import logging
from contextvars import ContextVar
from typing import Any

# The id of the request that this thread is at; every line written meanwhile carries it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

# What strangers send all day: refused, answered, and no fault of ours with a trace.
STRANGERS = (
    "DisallowedHost",
    "RequestDataTooBig",
    "SuspiciousMultipartForm",
    "TooManyFieldsSent",
    "TooManyFilesSent",
)
TALKATIVE = ("botocore", "boto3", "urllib3", "s3transfer")


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: one handler, everything to standard error. What makes JSON is named, not
    imported: it takes longer to load than the rest of the shop together."""
    plain = {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    formatter = {"()": "clawstore.ops.jsonlines.json_formatter"} if as_json else plain
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Warns of every 404; our own line says it better.
            "django.request": {"level": "ERROR"},
            **{f"django.security.{name}": {"level": logging.CRITICAL} for name in STRANGERS},
            # Without a handler of its own the worker would add one that writes in its own way.
            "huey": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            **{name: {"level": "WARNING"} for name in TALKATIVE},
        },
    }
