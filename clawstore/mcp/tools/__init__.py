"""All tools, by name, in the order in which they are listed."""

from clawstore.mcp.tool import Tool
from clawstore.mcp.tools import agents, community, content, domains, publishing, sales, workflow

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for module in (agents, publishing, community, content, workflow, domains, sales)
    for tool in module.TOOLS
}
