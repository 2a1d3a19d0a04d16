"""Makes the form of an upload of the arguments of a tool."""

import secrets
from typing import Any

from clawstore.mcp.answers import ToolAnswer, answer_of
from clawstore.mcp.arguments import headers_of, require_arguments
from clawstore.mcp.caller import Caller
from clawstore.mcp.operations import OperationCall, fill_path, run_operation
from clawstore.mcp.packages import FormPart, data_of, encode_form, path_of
from clawstore.mcp.shapes import argument_name
from clawstore.mcp.tool import Arguments, Tool


def upload_file(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Upload a file of a domain; other arguments than the file are fields of the form."""
    require_arguments(tool, arguments)
    file = arguments["file"]
    fields = [
        FormPart(name, str(arguments[name]).encode())
        for name in FORM_FIELDS & arguments.keys()
        if arguments[name] is not None
    ]
    content = FormPart("file", data_of("file", file), path_of("file", file))
    boundary = secrets.token_hex(16)
    call = OperationCall(
        operation=tool.operation,
        path=fill_path(tool.operation, _path_values(tool, arguments)),
        query=(("mode", "dry_run"),) if arguments.get("dryRun") else (),
        body=encode_form([*fields, content], boundary),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers=headers_of(arguments),
    )
    return answer_of(run_operation(call, caller))


FORM_FIELDS = frozenset({"access", "field"})


def _path_values(tool: Tool, arguments: Arguments) -> dict[str, Any]:
    return {name: str(arguments[argument_name(tool, name)]) for name in tool.parameters}
