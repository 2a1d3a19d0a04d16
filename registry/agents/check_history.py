"""Package check warnings of an agent's versions, compared with each other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from registry.agents.detail import ledger_of
from registry.models import Agent, Version, VersionFile, VersionFinding


@dataclass(frozen=True, slots=True)
class VersionWarnings:
    """Warnings of a version by rule, most frequent first.

    ``counts`` is None if the version is withheld or its bytes were never read. ``change`` compares
    the total with the next older version, if both are known.
    """

    version: Version
    counts: dict[str, int] | None
    change: int | None = None

    @property
    def total(self) -> int:
        return sum((self.counts or {}).values())

    @property
    def fewer(self) -> int:
        """The decrease compared with the next older version."""
        return -(self.change or 0)

    @property
    def is_withheld(self) -> bool:
        return bool(self.version.held)  # type: ignore[attr-defined]


def versions_with_bytes(agent: Agent) -> QuerySet[Version]:
    """All versions, newest first, with ``is_read``: whether their bytes were read."""
    files = VersionFile.objects.filter(version=OuterRef("pk"))
    return ledger_of(agent).annotate(is_read=Exists(files))


def warnings_of(versions: Iterable[Version], limit: int) -> list[VersionWarnings]:
    """Warnings of at most ``limit`` rows of `versions_with_bytes`, in one query.

    Pass one version more than ``limit``, so that the last one is compared, too.
    """
    rows = list(versions)
    counts = _counts_by_version([version.pk for version in rows])
    warnings = [VersionWarnings(version, _counts_of(version, counts)) for version in rows]
    compared = [replace(new, change=_change(new, old)) for new, old in pairwise(warnings)]
    return (compared + warnings[-1:])[:limit]


def _counts_of(version: Version, counts: dict[UUID, dict[str, int]]) -> dict[str, int] | None:
    if version.held or not version.is_read:  # type: ignore[attr-defined]
        return None
    return counts.get(version.pk, {})


def _change(new: VersionWarnings, old: VersionWarnings) -> int | None:
    is_known = new.counts is not None and old.counts is not None
    return new.total - old.total if is_known else None


def _counts_by_version(version_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """Warnings by version and rule of the newest rule set, most frequent first."""
    findings = VersionFinding.objects.filter(version__in=version_ids).order_by()
    grouped = findings.values_list("version_id", "rule_set", "code").annotate(n=Count("id"))
    by_version: dict[UUID, list[tuple[str, str, int]]] = {}
    for version_id, *row in grouped:
        by_version.setdefault(version_id, []).append(tuple(row))
    return {version_id: _of_newest_rules(rows) for version_id, rows in by_version.items()}


def _of_newest_rules(rows: list[tuple[str, str, int]]) -> dict[str, int]:
    newest = max(rule_set for rule_set, _, _ in rows)
    counts = [(code, n) for rule_set, code, n in rows if rule_set == newest]
    return dict(sorted(counts, key=lambda row: (-row[1], row[0])))
