"""Runs the tools. Whatever goes wrong is an answer with code and remediation."""

import logging
from dataclasses import replace
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpRequest

from clawstore.mcp.answers import ToolAnswer, answer_of, mark_foreign_text, refusal_answer
from clawstore.mcp.arguments import InvalidArguments, operation_call
from clawstore.mcp.caller import Caller
from clawstore.mcp.lookups import complete_arguments
from clawstore.mcp.operations import OperationCall, run_operation
from clawstore.mcp.tool import Arguments, Tool
from foundation.limits.middleware import consume_limit
from foundation.refusals import Refusal

log = logging.getLogger("clawstore.mcp")
SERVER_ERROR = {
    "code": "internal_error",
    "message": "Server error.",
    "remediation": "Try again later. If it stays so, tell the operator the request ID.",
}


def call_tool(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Return the answer of a tool. Raises nothing."""
    try:
        answer = _run(tool, arguments, caller)
    except Refusal as refusal:
        answer = refusal_answer(refusal)
    except Exception:
        log.exception("The tool %s failed", tool.name)
        return ToolAnswer(SERVER_ERROR | {"requestId": caller.by.request_id}, is_error=True)
    # The details of an error may quote others, such as the terms of a seller.
    has_text = not answer.is_error or "details" in answer.body
    return mark_foreign_text(answer) if tool.has_foreign_text and has_text else answer


def _run(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    _require_json(arguments)
    if tool.run is not None:
        return tool.run(tool, arguments, caller)
    call = operation_call(tool, complete_arguments(tool, arguments, caller))
    if arguments.get("dryRun") and not tool.is_of_runtime:
        return try_operation(call, caller)
    return answer_of(run_operation(call, caller), offset=arguments.get("offset", 0))


def _require_json(arguments: Arguments) -> None:
    """Raise InvalidArguments for values that the API could not read either."""
    try:
        orjson.dumps(arguments)
    except (TypeError, ValueError) as error:
        problem = {"argument": "", "message": "A text or a number is not valid JSON."}
        raise InvalidArguments(errors=[problem]) from error


def try_operation(call: OperationCall, caller: Caller) -> ToolAnswer:
    """Run an operation and roll back all its writes, also the counts of limits."""
    request = HttpRequest()
    request.META = dict(caller.connection)
    consume_limit(request, "write", caller.by)
    with transaction.atomic():
        response = run_operation(call, caller)
        is_creation = response.status_code == 201
        answer = answer_of(response)
        transaction.set_rollback(True)
    if answer.is_error:
        return answer
    # What a creation makes does not exist afterwards.
    blank: dict[str, Any] = {"id": None} if is_creation and "id" in answer.body else {}
    return replace(answer, body=answer.body | blank | {"dryRun": True})
