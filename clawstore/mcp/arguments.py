"""Makes the request for an operation of a tool's arguments.

What stands in the body is left to the operation, whose refusals say what is wrong with it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from clawstore.mcp.operations import OperationCall, fill_path
from clawstore.mcp.shapes import input_schema, path_arguments, shape_of, takes_agent
from clawstore.mcp.tool import Arguments, Tool
from foundation.refusals import Invalid
from foundation.text.expressions import compile_text
from foundation.web.responses import JSON

AGENT_ID = compile_text(r"@?([^/@\s]{1,100})/([^/@\s]{1,100})")
NO_AGENT_ID = "The id of an agent is @scope/name."
MAX_ERRORS = 20
MAX_SHOWN = 60
"""Characters of an argument's name that a refusal repeats."""


class InvalidArguments(Invalid):
    code = "invalid_arguments"
    message = "The arguments do not match the schema of the tool."
    remediation = "Read the tool's inputSchema and send only arguments that it names."


def split_agent_id(agent_id: Any) -> tuple[str, str]:
    """Return scope and name of an agent's id. Raises InvalidArguments."""
    match = AGENT_ID.fullmatch(agent_id) if isinstance(agent_id, str) else None
    if match is None:
        problem = {"argument": "agent", "message": NO_AGENT_ID}
        raise InvalidArguments(errors=[problem])
    return match[1], match[2]


def require_arguments(tool: Tool, arguments: Arguments) -> None:
    """Raise InvalidArguments for unknown, missing or unusable arguments."""
    violations = islice(_violations(tool, arguments), MAX_ERRORS)
    errors = [{"argument": name, "message": text} for name, text in violations]
    if errors:
        raise InvalidArguments(errors=errors)


def _violations(tool: Tool, arguments: Arguments) -> Iterator[tuple[str, str]]:
    schema = input_schema(tool)
    shape = shape_of(tool.operation) if tool.run is None else None
    for name in arguments:
        if name not in schema["properties"]:
            yield name[:MAX_SHOWN], "There is no argument of this name."
    for name in schema.get("required", ()):
        # The operation itself refuses a body without a field.
        if arguments.get(name) is None and (shape is None or name not in shape.body):
            yield name, "The argument is required."
    for name, value in arguments.items():
        problem = _problem_of(name, value, schema["properties"].get(name, {}))
        if problem and (shape is None or name not in shape.body):
            yield name[:MAX_SHOWN], problem


def _problem_of(name: str, value: Any, schema: dict[str, Any]) -> str:
    """Return what is wrong with an argument that is no part of a body, or nothing."""
    if name == "dryRun" and not isinstance(value, bool):
        return "The argument is true or false."
    if name in ("expectedVersion", "offset"):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return "" if is_number and 0 <= value < 2**31 else "The argument is a whole number."
    if name == "agent" and not (isinstance(value, str) and AGENT_ID.fullmatch(value)):
        return NO_AGENT_ID
    if schema.get("type") in ("array", "object"):
        kind = list if schema["type"] == "array" else dict
        return "" if isinstance(value, kind) else f"The argument is an {schema['type']}."
    if value is not None and not isinstance(value, str | int | float):
        return "The argument is a text or a number."
    return ""


def operation_call(tool: Tool, arguments: Arguments) -> OperationCall:
    """Return the request for a tool's operation. Raises InvalidArguments."""
    require_arguments(tool, arguments)
    shape = shape_of(tool.operation)
    fields = {name: arguments[name] for name in shape.body if name in arguments}
    query = list(_query(shape.query, arguments))
    if arguments.get("dryRun") and tool.is_of_runtime:
        query.append(("mode", "dry_run"))
    return OperationCall(
        operation=tool.operation,
        path=fill_path(tool.operation, path_values(tool, arguments)),
        query=tuple(query),
        body=orjson.dumps(fields) if shape.has_body and _sends_body(tool, fields) else b"",
        content_type=JSON,
        headers=headers_of(arguments),
    )


def _sends_body(tool: Tool, fields: dict[str, Any]) -> bool:
    # An optional body is left out, so that its absence means the same as over HTTP.
    return bool(fields) or bool(shape_of(tool.operation).required_fields)


def path_values(tool: Tool, arguments: Arguments) -> dict[str, str]:
    """Return the values of the parameters in the path of a tool's operation."""
    values = {
        parameter: str(arguments[argument]) for argument, parameter in path_arguments(tool).items()
    }
    if takes_agent(tool):
        values["scope"], values["name"] = split_agent_id(arguments["agent"])
    return values


def _query(shape: Any, arguments: Arguments) -> Iterator[tuple[str, str]]:
    for name in shape:
        value = arguments.get(name)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, bool):
                yield name, "true" if part else "false"
            elif part is not None:
                yield name, str(part)
    yield from _filters(arguments.get("filter"))


def _filters(filters: Any) -> Iterator[tuple[str, str]]:
    """``{"price": {"gte": 5}}`` is ``filter[price][gte]=5``."""
    if not isinstance(filters, dict):
        return
    for name, value in filters.items():
        comparisons = value if isinstance(value, dict) else {"": value}
        for operator, operand in comparisons.items():
            key = f"filter[{name}]" + (f"[{operator}]" if operator else "")
            yield key, _plain(operand)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def headers_of(arguments: Arguments) -> dict[str, str]:
    """Return the headers that arguments stand for."""
    headers = {}
    if "expectedVersion" in arguments:
        headers["If-Match"] = f'"v{arguments["expectedVersion"]}"'
    if "idempotencyKey" in arguments:
        headers["Idempotency-Key"] = str(arguments["idempotencyKey"])
    return headers
