"""The exported table of the change feed."""

from foundation.export import Table
from registry.models import FeedEntry

# Only in backups, which contain the audit log it refers to. Mirrors can then continue with their
# cursors on the restored server.
CHANGES = Table(
    name="changes",
    model=FeedEntry,
    order=["position"],
    private=True,
)
