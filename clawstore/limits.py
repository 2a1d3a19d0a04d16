"""Limits of request bodies of the routes that are not in an app."""

from clawstore.intake.files import BODY_BYTES
from foundation.limits.declarations import FORM_BYTES, MIB, BodyLimit, Limit
from wordclaw.content.limits import ASSET_BODY_BYTES

# An item has up to 1 MiB of data, and a form writes a letter with up to nine characters.
_STUDIO = "studio/<studio:name>"
STUDIO_BODIES = tuple(
    BodyLimit(f"{_STUDIO}/{page}", 4 * MIB)
    for page in (
        *("types/<slug:slug>/new", "items/<uuid:item_id>", "markdown"),
        *("new-type", "types/<slug:slug>/fields"),
    )
)

# Their errors have the form of RFC 8628, which the views make.
ASSET_BODIES = tuple(
    BodyLimit(f"{_STUDIO}/{page}", ASSET_BODY_BYTES) for page in ("assets", "assets/upload")
)
DEVICE_BODIES = tuple(
    BodyLimit(f"^(?:v1/{{1,2}})?api/auth/device/{name}$", FORM_BYTES, refused_by_view=True)
    for name in ("code", "token")
)
# A form without files refuses more than the usual in its view.
FORM_BODIES = tuple(
    BodyLimit(route, BODY_BYTES)
    for route in ("forms/<slug:slug>", "forms/@<str:scope>/<slug:slug>")
)
# Messages of MCP. The operations that they call count as over HTTP, too.
LIMITS = (
    Limit("mcp", 600, 60, "address"),
    # A client registers once for each of its users, who may share an address.
    Limit("oauth_register", 30, 3600, "address", exact=True),
    Limit("oauth_token", 120, 60, "address"),
)
# The largest operation by it, with escapes.
MCP_BODIES = (BodyLimit("mcp", 4 * MIB),)
# Their errors have the form of RFC 6749, which the views make.
OAUTH_BODIES = tuple(
    BodyLimit(f"oauth/{name}", FORM_BYTES, refused_by_view=True)
    for name in ("register", "token", "revoke")
)
BODIES = OAUTH_BODIES + FORM_BODIES + DEVICE_BODIES + STUDIO_BODIES + ASSET_BODIES + MCP_BODIES
