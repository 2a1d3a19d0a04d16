"""Limits of request bodies with content."""

from foundation.limits.declarations import KIB, MIB, BodyLimit, Budget, Limit
from wordclaw.content.assets.sizes import MAX_BYTES
from wordclaw.content.space import CONTENT_BYTES
from wordclaw.content.work import CONTENT_WORK

# An item has at most 1 MiB of data; escapes can make its JSON twice as long.
ITEM_BYTES = 2 * MIB
SCHEMA_BYTES = 512 * KIB
LIMITS = (
    # KiB of versions: each change of an item stores its whole data, and nothing deletes them.
    Limit(CONTENT_BYTES, 512 * 1024, 3600, "user"),
    # Milliseconds of processor time: twice what the most writes take whose data is usual.
    Limit(CONTENT_WORK, 60_000, 600, "user"),
)
BUDGETS = (Budget(CONTENT_WORK, 0.25, 20),)
# A file, and the other parts of the form.
ASSET_BODY_BYTES = MAX_BYTES + 64 * KIB
_DOMAIN = "v1/domains/<domain>"
BODIES = (
    BodyLimit(f"{_DOMAIN}/content-types", SCHEMA_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>", SCHEMA_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>/check-schema", SCHEMA_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>/items", ITEM_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>/items/batch", 8 * MIB),
    BodyLimit(f"{_DOMAIN}/content-items/<item_id>", ITEM_BYTES),
    BodyLimit(f"{_DOMAIN}/globals/<slug>", ITEM_BYTES),
    BodyLimit(f"{_DOMAIN}/assets", ASSET_BODY_BYTES, refused_by_view=True),
)
