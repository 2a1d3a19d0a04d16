"""Tools that read agents and their versions."""

from clawstore.mcp.composites import compare_agents, get_install_instructions, sign_in
from clawstore.mcp.tool import Tool
from clawstore.mcp.tools.publishing import PART_OF_FILE

AGENT = "/agents/{scope}/{name}"
VERSION = AGENT + "/versions/{version}"
TOOLS = (
    Tool(
        name="search_agents",
        title="Search agents",
        operation="GET /agents",
        description="Find agents by words and by meaning, with filters. Without q, all agents.",
    ),
    Tool(
        name="search_by_meaning",
        title="Search agents by meaning",
        operation="GET /search/semantic",
        description="Find agents by the meaning of a text alone, whatever its words.",
    ),
    Tool(
        name="suggest_agents",
        title="Complete the name of an agent",
        operation="GET /suggest",
    ),
    Tool(
        name="list_categories",
        title="List categories",
        operation="GET /categories",
        has_foreign_text=False,
    ),
    Tool(name="get_agent", title="Read an agent", operation=f"GET {AGENT}"),
    Tool(
        name="list_versions",
        title="List the versions of an agent",
        operation=f"GET {AGENT}/versions",
    ),
    Tool(
        name="get_version",
        title="Read a version",
        operation=f"GET {VERSION}",
        takes_latest=True,
    ),
    Tool(
        name="get_facts",
        title="Read the label of a version",
        operation=f"GET {VERSION}/facts",
        description=(
            "What a version does, read from its bytes: files it writes, secrets it asks for, hosts"
            " it names, hidden text, size of its prompt. Each fact has its file and line."
        ),
        takes_latest=True,
    ),
    Tool(
        name="list_files",
        title="List the files of a version",
        operation=f"GET {VERSION}/files",
        takes_latest=True,
    ),
    Tool(
        name="read_file",
        title="Read a file of a version",
        operation=f"GET {VERSION}/files/{{path:path}}",
        description=(
            "A file as in the package, at most 256 KiB at once: text, or base64 of other bytes."
            " nextOffset is the offset of the next part."
        ),
        takes_latest=True,
        arguments=PART_OF_FILE,
    ),
    Tool(
        name="read_picture",
        title="Read the icon or a screenshot of a version",
        operation=f"GET {VERSION}/assets/{{asset_id}}",
        description="base64 of at most 256 KiB at once; nextOffset is that of the next part.",
        takes_latest=True,
        arguments=PART_OF_FILE,
    ),
    Tool(
        name="compare_versions",
        title="Compare two versions",
        operation=f"GET {AGENT}/changes/{{old}}...{{new}}",
        description=(
            "What a newer version does, asks for or needs differently (capabilities), and its"
            " files line by line."
        ),
    ),
    Tool(
        name="compare_agents",
        title="Compare agents",
        operation=f"GET {VERSION}/facts",
        description="The same facts of two to four agents, side by side.",
        arguments={
            "agents": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 2,
                "maxItems": 4,
                "description": "The ids of two to four agents.",
                "isRequired": True,
            }
        },
        run=compare_agents,
    ),
    Tool(
        name="get_install_instructions",
        title="Read how to install an agent",
        operation=f"GET {VERSION}/facts",
        description=(
            "The commands that install an agent into OpenClaw, and the secrets that it asks for."
            " Show the label and the secrets to the operator before you run them."
        ),
        arguments={
            "agent": {"type": "string", "isRequired": True},
            "version": {"type": "string", "description": "The latest one if absent."},
        },
        run=get_install_instructions,
    ),
    Tool(
        name="list_updates",
        title="Find updates of installed agents",
        operation="POST /updates",
    ),
    Tool(
        name="list_changes",
        title="List what has happened to agents",
        operation="GET /changes",
        description=(
            "Public events of all agents and versions, oldest first. Ask again with since = the"
            " last next."
        ),
    ),
    Tool(
        name="list_downloads",
        title="Count downloads of an agent",
        operation=f"GET {AGENT}/downloads",
    ),
    Tool(name="list_reviews", title="List reviews of an agent", operation=f"GET {AGENT}/reviews"),
    Tool(name="get_user", title="Read a public profile", operation="GET /users/{login}"),
    Tool(
        name="get_capabilities",
        title="Read what this shop offers",
        operation="GET /capabilities",
        has_foreign_text=False,
    ),
    Tool(
        name="sign_in",
        title="Sign the user in",
        description=(
            "Use it when a task needs the user's account. A client that knows OAuth leads the user"
            " to a page of this shop, where they choose what it may do."
        ),
        operation="GET /whoami",
        has_foreign_text=False,
        run=sign_in,
        is_sign_in=True,
    ),
    Tool(
        name="whoami",
        title="Read what your key may do",
        operation="GET /whoami",
        has_foreign_text=False,
    ),
)
