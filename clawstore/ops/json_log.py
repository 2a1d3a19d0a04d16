"""JSON formatter for log records. No line contains the address of a client.

The web server loads this module before Django's settings exist, so it reads none.
"""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from clawstore.ops.logs import request_id

Line = MutableMapping[str, Any]
# Of installs by a CLI, previews, links for feedback, receipts and private feeds: the address
# itself is the secret.
SECRET_ADDRESS = re.compile(
    r"(?i)((?:/v1/as|/in|/preview|/feedback|/receipts|/feeds/following)/"
    r"|%2F(?:in|preview|feedback|receipts)%2F)[^/%\s?&\"]+"
)
ADDRESS = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|(?<![\w:])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]*[0-9A-Fa-f](?!\w)"
)


def add_request_id(logger: Any, method: str, line: Line) -> Line:
    current = request_id.get()
    if current:
        line["request_id"] = current
    return line


def mask_addresses(logger: Any, method: str, line: Line) -> Line:
    """Mask client addresses, which gunicorn logs for malformed requests."""
    # Only there: our own code logs no addresses, and versions such as 1.2.3.4 look like them.
    if line.get("logger", "").startswith("gunicorn"):
        line["event"] = ADDRESS.sub("[address]", str(line["event"]))
    return line


def mask_tokens(logger: Any, method: str, line: Line) -> Line:
    """Mask tokens and keys in addresses that are secrets."""
    line["event"] = without_tokens(str(line["event"]))
    return line


def without_tokens(text: str) -> str:
    return SECRET_ADDRESS.sub(r"\1[token]", text)


def drop_formatted_fields(logger: Any, method: str, line: Line) -> Line:
    """Drop the fields that another formatter added to the same record."""
    line.pop("message", None)
    line.pop("asctime", None)
    return line


PROCESSORS: list[Any] = [
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
    drop_formatted_fields,
    add_request_id,
    mask_addresses,
    mask_tokens,
]


def as_json(line: Line, **_: Any) -> str:
    # `default=str`, because a log line that cannot be written would hide the error that it is
    # about.
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def json_formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=PROCESSORS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=as_json),
        ],
    )
