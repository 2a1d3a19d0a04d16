"""Reads what was computed from the bytes of versions: facts, findings and prose."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery, UUIDField

from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from registry.analysis.manifest_facts import read_declared_facts
from registry.analysis.model import ANALYZER_VERSION, Analysis
from registry.examiner.records import FILE_DOCUMENT, RELEASE_NOTES
from registry.models import (
    Agent,
    Version,
    VersionAnalysis,
    VersionFinding,
    VersionRendering,
    VersionWithholding,
)


def get_analysis(version: Version) -> Analysis:
    return get_analyses([version])[0]


def get_analyses(versions: Sequence[Version]) -> list[Analysis]:
    """Returns the analysis of each version, in one query.

    If the bytes of a version were never read, as after an import without files, it has only the
    facts of the manifest.
    """
    facts = find_facts([version.pk for version in versions])
    return [
        facts[version.pk] if version.pk in facts else read_declared_facts(version.manifest)
        for version in versions
    ]


def find_facts(version_ids: Collection[UUID]) -> dict[UUID, Analysis]:
    """Returns the newest stored analysis by version, in one query.

    After an upgrade, until `recompute` has run, this is the analysis of an older rule set: less
    exact, but not wrong.
    """
    if not version_ids:
        return {}
    rows = _facts_of_versions_query(len(version_ids)).tuples(versions=list(version_ids))
    return {version_id: Analysis.model_validate(facts) for version_id, facts in rows}


@lru_cache(maxsize=32)
def _facts_of_versions_query(count: int) -> CompiledQuery:
    of_version = VersionAnalysis.objects.filter(version=OuterRef("version"))
    newest = Subquery(of_version.order_by("-id").values("id")[:1])
    # Former analyses are left out in the database: to parse one takes longer than to find it.
    rows = VersionAnalysis.objects.filter(
        version__pk__in=list_parameter("versions", UUIDField(), count), id=newest
    )
    return CompiledQuery(rows.values("version_id", "facts"))


def list_findings(version: Version) -> list[VersionFinding]:
    """Returns the findings of the newest rule set, in their order."""
    findings = list(version.versionfindings.order_by("ordering", "id"))
    newest = max((finding.rule_set for finding in findings), default="")
    return [finding for finding in findings if finding.rule_set == newest]


def get_renderings(version: Version) -> dict[str, VersionRendering]:
    """Returns the prose by document name, of the newest rule set.

    That of files is left out: their pages read it.
    """
    rows = version.versionrenderings.exclude(document__startswith=FILE_DOCUMENT)
    # Later rows overwrite earlier ones in the dictionary.
    return {row.document: row for row in rows.order_by("id")}


def get_release_notes(version_ids: Iterable[UUID]) -> dict[UUID, VersionRendering]:
    """Returns the release notes by version, in one query.

    None of withheld versions, and none of agents with a price: they are a text of the package.
    """
    withholdings = VersionWithholding.objects.in_force().filter(version=OuterRef("version"))
    notes = VersionRendering.objects.filter(
        ~Exists(withholdings),
        version_id__in=list(version_ids),
        document=RELEASE_NOTES,
        version__agent__has_offers=False,
    )
    return {row.version_id: row for row in notes.order_by("id")}


@dataclass(frozen=True, slots=True)
class PromptSize:
    """Tokens of a version that are always in the prompt.

    ``change`` is the difference to the version before it, or None for the first one.
    """

    version: str
    tokens: int
    change: int | None


def list_prompt_sizes(agent: Agent, limit: int = 12) -> list[PromptSize]:
    """The prompt sizes of the newest analysed versions that are not withheld."""
    # Facts can be megabytes, so only those of the shown versions are read, and of one more for the
    # change of the last one.
    newest = [pk for (pk,) in _newest_analyses_query(limit + 1).tuples(agent=agent.pk)]
    sizes = _prompt_sizes_query(len(newest)).tuples(analyses=newest) if newest else []
    return [
        PromptSize(number, tokens, None if older is None else tokens - older[1])
        for (number, tokens), older in zip_longest(sizes, sizes[1:])
    ][:limit]


@lru_cache(maxsize=4)
def _newest_analyses_query(limit: int) -> CompiledQuery:
    withholdings = VersionWithholding.objects.in_force().filter(version=OuterRef("version"))
    analyses = VersionAnalysis.objects.filter(
        ~Exists(withholdings),
        version__agent__pk=Parameter("agent", UUIDField()),
        rule_set=ANALYZER_VERSION,
    )
    return CompiledQuery(_newest_first(analyses).values("pk")[:limit])


@lru_cache(maxsize=16)
def _prompt_sizes_query(count: int) -> CompiledQuery:
    analyses = VersionAnalysis.objects.filter(
        pk__in=list_parameter("analyses", BigIntegerField(), count), facts__fileCount__gt=0
    )
    columns = ("version__version", "facts__prompt__alwaysTokens")
    return CompiledQuery(_newest_first(analyses).values(*columns))


def _newest_first(analyses: "QuerySet[VersionAnalysis]") -> "QuerySet[VersionAnalysis]":
    return analyses.order_by("-version__uploaded_at", "version_id")
