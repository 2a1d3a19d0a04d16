"""Limits of request bodies with content."""

from foundation.limits.declarations import KIB, MIB, BodyLimit

# An item has at most 1 MiB of data; escapes can make its JSON twice as long.
ITEM_BYTES = 2 * MIB
SCHEMA_BYTES = 512 * KIB
_DOMAIN = "v1/domains/<domain>"
BODIES = (
    BodyLimit(f"{_DOMAIN}/content-types", SCHEMA_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>", SCHEMA_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>/check-schema", SCHEMA_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>/items", ITEM_BYTES),
    BodyLimit(f"{_DOMAIN}/content-types/<slug>/items/batch", 8 * MIB),
    BodyLimit(f"{_DOMAIN}/content-items/<item_id>", ITEM_BYTES),
    BodyLimit(f"{_DOMAIN}/globals/<slug>", ITEM_BYTES),
)
