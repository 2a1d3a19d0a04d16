"""Tools for forms, offers and purchases."""

from clawstore.mcp.tool import Tool
from clawstore.mcp.tools.publishing import FILE
from clawstore.mcp.uploads import upload_file

DOMAIN = "/domains/{domain}"
FORM = DOMAIN + "/forms/{slug}"
SUBMISSION = DOMAIN + "/form-submissions/{submission_id}"
READ, WRITE, ADMIN, SELL = "content:read", "content:write", "content:admin", "payments:write"
FORM_TOOLS = (
    Tool(
        name="get_form_contract",
        title="Read the fields of a form",
        operation=f"GET {FORM}/contract",
        slug="form",
    ),
    Tool(
        name="submit_form",
        title="Submit a form",
        operation=f"POST {FORM}/submissions",
        slug="form",
        needs_key=True,
    ),
    Tool(
        name="upload_form_file",
        title="Upload a file for a form",
        operation=f"POST {FORM}/uploads",
        slug="form",
        needs_key=True,
        description=(
            'Store a file for a day. Send the form with {"uploadId": …} of the answer as the value'
            " of the field. Larger files than 3 MB go through the API."
        ),
        arguments={
            "domain": {"type": "string", "isRequired": True},
            "form": {"type": "string", "isRequired": True},
            "field": {"type": "string", "isRequired": True, "description": "The field's name."},
            "file": FILE | {"isRequired": True},
        },
        run=upload_file,
    ),
    Tool(
        name="list_forms",
        title="List forms of a domain",
        operation=f"GET {DOMAIN}/forms",
        scope=READ,
    ),
    Tool(name="get_form", title="Read a form", operation=f"GET {FORM}", slug="form", scope=READ),
    Tool(
        name="create_form",
        title="Define a form",
        operation=f"POST {DOMAIN}/forms",
        scope=ADMIN,
    ),
    Tool(
        name="change_form",
        title="Change a form",
        operation=f"PATCH {FORM}",
        slug="form",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="delete_form",
        title="Delete a form",
        operation=f"DELETE {FORM}",
        slug="form",
        scope=ADMIN,
        is_destructive=True,
    ),
    Tool(
        name="list_submissions",
        title="List submissions of a form",
        operation=f"GET {FORM}/submissions",
        slug="form",
        scope=READ,
    ),
    Tool(
        name="get_submission",
        title="Read a submission",
        operation=f"GET {SUBMISSION}",
        scope=READ,
    ),
    Tool(
        name="answer_submission",
        title="Answer a submission",
        operation=f"POST {SUBMISSION}/answers",
        scope=WRITE,
    ),
    Tool(
        name="take_in_submission",
        title="Take in a submission",
        operation=f"POST {SUBMISSION}/take-in",
        scope=WRITE,
    ),
)
PAYMENT_TOOLS = (
    Tool(
        name="purchase_offer",
        title="Buy what is offered",
        operation=f"POST {DOMAIN}/offers/{{offer_id}}/purchase",
        needs_key=True,
        reaches_outside=True,
        description=(
            "Ask for an invoice. The answer is payment_required with the invoice in its details;"
            " confirm the payment with confirm_payment."
        ),
    ),
    Tool(
        name="confirm_payment",
        title="Confirm a payment by its preimage",
        operation="POST /payments/{payment_hash}/confirm",
        needs_key=True,
        is_idempotent=True,
    ),
    Tool(
        name="get_payment",
        title="Read a payment",
        operation="GET /payments/{payment_hash}",
        needs_key=True,
    ),
    Tool(
        name="list_entitlements",
        title="List what you have bought",
        operation="GET /entitlements",
        needs_key=True,
    ),
    Tool(
        name="get_entitlement",
        title="Read one of your rights",
        operation="GET /entitlements/{entitlement_id}",
        needs_key=True,
    ),
    Tool(
        name="list_sales",
        title="List rights that a domain has sold",
        operation=f"GET {DOMAIN}/entitlements",
        scope=SELL,
    ),
    Tool(
        name="refund_entitlement",
        title="Refund a sale",
        operation=f"POST {DOMAIN}/entitlements/{{entitlement_id}}/refund",
        scope=SELL,
        is_destructive=True,
    ),
    Tool(
        name="list_licence_policies",
        title="List licence policies",
        operation=f"GET {DOMAIN}/licence-policies",
        scope=SELL,
    ),
    Tool(
        name="get_licence_policy",
        title="Read a licence policy",
        operation=f"GET {DOMAIN}/licence-policies/{{policy_id}}",
        scope=SELL,
    ),
    Tool(
        name="create_licence_policy",
        title="Create a licence policy",
        operation=f"POST {DOMAIN}/licence-policies",
        scope=SELL,
    ),
    Tool(
        name="change_licence_policy",
        title="Add a version to a licence policy",
        operation=f"PATCH {DOMAIN}/licence-policies/{{policy_id}}",
        scope=SELL,
    ),
    Tool(
        name="list_offers",
        title="List offers of a domain",
        operation=f"GET {DOMAIN}/offers",
        scope=SELL,
    ),
    Tool(
        name="get_offer",
        title="Read an offer",
        operation=f"GET {DOMAIN}/offers/{{offer_id}}",
        scope=SELL,
    ),
    Tool(
        name="create_offer",
        title="Offer a subject for sale",
        operation=f"POST {DOMAIN}/offers",
        scope=SELL,
    ),
    Tool(
        name="change_offer",
        title="Change or stop an offer",
        operation=f"PATCH {DOMAIN}/offers/{{offer_id}}",
        scope=SELL,
        is_destructive=True,
    ),
    Tool(
        name="stop_offer",
        title="Stop an offer",
        operation=f"DELETE {DOMAIN}/offers/{{offer_id}}",
        scope=SELL,
        is_destructive=True,
        is_idempotent=True,
    ),
)
TOOLS = FORM_TOOLS + PAYMENT_TOOLS
