"""Tools that check and publish packages."""

from typing import Any

from clawstore.mcp.packages import check_package, publish_version
from clawstore.mcp.tool import Tool

FILE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "text": {"type": "string"},
        "base64": {"type": "string"},
    },
    "required": ["path"],
}
PART_OF_FILE = {"offset": {"type": "integer", "minimum": 0, "default": 0}}
IMAGE: dict[str, Any] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "base64": {"type": "string"}},
    "required": ["path", "base64"],
}
PACKAGE: dict[str, dict[str, Any]] = {
    "files": {
        "type": "array",
        "items": FILE,
        "description": "The files of the package, agent.json among them: text or base64 of each.",
    },
    "packageBase64": {
        "type": "string",
        "description": "In place of files: the gzipped tar, in base64.",
    },
    "icon": IMAGE | {"description": "The icon, by the path in agent.json."},
    "screenshots": {"type": "array", "items": IMAGE, "maxItems": 10},
}
TOOLS = (
    Tool(
        name="check_package",
        title="Check a package",
        operation="POST /packages/check",
        description="Check a package with the rules of a publish. Nothing is stored.",
        arguments=PACKAGE,
        run=check_package,
    ),
    Tool(
        name="publish_version",
        title="Publish a version",
        operation="POST /agents/publish",
        scope="agents:publish",
        description=(
            "Publish a version of an agent in your scope. Published versions never change: check"
            " with dryRun first. Larger packages than 3 MB go through the API."
        ),
        arguments=PACKAGE
        | {
            "metadata": {
                "type": "string",
                "description": "The text of agent.json; needed with packageBase64 alone.",
            },
            "channel": {"type": "string", "enum": ["community", "official", "beta"]},
        },
        run=publish_version,
    ),
)
