"""A log line as one JSON object. No line says where a request came from.

The web server reads this before there are settings, so nothing here asks for one.
"""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from clawstore.ops.logs import request_id

Line = MutableMapping[str, Any]
ADDRESS = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|(?<![\w:])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]*[0-9A-Fa-f](?!\w)"
)


def with_request_id(logger: Any, method: str, line: Line) -> Line:
    current = request_id.get()
    if current:
        line["request_id"] = current
    return line


def without_addresses(logger: Any, method: str, line: Line) -> Line:
    """The web server names the address of a request that it cannot read."""
    if line.get("logger", "").startswith("gunicorn"):
        line["event"] = ADDRESS.sub("[address]", str(line["event"]))
    return line


def without_repetition(logger: Any, method: str, line: Line) -> Line:
    """Another formatter that has seen the record leaves its own words on it."""
    line.pop("message", None)
    line.pop("asctime", None)
    return line


BEFORE: list[Any] = [
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
    without_repetition,
    with_request_id,
    without_addresses,
]


def as_json(line: Line, **_: Any) -> str:
    return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def json_formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=BEFORE,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=as_json),
        ],
    )
