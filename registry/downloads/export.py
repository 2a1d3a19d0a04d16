"""Exported tables of downloads."""

import re

from foundation.export import Row, Table
from registry.downloads.hyperloglog import REGISTERS
from registry.models import DownloadDay, NetworkSketch

SKETCH = re.compile(rf"[0-h]{{{REGISTERS}}}")


def _check_sketch(row: Row) -> str:
    return "" if SKETCH.fullmatch(row["registers"]) else "registers is not a sketch"


# Counts per day, without persons; an import without them starts counting at zero.
DOWNLOAD_DAYS = Table(name="download_days", model=DownloadDay, order=["version_id", "day"])
# Only in backups: events that this server recorded.
NETWORK_SKETCHES = Table(
    name="network_sketches",
    model=NetworkSketch,
    order=["agent_id", "day"],
    private=True,
    problem=_check_sketch,
)
