"""Where a version was published from: a verified run of a CI system, or by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from pydantic import BaseModel

from foundation.oidc.issuers import Issuer, IssuerKind, find_issuer
from registry.models import VersionProvenance


@dataclass(frozen=True)
class Provenance:
    """Where a version was published from, with the addresses of its source.

    Addresses are empty if the shop does not trust the issuer any more.
    """

    row: VersionProvenance

    @cached_property
    def issuer(self) -> Issuer | None:
        return find_issuer(self.row.issuer)

    @property
    def label(self) -> str:
        """The name of the CI system."""
        return self.issuer.label if self.issuer else self.row.issuer

    @property
    def short_commit(self) -> str:
        return self.row.commit[:10]

    @property
    def repository_url(self) -> str:
        return f"{self.issuer.website}/{self.row.repository}" if self.issuer else ""

    @property
    def commit_url(self) -> str:
        return self._below_repository("commit", self.row.commit)

    @property
    def run_url(self) -> str:
        folder = "jobs" if self._is_gitlab else "actions/runs"
        return self._below_repository(folder, self.row.run_id)

    @property
    def _is_gitlab(self) -> bool:
        return self.issuer is not None and self.issuer.kind == IssuerKind.GITLAB

    def _below_repository(self, folder: str, name: str) -> str:
        infix = "/-" if self._is_gitlab else ""
        return f"{self.repository_url}{infix}/{folder}/{name}" if self.issuer else ""


def get_provenance(version_ids: Collection[UUID]) -> dict[UUID, Provenance]:
    """Return the provenance of those versions that have one, in one query."""
    rows = VersionProvenance.objects.filter(version__in=version_ids)
    return {row.pk: Provenance(row) for row in rows}


class ProvenanceChange(StrEnum):
    """How the way to publish differs between two versions."""

    LOST = "lost"
    GAINED = "gained"
    MOVED = "moved"

    @property
    def is_warning(self) -> bool:
        """Whether the newer version is harder to trace than the older one."""
        return self != ProvenanceChange.GAINED


def compare_provenance(old: Provenance | None, new: Provenance | None) -> ProvenanceChange | None:
    """Return how the source of two versions differs, or None if it does not."""
    if old is None or new is None:
        if old is None and new is None:
            return None
        return ProvenanceChange.LOST if new is None else ProvenanceChange.GAINED
    is_same = _source(old) == _source(new)
    return None if is_same else ProvenanceChange.MOVED


def _source(provenance: Provenance) -> tuple[str, str, str]:
    row = provenance.row
    return row.issuer, row.repository.lower(), row.workflow


def describe_provenance_change(old: Provenance | None, new: Provenance | None) -> str:
    """Return a sentence about the difference of two sources; empty if there is none."""
    change = compare_provenance(old, new)
    if change == ProvenanceChange.LOST and old:
        return gettext(
            "The older version was published from {repository} by {system}, the newer one by hand."
        ).format(repository=old.row.repository, system=old.label)
    if change == ProvenanceChange.GAINED and new:
        return gettext(
            "The older version was published by hand, the newer one from {repository} by {system}."
        ).format(repository=new.row.repository, system=new.label)
    if change == ProvenanceChange.MOVED and old and new:
        return gettext("The source differs: {old}, then {new}.").format(
            old=f"{old.row.repository} ({old.row.workflow})",
            new=f"{new.row.repository} ({new.row.workflow})",
        )
    return ""


class ProvenanceOut(BaseModel):
    """The run of a CI system that published a version, from its verified token."""

    issuer: str
    repository: str
    workflow: str
    environment: str | None
    ref: str
    commit: str
    runId: str
    repositoryUrl: str | None
    commitUrl: str | None
    runUrl: str | None


def provenance_out(provenance: Provenance | None) -> dict[str, Any] | None:
    """Return a provenance as the API prints it."""
    if provenance is None:
        return None
    row = provenance.row
    return {
        "issuer": row.issuer,
        "repository": row.repository,
        "workflow": row.workflow,
        "environment": row.environment or None,
        "ref": row.ref,
        "commit": row.commit,
        "runId": row.run_id,
        "repositoryUrl": provenance.repository_url or None,
        "commitUrl": provenance.commit_url or None,
        "runUrl": provenance.run_url or None,
    }
