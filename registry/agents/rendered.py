"""Parts of an agent's page that are rendered after a publish and stored.

They depend on the version alone: not on the request, the time, or numbers that change. The row
names the digest of what made it, so a changed template needs no step to replace stored parts: the
page renders them, slower, until a job has stored them again (ADR 32).
"""

import logging
from functools import cache
from hashlib import blake2b

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import override

from foundation.batches import walk_by_key
from foundation.bulk import is_bulk_load
from foundation.web.parts import fill_part, render_part
from foundation.web.template_digest import digest_templates
from registry.agents.detail import (
    AgentVersionDetail,
    get_version_detail,
)
from registry.agents.rendered_rows import row_renderer, store_rows
from registry.agents.stored_pages import Parts, read_parts, save_parts
from registry.models import Agent, AgentQuerySet, StoredPage, StoredRow, Version
from registry.package.checks import secret_forms

log = logging.getLogger("clawstore.parts")

PAGE = "agent"
VERSIONS_PER_RUN = 500
TEMPLATES = {
    "actions": "registry/parts/actions.html",
    "icon": "registry/parts/version_icon.html",
    "install": "registry/parts/install_steps.html",
    "label": "components/label.html",
    "links": "registry/parts/author_links.html",
    "overview": "registry/parts/overview.html",
}
"""The template of each part; all of them need ``detail``."""

TEMPLATES_OF_LATEST = {
    "categories": "registry/parts/categories.html",
    "head": "registry/parts/latest_head.html",
}
"""Parts that show columns of the agent; they are those of its latest version."""


def fill_version_part(name: str, detail: AgentVersionDetail, parts: Parts) -> SafeString:
    """The HTML of a part: stored, or else rendered now."""
    is_valid = name in TEMPLATES or detail.is_latest
    segments = (parts.get(name) if is_valid else None) or _render(name, detail)
    return fill_part(segments, {"detail": detail})


def _render(name: str, detail: AgentVersionDetail) -> list[str]:
    template = TEMPLATES.get(name) or TEMPLATES_OF_LATEST[name]
    # The digest of the renderer has these settings.
    instance = {"base_url": settings.BASE_URL, "instance_name": settings.INSTANCE_NAME}
    return render_part(template, {"detail": detail, **instance})


def find_parts(detail: AgentVersionDetail, language: str) -> Parts:
    """The stored parts of a version by name; empty where there are none.

    Those of a withheld version and of a delisted agent stay stored, but are not for readers.
    Readers without a right to a version with a price get other ones, which are not stored.
    """
    if detail.withholding or detail.agent.is_delisted or detail.is_gated:
        return {}
    return read_parts(detail.version.pk, PAGE, renderer_version(), language)


def has_parts(version: Version) -> bool:
    """Whether the parts of a version are stored as today's templates make them."""
    return bool(read_parts(version.pk, PAGE, renderer_version(), settings.LANGUAGE_CODE))


def store_parts(version: Version) -> bool:
    """Render and store the parts of a version and the row of its agent.

    Returns whether the parts are stored. A failure is logged and changes nothing: pages then render
    them for each reader. A bulk load stores none: it leaves them to `store_missing_parts`.
    """
    if is_bulk_load():
        return False
    try:
        detail = get_version_detail(version.agent, version.version)
        # The pages of a delisted agent are for its owner, and have other links.
        if detail.withholding or version.agent.is_delisted:
            return False
        save_parts(version, PAGE, renderer_version(), render_parts(detail))
        store_rows([version.agent_id])
    # Whatever fails, the publish is done: a page without stored parts is only slower.
    except Exception:
        log.exception("The parts of version %s were not stored.", version.pk)
        return False
    return True


def store_missing_parts(limit: int = VERSIONS_PER_RUN) -> int:
    """Store missing parts and rows of latest versions, and delete old ones.

    Returns their number. Older versions are rarely read, and get theirs after the publish.
    """
    delete_former_parts()
    versions = list(_versions_without_parts()[:limit])
    count = sum(store_parts(version) for version in versions)
    return count + store_missing_rows(limit)


def store_missing_rows(limit: int) -> int:
    """Store missing rows of listed agents; returns their number."""
    return store_rows(list(_agents_without_row().values_list("pk", flat=True)[:limit]))


def store_all_missing_parts() -> int:
    """Store all missing parts, looking at each agent once; returns their number."""
    delete_former_parts()
    count = 0
    for agent_ids in walk_by_key(Agent.objects.listed()):
        versions = list(_versions_without_parts().filter(agent__in=agent_ids))
        count += sum(store_parts(version) for version in versions)
        agents = _agents_without_row().filter(pk__in=agent_ids)
        count += store_rows(list(agents.values_list("pk", flat=True)))
    return count


def delete_former_parts() -> None:
    """Delete parts and rows that no page uses any more."""
    StoredPage.objects.filter(page=PAGE).exclude(rule_set=renderer_version()).delete()
    StoredRow.objects.exclude(rule_set=row_renderer()).delete()


def _versions_without_parts() -> QuerySet[Version]:
    pages = StoredPage.objects.filter(
        version=OuterRef("pk"), page=PAGE, language=settings.LANGUAGE_CODE
    )
    latest = Version.objects.filter(agent__latest_version=F("pk"), agent__is_listed=True)
    return latest.filter(~Exists(pages)).select_related("agent")


def _agents_without_row() -> AgentQuerySet:
    rows = StoredRow.objects.filter(agent=OuterRef("pk"), language=settings.LANGUAGE_CODE)
    agents: AgentQuerySet = Agent.objects.filter(~Exists(rows), is_listed=True)
    return agents


def render_parts(detail: AgentVersionDetail) -> dict[str, list[str]]:
    """All parts of a version in the language of the instance."""
    names = [*TEMPLATES, *(TEMPLATES_OF_LATEST if detail.is_latest else ())]
    with override(settings.LANGUAGE_CODE):
        return {name: _render(name, detail) for name in names}


@cache
def renderer_version() -> str:
    """Digest of all that makes the HTML; the label names rules, too."""
    templates = (*TEMPLATES.values(), *TEMPLATES_OF_LATEST.values())
    shown_settings = (settings.BASE_URL, settings.INSTANCE_NAME, settings.SIGN_IN_TO_READ)
    digest = digest_templates(templates, (secret_forms,))
    return blake2b(repr((digest, shown_settings)).encode(), digest_size=12).hexdigest()
