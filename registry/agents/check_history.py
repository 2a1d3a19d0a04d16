"""What the package check said of an agent's versions, one beside the other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from registry.agents.detail import ledger_of
from registry.models import Agent, Version, VersionFile, VersionFinding


@dataclass(frozen=True, slots=True)
class VersionWarnings:
    """``counts`` are warnings by rule, the most first. None where nothing may be said of the
    version (it is withheld) or nothing is known (its bytes were never read). ``change`` is against
    the version below it in the list, where both are known."""

    version: Version
    counts: dict[str, int] | None
    change: int | None = None

    @property
    def total(self) -> int:
        return sum((self.counts or {}).values())

    @property
    def fewer(self) -> int:
        """By how many there are fewer than in the version before."""
        return -(self.change or 0)

    @property
    def is_withheld(self) -> bool:
        return bool(self.version.held)  # type: ignore[attr-defined]


def versions_with_bytes(agent: Agent) -> QuerySet[Version]:
    """The agent's ledger, newest first, each with ``is_read``: whether its bytes were ever here."""
    files = VersionFile.objects.filter(version=OuterRef("pk"))
    return ledger_of(agent).annotate(is_read=Exists(files))


def warnings_of(versions: Iterable[Version], most: int) -> list[VersionWarnings]:
    """Of the first so many of `versions_with_bytes`, in their order; one more than ``most`` lets
    the last of them be compared too. One query."""
    kept = list(versions)
    counted = _counted([version.pk for version in kept])
    found = [VersionWarnings(version, _known(version, counted)) for version in kept]
    compared = [replace(one, change=_change(one, before)) for one, before in pairwise(found)]
    return (compared + found[-1:])[:most]


def _known(version: Version, counted: dict[UUID, dict[str, int]]) -> dict[str, int] | None:
    if version.held or not version.is_read:  # type: ignore[attr-defined]
        return None
    return counted.get(version.pk, {})


def _change(one: VersionWarnings, before: VersionWarnings) -> int | None:
    is_known = one.counts is not None and before.counts is not None
    return one.total - before.total if is_known else None


def _counted(version_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """By version and rule, the most first; of several rule sets the newest."""
    rows = VersionFinding.objects.filter(version__in=version_ids).order_by()
    grouped = rows.values_list("version_id", "rule_set", "code").annotate(n=Count("id"))
    by_version: dict[UUID, list[tuple[str, str, int]]] = {}
    for version_id, *row in grouped:
        by_version.setdefault(version_id, []).append(tuple(row))
    return {version_id: _of_newest_rules(found) for version_id, found in by_version.items()}


def _of_newest_rules(rows: list[tuple[str, str, int]]) -> dict[str, int]:
    newest = max(rule_set for rule_set, _, _ in rows)
    counts = [(code, n) for rule_set, code, n in rows if rule_set == newest]
    return dict(sorted(counts, key=lambda row: (-row[1], row[0])))
