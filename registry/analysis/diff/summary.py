"""A version diff as it is stored: its summary, and its hunks apart."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from registry.analysis.diff.capabilities import CapabilityChange
from registry.analysis.diff.files import FilesDiff
from registry.analysis.model import Fact


class DiffSummary(Fact):
    """A version diff without its hunks.

    ``is_manifest_only``: the bytes of one version were never read, so only the manifests could be
    compared.
    """

    capabilities: tuple[CapabilityChange, ...] = ()
    files: FilesDiff
    is_manifest_only: bool = Field(default=False, alias="isOfManifestsAlone")

    @property
    def asks_for_more(self) -> list[CapabilityChange]:
        return [change for change in self.capabilities if change.grows]

    @property
    def other_changes(self) -> list[CapabilityChange]:
        return [change for change in self.capabilities if not change.grows]


@dataclass(frozen=True, slots=True)
class StoredDiff:
    """``hunks`` are those of the summary's files, in the same order, as JSON values.

    They are stored apart, because most readers of a diff need only its summary.
    """

    summary: DiffSummary
    hunks: list[list[dict[str, Any]]]
