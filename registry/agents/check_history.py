"""Warnings of the package check, version by version."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from registry.agents.queries import version_history
from registry.models import Agent, Version, VersionFile, VersionFinding


@dataclass(frozen=True, slots=True)
class VersionWarnings:
    """The number of warnings of a version by code, most frequent first.

    ``counts`` is None if the version is withheld or its bytes were never read. ``change`` is the
    difference to the version before, or None if one of the two is unknown.
    """

    version: Version
    counts: dict[str, int] | None
    change: int | None = None

    @property
    def total(self) -> int:
        return sum((self.counts or {}).values())

    @property
    def decrease(self) -> int:
        return -(self.change or 0)

    @property
    def is_withheld(self) -> bool:
        return bool(self.version.active_withholdings)  # type: ignore[attr-defined]


def versions_with_bytes(agent: Agent) -> QuerySet[Version]:
    """Returns the version history with ``is_read``: whether the bytes were ever read."""
    files = VersionFile.objects.filter(version=OuterRef("pk"))
    return version_history(agent).annotate(is_read=Exists(files))


def list_warnings(versions: Iterable[Version], limit: int) -> list[VersionWarnings]:
    """The warnings of the first versions of `versions_with_bytes`, in one query.

    Pass one version more than ``limit``, for the change of the last one.
    """
    version_list = list(versions)
    counts = _count_warnings([version.pk for version in version_list])
    warnings = []
    for version in version_list:
        # The findings of a withheld version quote what it contains.
        is_known = version.is_read and not version.active_withholdings  # type: ignore[attr-defined]
        warnings.append(VersionWarnings(version, counts.get(version.pk, {}) if is_known else None))
    compared_versions = [
        replace(newer, change=_total_change(newer, older)) for newer, older in pairwise(warnings)
    ]
    return (compared_versions + warnings[-1:])[:limit]


def _total_change(newer: VersionWarnings, older: VersionWarnings) -> int | None:
    """How many more warnings the newer version has; None if either number is unknown."""
    is_known = newer.counts is not None and older.counts is not None
    return newer.total - older.total if is_known else None


def _count_warnings(version_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """Returns the counts of the newest rule set, by version and code, highest first."""
    rows = VersionFinding.objects.filter(version__in=version_ids).order_by()
    groups = rows.values_list("version_id", "rule_set", "code").annotate(n=Count("id"))
    rows_by_version: dict[UUID, list[tuple[str, str, int]]] = {}
    for version_id, *row in groups:
        rows_by_version.setdefault(version_id, []).append(tuple(row))
    counts = {}
    for version_id, version_rows in rows_by_version.items():
        newest = max(rule_set for rule_set, _, _ in version_rows)
        codes = [(code, count) for rule_set, code, count in version_rows if rule_set == newest]
        counts[version_id] = dict(sorted(codes, key=lambda item: (-item[1], item[0])))
    return counts
