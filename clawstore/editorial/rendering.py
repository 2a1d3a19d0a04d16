"""HTML of the markdown in published versions: made once, and stored.

The text is rendered in the sandbox (ADR 22). Where that fails, the page shows the text as it was
written, and an hourly job tries again.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from clawstore.editorial.agent_texts import agents_of, update_listings
from clawstore.editorial.frame import store_frame
from clawstore.editorial.kinds import KINDS, LISTINGS, Texts, kind_of, read_texts
from clawstore.editorial.models import ContentPage, RenderedContent
from clawstore.editorial.prices import visible_data_of
from foundation.refusals import Refusal
from foundation.sandbox.errors import TaskFailed
from foundation.text.markdown import RENDERER_VERSION
from registry.sandbox.readers import render_site_texts
from wordclaw.content.items.actions import lock_type
from wordclaw.content.models import ContentItemVersion

log = logging.getLogger("clawstore.editorial")

RENDERER = f"{RENDERER_VERSION}.1"
"""Increase the last number when links of the same source would lead elsewhere."""
# A run must end before the next hour; what remains is done then.
VERSIONS_PER_RUN = 500


@dataclass(frozen=True, slots=True)
class ContentHtml:
    """The HTML of a version by language; plain text unless ``is_final``."""

    by_language: Texts
    is_final: bool = True

    def in_language(self, language: str) -> SafeString:
        return mark_safe(self.by_language.get(language, ""))


def render_after_commit(version_id: UUID) -> None:
    """Render a version after the commit, so that no lock waits for it."""
    # Robust: the change is stored, and an error of the renderer must not look like its failure.
    transaction.on_commit(partial(store_rendering, version_id), robust=True)


def store_rendering(version_id: UUID) -> bool:
    """Render a version and store its HTML; False if that failed.

    Also False if the text got or lost a price meanwhile.
    """
    version = _with_type(version_id)
    # Outside of the transaction below, because the sandbox may take seconds and SQLite has one
    # writer.
    bodies = bodies_of(version)
    html = _render(bodies)
    if html is None:
        return False
    kind = kind_of(version.item.content_type)
    with transaction.atomic():
        # The start of an offer takes the same lock, so that no HTML for all is stored after it.
        lock_type(version.item.content_type_id)
        if bodies_of(_with_type(version_id)) != bodies:
            return False
        RenderedContent.objects.update_or_create(
            version=version, defaults={"renderer": RENDERER, "html": html}
        )
        if kind is not None and kind.is_on_every_page:
            # Until now, pages show it as plain text.
            store_frame()
        if kind is not None and kind.slug == LISTINGS:
            # The descriptions of an agent are the HTML of its listings, which is there only now.
            update_listings(list(agents_of(page_of(version))))
    return True


def page_of(version: ContentItemVersion) -> ContentPage | None:
    """Return the page that shows a version; None for one that readers no longer get."""
    page: ContentPage | None = ContentPage.objects.filter(version=version).first()
    return page


def _with_type(version_id: UUID) -> ContentItemVersion:
    versions = ContentItemVersion.objects.select_related("item__content_type__domain")
    version: ContentItemVersion = versions.get(pk=version_id)
    return version


def bodies_of(version: ContentItemVersion) -> Texts:
    """Return the markdown of a version by language, without what has a price."""
    kind = kind_of(version.item.content_type)
    return read_texts(visible_data_of(version, kind).get(kind.body)) if kind else {}


def html_for_buyer(version_id: UUID) -> ContentHtml:
    """Return the HTML of the whole text, made for one reader and stored nowhere."""
    version = _with_type(version_id)
    kind = kind_of(version.item.content_type)
    return _html_now(read_texts(version.data.get(kind.body)) if kind else {})


def _render(bodies: Texts) -> Texts | None:
    if not bodies:
        return {}
    try:
        html = render_site_texts(list(bodies.values()))
    except (Refusal, TaskFailed) as error:
        log.warning("A text was not rendered: %s", error)
        return None
    return dict(zip(bodies, html, strict=True))


def html_of(version: ContentItemVersion) -> ContentHtml:
    """Return the stored HTML of a version; rendered now if there is none."""
    return html_of_all([version.pk])[version.pk]


def html_of_all(version_ids: Sequence[UUID]) -> dict[UUID, ContentHtml]:
    """Return the HTML of each version, in one query if it is stored."""
    rows = RenderedContent.objects.filter(version__in=version_ids, renderer=RENDERER)
    html = {row.version_id: ContentHtml(row.html) for row in rows}
    for version_id in version_ids:
        if version_id not in html:
            html[version_id] = _html_now(bodies_of(_with_type(version_id)))
    return html


def _html_now(bodies: Texts) -> ContentHtml:
    html = _render(bodies)
    if html is not None:
        return ContentHtml(html)
    plain = {name: linebreaks(text, autoescape=True) for name, text in bodies.items()}
    return ContentHtml(plain, is_final=False)


def store_missing_renderings(limit: int = VERSIONS_PER_RUN) -> int:
    """Render the published versions that have no HTML of the present rules.

    Returns their number. Former versions are rendered for each reader.
    """
    renderings = RenderedContent.objects.filter(version=OuterRef("version"), renderer=RENDERER)
    pages = ContentPage.objects.filter(~Exists(renderings), kind__in=KINDS)
    version_ids = list(pages.order_by("pk").values_list("version_id", flat=True)[:limit])
    return sum(store_rendering(version_id) for version_id in version_ids)
