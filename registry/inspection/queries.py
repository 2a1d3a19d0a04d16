"""A version as a maintainer reads it to judge it.

Pages of the shop refuse a withheld version. At the desk its label, its files and its diff are
shown, because an appeal cannot be judged without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from foundation.actor import Actor
from foundation.own_matters import own_matter_of
from foundation.refusals import Refusal
from registry.agents.derived_data import find_facts, list_findings
from registry.agents.queries import get_withholding
from registry.analysis.model import Analysis
from registry.diffs.actions import get_or_make_diff
from registry.diffs.queries import VersionPair, find_html, load_history
from registry.diffs.rendered import render_diff, renderer_version
from registry.errors import FileNotInPackage, NothingToCompare, VersionNotFound
from registry.examiner.rendered_file import FILE_RENDERER_VERSION
from registry.models import (
    Agent,
    FileView,
    Version,
    VersionFile,
    VersionFinding,
    VersionWithholding,
)
from registry.rules.permissions import require_moderator

# A limit, because a hostile author decides how many files there are.
MAX_FILES = 500
MAX_FINDINGS = 100
MAX_DIFF_CHARACTERS = 400_000
"""Longer diffs are a link on the page of a report, and not a part of it."""


@dataclass(frozen=True, slots=True)
class InspectedPackage:
    """A version as the desk shows it.

    ``refusal`` says why the reader may not read a withheld version; then the rest is empty.
    """

    version: Version
    withholding: VersionWithholding | None
    refusal: str
    analysis: Analysis | None
    files: list[VersionFile]
    findings: list[VersionFinding]

    @property
    def base(self) -> str:
        """The address of the files at the desk, without a last slash; "" without files."""
        return files_url(self.version) if self.files else ""

    @property
    def is_read_withheld(self) -> bool:
        """Whether the reader is shown what others are refused."""
        return self.withholding is not None and not self.refusal


def files_url(version: Version) -> str:
    return reverse("admin:registry_version_files", args=[version.pk])


def find_version_by_id(version_id: UUID) -> Version:
    """A version with its agent and ``is_withheld``. Raises VersionNotFound."""
    versions = Version.objects.marked_withheld().select_related("agent")
    version = versions.defer("manifest").filter(pk=version_id).first()
    if version is None:
        raise VersionNotFound
    return version


def require_inspector(version: Version, by: Actor) -> None:
    """Refuse all but maintainers; for a withheld version also parties to the matter.

    Raises Unauthenticated, NotMaintainer, InsufficientScope or OwnMatter.
    """
    require_moderator(by, about=version.agent.full_id)
    refusal = _refusal(version, by)
    if refusal is not None:
        raise refusal


def _refusal(version: Version, by: Actor) -> Refusal | None:
    # What the shop shows to all visitors is open to a party to the matter, too.
    return own_matter_of(version.agent, by) if version.is_withheld else None


def get_package(version: Version, *, by: Actor) -> InspectedPackage:
    """The part of a version that a maintainer may read; it has its agent."""
    refusal = _refusal(version, by)
    withholding = get_withholding(version) if version.is_withheld else None
    if refusal is not None:
        return InspectedPackage(version, withholding, str(refusal.message), None, [], [])
    return InspectedPackage(
        version,
        withholding,
        "",
        find_facts([version.pk]).get(version.pk),
        list_package_files(version),
        list_findings(version)[:MAX_FINDINGS],
    )


def list_package_files(version: Version) -> list[VersionFile]:
    """The files of a version by path, as the newest rules read them."""
    rows = VersionFile.objects.filter(version=version).order_by("-rule_set", "path")
    files = list(rows[:MAX_FILES])
    return [file for file in files if file.rule_set == files[0].rule_set]


def find_package_file(version: Version, path: str) -> VersionFile:
    """Return a file of a version by its path. Raises FileNotInPackage."""
    file = (
        VersionFile.objects.filter(version=version, path=path).order_by("-rule_set", "pk").first()
    )
    if file is None:
        raise FileNotInPackage
    return file


def find_views(hashes: list[str]) -> Mapping[str, FileView]:
    """The stored texts of files by hash, without their HTML. One query."""
    views = FileView.objects.filter(sha256__in=hashes, rule_set=FILE_RENDERER_VERSION)
    return {view.sha256: view for view in views.defer("source_html", "prose_html")}


# --- The diff ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InspectedDiff:
    """The diff to the version that this one would replace.

    Without ``html``, ``problem`` says why. ``other_numbers`` are the versions to compare with.
    """

    pair: VersionPair | None
    html: SafeString
    problem: str
    other_numbers: list[str]

    @property
    def is_long(self) -> bool:
        return len(self.html) > MAX_DIFF_CHARACTERS


def get_inspected_diff(version: Version, old: str = "") -> InspectedDiff:
    """The diff of a version to ``old``, or to the available version before it.

    The caller has checked the reader: a withheld version is compared like any other.
    """
    agent: Agent = version.agent
    history = load_history(agent)
    readable = {version.version, old}
    history = replace(history, withheld_numbers=history.withheld_numbers - readable)
    other_numbers = [number for number in history.rows if number != version.version]
    try:
        number = version.version
        pair = history.pair(old, number) if old else history.upgrade_to(number)
        return InspectedDiff(pair, _diff_html(pair), "", other_numbers)
    except NothingToCompare:
        return InspectedDiff(None, SafeString(), "", other_numbers)
    except Refusal as refusal:
        return InspectedDiff(None, SafeString(), str(refusal.message), other_numbers)


def _diff_html(pair: VersionPair) -> SafeString:
    language = get_language()
    # New HTML is not stored: that of a withheld version lacks its release notes.
    html = find_html(pair, renderer_version(), language) or render_diff(
        pair, get_or_make_diff(pair), language
    )
    for version in (pair.old, pair.new):
        html = html.replace(_public_files(pair.agent, version), f'href="{files_url(version)}/')
    return mark_safe(html)  # Rendered by our templates, which escape what authors wrote.


def _public_files(agent: Agent, version: Version) -> str:
    address = reverse("version_files", args=[agent.scope, agent.name, version.version])
    return f'href="{address}/'
