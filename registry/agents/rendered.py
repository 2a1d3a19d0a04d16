"""Parts of an agent's page that are rendered at publish and stored.

They depend on the version alone: not on the request, the time, or numbers that change. The row
names the digest of what made it, so a changed template needs no step to replace stored parts: the
page renders them, slower, until a job has stored them again (ADR 32).
"""

import logging
import zlib
from collections.abc import Mapping
from functools import cache, lru_cache

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, UUIDField
from django.utils.safestring import SafeString
from django.utils.translation import override

from foundation.bulk import is_bulk_load
from foundation.compiled_query import CompiledQuery, Parameter
from foundation.web.parts import Segments, fill_part, render_part
from foundation.web.template_digest import digest_templates
from registry.agents.detail import (
    AgentVersionDetail,
    VersionContents,
    detail_of_new_version,
    get_version_detail,
)
from registry.agents.rendered_rows import row_renderer, store_rows
from registry.models import Agent, StoredPage, StoredRow, Version
from registry.package.checks import secret_forms

log = logging.getLogger("clawstore.parts")

PAGE = "agent"
VERSIONS_PER_RUN = 500
TEMPLATES = {
    "actions": "registry/parts/actions.html",
    "install": "registry/parts/install_steps.html",
    "label": "components/label.html",
    "links": "registry/parts/author_links.html",
    "overview": "registry/parts/overview.html",
}
"""The template of each part; all of them need ``detail``."""

Parts = Mapping[str, Segments]


def fill_version_part(name: str, detail: AgentVersionDetail, parts: Parts) -> SafeString:
    """The HTML of a part: stored, or else rendered now."""
    context = {"detail": detail}
    segments = parts.get(name) or render_part(TEMPLATES[name], context)
    return fill_part(segments, context)


def find_parts(detail: AgentVersionDetail, language: str) -> Parts:
    """The stored parts of a version by name; empty where there are none.

    Those of a withheld version and of a delisted agent stay stored, but are not for readers.
    """
    if detail.withholding or detail.agent.is_delisted:
        return {}
    rows = _parts_query(renderer_version()).tuples(version=detail.version.pk, language=language)
    return orjson.loads(zlib.decompress(rows[0][0])) if rows else {}


@lru_cache(maxsize=2)
def _parts_query(renderer: str) -> CompiledQuery:
    parts = StoredPage.objects.filter(
        version__pk=Parameter("version", UUIDField()),
        language=Parameter("language", CharField()),
        page=PAGE,
        rule_set=renderer,
    )
    return CompiledQuery(parts.values("content"))


def store_parts(version: Version, contents: VersionContents | None = None) -> bool:
    """Render and store the parts of a version and the row of its agent.

    A publish has the ``contents`` already; otherwise they are read. Returns whether the parts are
    stored. A failure is logged and changes nothing: pages then render them for each reader. A bulk
    load stores none: it leaves them to `store_missing_parts`.
    """
    if is_bulk_load():
        return False
    try:
        if contents is not None:
            detail = detail_of_new_version(version, contents)
        else:
            detail = get_version_detail(version.agent, version.version)
        # The pages of a delisted agent are for its owner, and have other links.
        if detail.withholding or version.agent.is_delisted:
            return False
        _save(version, render_parts(detail))
        store_rows([version.agent_id])
    except Exception:
        log.exception("The parts of version %s were not stored.", version.pk)
        return False
    return True


def delete_parts(version: Version) -> None:
    """Delete the parts of a version, because what they show was computed again."""
    StoredPage.objects.filter(version=version).delete()


def store_missing_parts(limit: int = VERSIONS_PER_RUN) -> int:
    """Store missing parts and rows of latest versions, and delete old ones.

    Returns their number. Older versions are rarely read, and get theirs at the publish.
    """
    StoredPage.objects.exclude(rule_set=renderer_version()).delete()
    StoredRow.objects.exclude(rule_set=row_renderer()).delete()
    pages = StoredPage.objects.filter(version=OuterRef("pk"), language=settings.LANGUAGE_CODE)
    latest = Version.objects.filter(agent__latest_version=F("pk"), agent__is_listed=True)
    versions = list(latest.filter(~Exists(pages)).select_related("agent")[:limit])
    count = sum(store_parts(version) for version in versions)
    rows = StoredRow.objects.filter(agent=OuterRef("pk"), language=settings.LANGUAGE_CODE)
    agents = Agent.objects.filter(~Exists(rows), is_listed=True)
    agent_ids = list(agents.values_list("pk", flat=True)[:limit])
    return count + store_rows(agent_ids)


def render_parts(detail: AgentVersionDetail) -> dict[str, list[str]]:
    """All parts of a version in the language of the instance."""
    with override(settings.LANGUAGE_CODE):
        return {
            name: render_part(template, {"detail": detail}) for name, template in TEMPLATES.items()
        }


@transaction.atomic
def _save(version: Version, parts: dict[str, list[str]]) -> None:
    of_page = StoredPage.objects.filter(version=version, page=PAGE)
    of_page.filter(language=settings.LANGUAGE_CODE).delete()
    StoredPage.objects.create(
        version=version,
        rule_set=renderer_version(),
        page=PAGE,
        language=settings.LANGUAGE_CODE,
        content=zlib.compress(orjson.dumps(parts)),
    )


@cache
def renderer_version() -> str:
    """Digest of all that makes the HTML; the label names rules, too."""
    return digest_templates(TEMPLATES.values(), (secret_forms,))
