"""Tools for workflows, reviews of content, comments, feedback and the policy."""

from clawstore.mcp.tool import Tool

DOMAIN = "/domains/{domain}"
ITEM = DOMAIN + "/content-items/{item_id}"
TASK = DOMAIN + "/review-tasks/{task_id}"
WORKFLOW = DOMAIN + "/workflows/{workflow_id}"
READ, WRITE, REVIEW, ADMIN = "content:read", "content:write", "content:review", "content:admin"
REVIEW_TOOLS = (
    Tool(
        name="submit_for_review",
        title="Submit an item for review",
        operation=f"POST {ITEM}/submit",
        scope=WRITE,
    ),
    Tool(
        name="list_review_tasks",
        title="List review tasks",
        operation=f"GET {DOMAIN}/review-tasks",
        scope=READ,
    ),
    Tool(
        name="get_review_task",
        title="Read a review task with its changes",
        operation=f"GET {TASK}",
        scope=READ,
    ),
    Tool(
        name="claim_review_task",
        title="Claim a review task",
        operation=f"POST {TASK}/claim",
        scope=REVIEW,
        is_idempotent=True,
    ),
    Tool(
        name="release_review_task",
        title="Release a review task",
        operation=f"POST {TASK}/release",
        scope=REVIEW,
        is_idempotent=True,
    ),
    Tool(
        name="decide_review_task",
        title="Approve or reject a review task",
        operation=f"POST {TASK}/decide",
        scope=REVIEW,
        description=(
            "Approve or reject what was submitted; a rejection needs a reason. Nobody decides about"
            " their own work."
        ),
        is_destructive=True,
    ),
    Tool(
        name="list_comments",
        title="List comments on an item",
        operation=f"GET {ITEM}/comments",
        scope=READ,
    ),
    Tool(
        name="add_comment",
        title="Comment on an item",
        operation=f"POST {ITEM}/comments",
        scope=WRITE,
    ),
    Tool(
        name="resolve_comment",
        title="Resolve a comment",
        operation=f"POST {ITEM}/comments/{{comment_id}}/resolve",
        scope=WRITE,
        is_idempotent=True,
    ),
    Tool(
        name="reopen_comment",
        title="Reopen a comment",
        operation=f"POST {ITEM}/comments/{{comment_id}}/reopen",
        scope=WRITE,
        is_idempotent=True,
    ),
)
WORKFLOW_TOOLS = (
    Tool(
        name="list_workflows",
        title="List workflows of a domain",
        operation=f"GET {DOMAIN}/workflows",
        scope=READ,
    ),
    Tool(
        name="get_workflow",
        title="Read a workflow",
        operation=f"GET {WORKFLOW}",
        scope=READ,
    ),
    Tool(
        name="create_workflow",
        title="Create a workflow",
        operation=f"POST {DOMAIN}/workflows",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="change_workflow",
        title="Change a workflow",
        operation=f"PATCH {WORKFLOW}",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="delete_workflow",
        title="Delete a workflow",
        operation=f"DELETE {WORKFLOW}",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="list_transitions",
        title="List transitions of a workflow",
        operation=f"GET {WORKFLOW}/transitions",
        scope=READ,
    ),
    Tool(
        name="add_transition",
        title="Add a transition to a workflow",
        operation=f"POST {WORKFLOW}/transitions",
        scope=ADMIN,
    ),
    Tool(
        name="delete_transition",
        title="Delete a transition of a workflow",
        operation=f"DELETE {WORKFLOW}/transitions/{{transition_id}}",
        scope=ADMIN,
        is_destructive=True,
    ),
)
FEEDBACK_TOOLS = (
    Tool(
        name="record_feedback",
        title="Record feedback on an item",
        operation=f"POST {ITEM}/external-feedback",
        scope=WRITE,
    ),
    Tool(
        name="record_feedback_on_agent",
        title="Record feedback on an agent",
        operation=f"POST {DOMAIN}/external-feedback",
        scope=WRITE,
    ),
    Tool(
        name="list_item_feedback",
        title="List feedback on an item",
        operation=f"GET {ITEM}/external-feedback",
        scope=READ,
    ),
    Tool(
        name="list_feedback",
        title="List feedback of a domain",
        operation=f"GET {DOMAIN}/external-feedback",
        scope=READ,
    ),
    Tool(
        name="get_feedback",
        title="Read feedback",
        operation=f"GET {DOMAIN}/external-feedback/{{event_id}}",
        scope=READ,
    ),
    Tool(
        name="list_feedback_tokens",
        title="List feedback links",
        operation=f"GET {DOMAIN}/external-feedback-tokens",
        scope=READ,
    ),
    Tool(
        name="issue_feedback_token",
        title="Make a feedback link for an item",
        operation=f"POST {ITEM}/external-feedback-token",
        scope=WRITE,
    ),
    Tool(
        name="issue_feedback_token_of_agent",
        title="Make a feedback link for an agent",
        operation=f"POST {DOMAIN}/external-feedback-token",
        scope=WRITE,
    ),
    Tool(
        name="revoke_feedback_token",
        title="Revoke a feedback link",
        operation=f"DELETE {DOMAIN}/external-feedback-tokens/{{token_id}}",
        scope=WRITE,
        is_destructive=True,
        is_idempotent=True,
    ),
)
POLICY_TOOLS = (
    Tool(
        name="evaluate_policy",
        title="Ask what the policy would decide",
        operation=f"POST {DOMAIN}/policy/evaluate",
        scope=READ,
        description="Whether you may do an operation, and what to do if not. Nothing is changed.",
        has_foreign_text=False,
    ),
    Tool(
        name="list_policy_decisions",
        title="List decisions of the policy",
        operation=f"GET {DOMAIN}/policy/decisions",
        scope="audit:read",
    ),
    Tool(
        name="list_audit_events",
        title="Read the audit log of a domain",
        operation=f"GET {DOMAIN}/audit-logs",
        scope="audit:read",
    ),
    Tool(
        name="list_members",
        title="List members of a domain",
        operation=f"GET {DOMAIN}/members",
        scope=READ,
    ),
)
TOOLS = REVIEW_TOOLS + WORKFLOW_TOOLS + FEEDBACK_TOOLS + POLICY_TOOLS
