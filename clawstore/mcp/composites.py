"""Tools that read several operations of the API and put their answers together."""

from typing import Any

from clawstore.mcp.answers import ToolAnswer
from clawstore.mcp.arguments import AGENT_ID, InvalidArguments, require_arguments, split_agent_id
from clawstore.mcp.caller import Caller
from clawstore.mcp.lookups import latest_version, read_operation
from clawstore.mcp.tool import Arguments, Tool
from clawstore.templatetags.shop import add_to_openclaw, client, download_with_key
from registry.compare.queries import MAX_AGENTS, MIN_AGENTS


def compare_agents(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Return the facts of the latest version of each agent."""
    require_arguments(tool, arguments)
    ids = list(dict.fromkeys(str(agent) for agent in arguments["agents"]))
    is_readable = all(AGENT_ID.fullmatch(agent) for agent in ids)
    if not is_readable or not MIN_AGENTS <= len(ids) <= MAX_AGENTS:
        problem = {"argument": "agents", "message": "Name two to four different agents."}
        raise InvalidArguments(errors=[problem])
    return ToolAnswer({"agents": [_agent_with_facts(agent, caller) for agent in ids]})


def _agent_with_facts(agent_id: str, caller: Caller) -> dict[str, Any]:
    version = latest_version(agent_id, caller)
    return {
        "agent": agent_id,
        "version": version,
        "facts": read_facts(agent_id, version, caller),
    }


def read_facts(agent_id: str, version: str, caller: Caller) -> dict[str, Any]:
    """Return the facts of a version. Raises OperationRefused."""
    scope, name = split_agent_id(agent_id)
    values = {"scope": scope, "name": name, "version": version}
    return read_operation("GET /agents/{scope}/{name}/versions/{version}/facts", values, caller)


def sign_in(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Return what the caller may do.

    Raises Unauthenticated, which leads an app to its sign-in.
    """
    require_arguments(tool, arguments)
    caller.by.require_user()
    return ToolAnswer(read_operation(tool.operation, {}, caller))


def get_install_instructions(tool: Tool, arguments: Arguments, caller: Caller) -> ToolAnswer:
    """Return the commands that install an agent, and the secrets that it asks for."""
    require_arguments(tool, arguments)
    agent_id = arguments["agent"]
    version = arguments.get("version") or latest_version(agent_id, caller)
    facts = read_facts(agent_id, str(version), caller)
    scope, name = (part.lower() for part in split_agent_id(agent_id))
    return ToolAnswer(
        {
            "agent": f"@{scope}/{name}",
            "version": version,
            "commands": _commands(scope, name, str(version)),
            "secrets": facts.get("secrets", []),
            "secretsFile": "~/.openclaw/.env",
        }
    )


def _commands(scope: str, name: str, version: str) -> list[str]:
    commands = client()
    if commands.is_private:
        return [download_with_key(scope, name, version), add_to_openclaw(name)]
    return [
        commands.set_registry,
        f"{commands.install}@{scope}/{name}@{version}",
        add_to_openclaw(name),
    ]
