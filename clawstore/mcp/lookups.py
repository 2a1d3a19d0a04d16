"""Looks up what the caller of a tool did not name: a version, an internal id."""

from clawstore.mcp.answers import ToolAnswer, answer_of
from clawstore.mcp.arguments import AGENT_ID, split_agent_id
from clawstore.mcp.caller import Caller
from clawstore.mcp.operations import OperationCall, fill_path, run_operation
from clawstore.mcp.tool import Arguments, Tool
from foundation.refusals import Refusal
from registry.errors import VersionNotFound

READ_AGENT = "GET /agents/{scope}/{name}"


class OperationRefused(Refusal):
    """An operation that a tool needs was refused; ``answer`` says why."""

    def __init__(self, answer: ToolAnswer) -> None:
        body = answer.body
        super().__init__(body["message"], code=body["code"], **body.get("details", {}))
        self.remediation = body["remediation"]


def read_operation(operation: str, values: dict[str, str], caller: Caller) -> dict[str, object]:
    """Return the object that a reading operation answers. Raises OperationRefused."""
    call = OperationCall(operation, fill_path(operation, values))
    answer = answer_of(run_operation(call, caller))
    if answer.is_error:
        raise OperationRefused(answer)
    return answer.body


def read_agent(agent_id: str, caller: Caller) -> dict[str, object]:
    """Return an agent. Raises InvalidArguments or OperationRefused."""
    scope, name = split_agent_id(agent_id)
    return read_operation(READ_AGENT, {"scope": scope, "name": name}, caller)


def latest_version(agent_id: str, caller: Caller) -> str:
    """Return the latest version. Raises OperationRefused or VersionNotFound."""
    latest = read_agent(agent_id, caller)["latestVersion"]
    if not isinstance(latest, dict):
        raise VersionNotFound("The agent has no latest version. Name one.")
    return str(latest["version"])


def complete_arguments(tool: Tool, arguments: Arguments, caller: Caller) -> Arguments:
    """Return the arguments with the latest version, or the internal id of the agent."""
    agent_id = arguments.get("agent")
    # An unusable id is refused with all other arguments that are.
    if not isinstance(agent_id, str) or not AGENT_ID.fullmatch(agent_id):
        return arguments
    if tool.takes_latest and arguments.get("version") is None:
        return dict(arguments) | {"version": latest_version(agent_id, caller)}
    if tool.agent_field and arguments.get(tool.agent_field) is None:
        return dict(arguments) | {tool.agent_field: read_agent(agent_id, caller)["id"]}
    return arguments
