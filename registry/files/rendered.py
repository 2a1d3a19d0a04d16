"""The list of a version's files: rendered once after the publish (ADR 32)."""

import logging
from functools import cache
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from foundation.batches import walk_by_key
from foundation.bulk import is_bulk_load
from foundation.web.template_digest import digest_templates
from registry.agents.derived_data import get_analysis
from registry.agents.stored_pages import read_parts, save_parts
from registry.files.queries import build_tree, list_files
from registry.models import Agent, StoredPage, Version, VersionFile, VersionWithholding
from registry.package.rule_set import RULE_SET

log = logging.getLogger("clawstore.parts")

PAGE, PART = "files", "list"
TEMPLATE = "registry/parts/file_list.html"
FILES_PER_PAGE = 500
VERSIONS_PER_RUN = 500


def paginate_files(version: Version) -> "Paginator[VersionFile]":
    """The files of a version in pages. Raises `VersionWithheld`."""
    return Paginator(list_files(version), FILES_PER_PAGE)


def get_file_list(
    agent: Agent, version: Version, page: "Page[VersionFile]", language: str
) -> SafeString:
    """The HTML of a page of files, which is not empty: stored, or else rendered now.

    Only the first page is stored: few packages have another.
    """
    is_stored = page.number == 1
    parts = read_parts(version.pk, PAGE, _renderer(), language) if is_stored else {}
    if PART in parts:
        return mark_safe("".join(parts[PART]))
    return render_file_list(agent, version, page)


def render_file_list(agent: Agent, version: Version, page: "Page[VersionFile]") -> SafeString:
    analysis = get_analysis(version)
    files: Any = page.object_list
    context = {
        "agent": agent,
        "version": version,
        "count": page.paginator.count,
        "rows": build_tree(files, analysis),
        "analysis": analysis,
    }
    return render_to_string(TEMPLATE, context)


def store_file_list(version: Version) -> bool:
    """Render and store the first page of files; returns whether it is stored.

    The version must not be withheld. A failure is logged and changes nothing: the page then renders
    the list for each reader. A bulk load leaves the list to `store_missing_file_lists`.
    """
    if is_bulk_load():
        return False
    try:
        page = paginate_files(version).page(1)
        if not page.paginator.count:
            return False
        with override(settings.LANGUAGE_CODE):
            html = render_file_list(version.agent, version, page)
        save_parts(version, PAGE, _renderer(), {PART: [html]})
    except Exception:
        log.exception("The list of files of version %s was not stored.", version.pk)
        return False
    return True


def store_missing_file_lists(limit: int = VERSIONS_PER_RUN) -> int:
    """Store missing lists of latest versions, delete old ones; returns their number."""
    delete_former_file_lists()
    return sum(store_file_list(version) for version in _versions_without_list()[:limit])


def store_all_missing_file_lists() -> int:
    """Store all missing lists, looking at each agent once; returns their number."""
    delete_former_file_lists()
    return sum(
        store_file_list(version)
        for agent_ids in walk_by_key(Agent.objects.listed())
        for version in _versions_without_list().filter(agent__in=agent_ids)
    )


def delete_former_file_lists() -> None:
    StoredPage.objects.filter(page=PAGE).exclude(rule_set=_renderer()).delete()


def _versions_without_list() -> QuerySet[Version]:
    of_version = {"version": OuterRef("pk")}
    pages = StoredPage.objects.filter(**of_version, page=PAGE, language=settings.LANGUAGE_CODE)
    files = VersionFile.objects.filter(**of_version, rule_set=str(RULE_SET))
    withholdings = VersionWithholding.objects.in_force().filter(**of_version)
    latest = Version.objects.filter(agent__latest_version=F("pk"), agent__is_listed=True)
    missing_versions = latest.filter(~Exists(pages), ~Exists(withholdings), Exists(files))
    return missing_versions.select_related("agent")


@cache
def _renderer() -> str:
    return digest_templates([TEMPLATE])
