"""The exported tables of mirrors, in backups: a restored shop goes on."""

from foundation.export import Table
from registry.models import Mirror, MirroredAgent, MirrorProblem

MIRRORS = Table(
    name="mirrors",
    model=Mirror,
    order=["source"],
    private=True,
    omitted_columns=frozenset({"lease_token", "lease_ends_at"}),
)
MIRRORED_AGENTS = Table(
    name="mirrored_agents",
    model=MirroredAgent,
    order=["mirror_id", "full_id"],
    private=True,
    omitted_columns=frozenset({"id"}),
)
MIRROR_PROBLEMS = Table(
    name="mirror_problems",
    model=MirrorProblem,
    order=["mirror_id", "full_id", "version"],
    private=True,
    omitted_columns=frozenset({"id"}),
)
