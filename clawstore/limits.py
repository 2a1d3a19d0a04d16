"""Limits of request bodies of the routes that are not in an app."""

from foundation.limits.declarations import FORM_BYTES, BodyLimit

# Their errors have the form of RFC 8628, which the views make.
BODIES = tuple(
    BodyLimit(f"^(?:v1/{{1,2}})?api/auth/device/{name}$", FORM_BYTES, refused_by_view=True)
    for name in ("code", "token")
)
