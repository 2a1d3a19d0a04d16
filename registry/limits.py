"""Limits of publishing, of comparing versions, and of the bodies of both."""

from foundation.limits.declarations import KIB, MIB, BodyLimit, Budget, Limit

EXAMINE = "examine"
CHECK = "check"
EXAMINE_UNITS = 10
"""Units of the limit `examine` in a second of processor time."""
HEAVY_USE = 5 * EXAMINE_UNITS
"""From here on, an account is checked only while nobody else is, so that others need not wait."""
LIMITS = (
    Limit("publish", 20, 3600, "user", exact=True),
    # Runs of CI share the addresses of their system's machines.
    Limit("exchange", 60, 60, "address"),
    # A package of 100 MiB takes one to two seconds.
    Limit(EXAMINE, 30 * EXAMINE_UNITS, 600, "user"),
    # Diffs that are computed for the request; stored ones count as any read.
    Limit("compare", 20, 60, "address"),
    # Checks of packages that are not published, also without an account.
    Limit(CHECK, 10, 60, "address"),
    # Each may mail all followers of an agent.
    Limit("lifecycle", 60, 86_400, "user", exact=True),
    # Offers of agents, each of which emails a stranger.
    Limit("transfer", 20, 86_400, "user", exact=True),
)
BUDGETS = (
    # At most twice this share in any twenty seconds, since as much may have been saved.
    Budget("compare", 0.025, 20),
    # Without an account nothing else limits who checks packages.
    Budget(CHECK, 0.05, 20),
)
# A package that is too large is still read to its end up to here, so that its sender gets an
# answer instead of a broken connection.
UPLOAD_BYTES = 400 * MIB
MAX_FOLDER_FILES = 2_000
"""Files of a folder that a browser may send one by one; a zip may have more."""
BODIES = (
    BodyLimit("v1/agents/publish", UPLOAD_BYTES, refused_by_view=True),
    BodyLimit("v1/packages/check", 10 * MIB),
    BodyLimit("publish", UPLOAD_BYTES, refused_by_view=True),
    # A description of 100,000 bytes, as a form encodes it.
    BodyLimit("publish/drafts/<uuid:draft_id>/manifest", 512 * KIB),
    # 200 installs with all that the client sends of each.
    BodyLimit("v1/updates", 256 * KIB),
)
