"""Tools for types of content, items, versions, assets and scheduled changes."""

from clawstore.mcp.tool import Tool
from clawstore.mcp.tools.publishing import FILE, PART_OF_FILE
from clawstore.mcp.uploads import upload_file

DOMAIN = "/domains/{domain}"
TYPE = DOMAIN + "/content-types/{slug}"
ITEM = DOMAIN + "/content-items/{item_id}"
READ, WRITE, ADMIN = "content:read", "content:write", "content:admin"
TYPE_TOOLS = (
    Tool(
        name="list_content_types",
        title="List content types of a domain",
        operation=f"GET {DOMAIN}/content-types",
    ),
    Tool(
        name="get_content_type",
        title="Read a content type with its schema",
        operation=f"GET {TYPE}",
        slug="contentType",
    ),
    Tool(
        name="create_content_type",
        title="Create a content type",
        operation=f"POST {DOMAIN}/content-types",
        scope=ADMIN,
    ),
    Tool(
        name="change_content_type",
        title="Change a content type",
        operation=f"PATCH {TYPE}",
        slug="contentType",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="delete_content_type",
        title="Delete a content type",
        operation=f"DELETE {TYPE}",
        slug="contentType",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="check_schema",
        title="Check what a new schema would break",
        operation=f"POST {TYPE}/check-schema",
        slug="contentType",
        scope=ADMIN,
    ),
    Tool(
        name="get_artifact",
        title="Read a schema as code",
        operation=f"GET {TYPE}/artifacts/{{kind}}",
        slug="contentType",
    ),
)
ITEM_TOOLS = (
    Tool(
        name="list_items",
        title="List items of a content type",
        operation=f"GET {TYPE}/items",
        slug="contentType",
        arguments={
            "filter": {
                "type": "object",
                "description": 'Values by field, such as {"price": {"gte": 5}}.',
            }
        },
    ),
    Tool(name="get_item", title="Read a content item", operation=f"GET {ITEM}"),
    Tool(
        name="create_content_item",
        title="Create a content item",
        operation=f"POST {TYPE}/items",
        slug="contentType",
        scope=WRITE,
        description="Create a draft. It must fit the schema of its content type.",
    ),
    Tool(
        name="replace_content_item",
        title="Replace the data of an item",
        operation=f"PUT {ITEM}",
        scope=WRITE,
        is_destructive=True,
        is_idempotent=True,
        has_version=True,
    ),
    Tool(
        name="update_content_item",
        title="Change parts of the data of an item",
        operation=f"PATCH {ITEM}",
        scope=WRITE,
        description="data is a merge patch (RFC 7396): null removes a field.",
        is_destructive=True,
        has_version=True,
    ),
    Tool(
        name="delete_content_item",
        title="Delete an item",
        operation=f"DELETE {ITEM}",
        scope=WRITE,
        is_destructive=True,
        has_version=True,
    ),
    Tool(
        name="restore_content_item",
        title="Undo the deletion of an item",
        operation=f"POST {ITEM}/restore",
        scope=ADMIN,
    ),
    Tool(
        name="write_content_items",
        title="Write many items at once",
        operation=f"POST {TYPE}/items/batch",
        slug="contentType",
        scope=WRITE,
        is_destructive=True,
    ),
    Tool(
        name="publish_content_item",
        title="Publish the working copy of an item",
        operation=f"POST {ITEM}/publish",
        scope=WRITE,
        description="Refused where a workflow governs the type: submit the item for review.",
    ),
    Tool(
        name="unpublish_content_item",
        title="Take an item from readers",
        operation=f"POST {ITEM}/unpublish",
        scope=WRITE,
        is_destructive=True,
    ),
    Tool(
        name="archive_content_item",
        title="Put an item away",
        operation=f"POST {ITEM}/archive",
        scope=WRITE,
        is_destructive=True,
        has_version=True,
    ),
    Tool(
        name="list_item_versions",
        title="List versions of an item",
        operation=f"GET {ITEM}/versions",
        scope=READ,
    ),
    Tool(
        name="get_item_version",
        title="Read a version of an item",
        operation=f"GET {ITEM}/versions/{{int:version}}",
        scope=READ,
    ),
    Tool(
        name="compare_item_versions",
        title="Compare two versions of an item",
        operation=f"GET {ITEM}/versions/{{int:old}}...{{int:new}}",
        scope=READ,
    ),
    Tool(
        name="roll_back_content_item",
        title="Make a draft of a former version",
        operation=f"POST {ITEM}/rollback",
        scope=WRITE,
        has_version=True,
    ),
    Tool(
        name="list_item_uses",
        title="List where an item is used",
        operation=f"GET {ITEM}/used-by",
        scope=READ,
    ),
    Tool(
        name="create_preview",
        title="Create a preview link",
        operation=f"POST {ITEM}/preview-token",
        scope=WRITE,
        has_foreign_text=False,
    ),
    Tool(
        name="read_preview",
        title="Read the draft behind a preview link",
        operation="GET /preview/{token}",
        description="token is the last part of the address of a preview link.",
    ),
    Tool(
        name="revoke_previews",
        title="Revoke all preview links of an item",
        operation=f"POST {ITEM}/preview-token/revoke",
        scope=WRITE,
        is_destructive=True,
        is_idempotent=True,
    ),
)
OTHER_TOOLS = (
    Tool(
        name="list_globals", title="List singletons of a domain", operation=f"GET {DOMAIN}/globals"
    ),
    Tool(
        name="get_global",
        title="Read a singleton",
        operation=f"GET {DOMAIN}/globals/{{slug}}",
        slug="contentType",
    ),
    Tool(
        name="write_global",
        title="Write a singleton",
        operation=f"PUT {DOMAIN}/globals/{{slug}}",
        slug="contentType",
        scope=WRITE,
        is_destructive=True,
        has_version=True,
    ),
    Tool(
        name="list_assets",
        title="List assets of a domain",
        operation=f"GET {DOMAIN}/assets",
        scope=READ,
    ),
    Tool(
        name="get_asset", title="Read about an asset", operation=f"GET {DOMAIN}/assets/{{asset_id}}"
    ),
    Tool(
        name="read_asset",
        title="Read the bytes of an asset",
        operation=f"GET {DOMAIN}/assets/{{asset_id}}/content",
        description=(
            "The bytes of an asset, at most 256 KiB at once: text, or base64 of other bytes."
            " nextOffset is the offset of the next part."
        ),
        arguments=PART_OF_FILE,
    ),
    Tool(
        name="upload_asset",
        title="Upload an asset",
        operation=f"POST {DOMAIN}/assets",
        scope=WRITE,
        description=(
            "Store an image, a PDF or a text for content items. Images are drawn again. Larger"
            " files than 3 MB go through the API."
        ),
        arguments={
            "domain": {"type": "string", "isRequired": True},
            "file": FILE | {"isRequired": True},
            "access": {"type": "string", "enum": ["public", "signed"], "default": "public"},
        },
        run=upload_file,
    ),
    Tool(
        name="create_asset_link",
        title="Create a link to an asset for a time",
        operation=f"POST {DOMAIN}/assets/{{asset_id}}/signed-url",
        scope=READ,
        has_foreign_text=False,
    ),
    Tool(
        name="delete_asset",
        title="Delete an asset",
        operation=f"DELETE {DOMAIN}/assets/{{asset_id}}",
        scope=WRITE,
        is_destructive=True,
    ),
    Tool(
        name="list_asset_uses",
        title="List where an asset is used",
        operation=f"GET {DOMAIN}/assets/{{asset_id}}/used-by",
        scope=READ,
    ),
    Tool(
        name="schedule_content_item",
        title="Schedule a change of an item",
        operation=f"POST {ITEM}/schedule",
        scope=WRITE,
        is_destructive=True,
    ),
    Tool(
        name="list_jobs",
        title="List jobs of a domain",
        operation=f"GET {DOMAIN}/jobs",
        scope=READ,
    ),
    Tool(
        name="get_job",
        title="Read a job",
        operation=f"GET {DOMAIN}/jobs/{{job_id}}",
        scope=READ,
    ),
    Tool(
        name="cancel_job",
        title="Cancel a job",
        operation=f"POST {DOMAIN}/jobs/{{job_id}}/cancel",
        scope=WRITE,
        is_destructive=True,
    ),
    Tool(
        name="retry_job",
        title="Retry a job that failed",
        operation=f"POST {DOMAIN}/jobs/{{job_id}}/retry",
        scope=WRITE,
    ),
)
TOOLS = TYPE_TOOLS + ITEM_TOOLS + OTHER_TOOLS
