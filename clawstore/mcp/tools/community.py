"""Tools that yank, review, report and follow."""

from clawstore.mcp.tool import Tool

AGENT = "/agents/{scope}/{name}"
VERSION = AGENT + "/versions/{version}"
REVIEW = AGENT + "/reviews/{review_id}"
TOOLS = (
    Tool(
        name="yank_version",
        title="Yank a version",
        operation=f"POST {VERSION}/yank",
        scope="agents:yank",
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        name="unyank_version",
        title="Make a yanked version available again",
        operation=f"POST {VERSION}/unyank",
        scope="reports:moderate",
        is_idempotent=True,
    ),
    Tool(
        name="get_agent_statistics",
        title="Read the statistics of your agent",
        operation=f"GET {AGENT}/numbers",
        needs_key=True,
    ),
    Tool(
        name="post_review",
        title="Review an agent",
        operation=f"POST {AGENT}/reviews",
        scope="reviews:write",
    ),
    Tool(
        name="edit_review",
        title="Edit your review",
        operation=f"PUT {REVIEW}",
        scope="reviews:write",
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        name="delete_review",
        title="Delete your review",
        operation=f"DELETE {REVIEW}",
        scope="reviews:write",
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        name="reply_to_review",
        title="Reply to a review of your agent",
        operation=f"PUT {REVIEW}/reply",
        scope="reviews:write",
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        name="delete_reply",
        title="Delete your reply to a review",
        operation=f"DELETE {REVIEW}/reply",
        scope="reviews:write",
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        name="report_agent",
        title="Report an agent, a version or a review",
        operation="POST /reports",
        scope="reports:write",
        agent_field="agentId",
        arguments={"agent": {"type": "string", "description": "Its id, in place of agentId."}},
    ),
    Tool(
        name="list_reports",
        title="List reports",
        operation="GET /reports",
        scope="reports:moderate",
    ),
    Tool(
        name="resolve_report",
        title="Close a report",
        operation="POST /reports/{report_id}/resolve",
        scope="reports:moderate",
        is_destructive=True,
    ),
    Tool(
        name="list_follows",
        title="List what you follow",
        operation="GET /following",
        scope="following:write",
    ),
    Tool(
        name="get_follow",
        title="Read one thing that you follow",
        operation="GET /following/{kind}/{path:target}",
        scope="following:write",
    ),
    Tool(
        name="follow",
        title="Follow an agent, a person, a collection or a search",
        operation="PUT /following/{kind}/{path:target}",
        scope="following:write",
        is_idempotent=True,
    ),
    Tool(
        name="unfollow",
        title="Follow something no longer",
        operation="DELETE /following/{kind}/{path:target}",
        scope="following:write",
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        name="edit_profile",
        title="Edit your public profile",
        operation="PUT /users/{login}/profile",
        scope="profile:write",
        is_destructive=True,
        is_idempotent=True,
    ),
)
