"""Content on every page: the notice across the top, and the names of the policies.

It is stored in one row, so it costs each page one query.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache

import orjson
from django.db import DatabaseError, transaction
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from clawstore.editorial.kinds import Texts, read_texts
from clawstore.editorial.models import ContentPage, PageFrame, RenderedContent
from clawstore.intake.store_forms import STORE_FORMS
from foundation.caching.actions import bump_site
from foundation.compiled_query import CompiledQuery
from foundation.web.languages import choose_or_default
from wordclaw.forms.models import FormDefinition
from wordclaw.policy.actions import STORE


@dataclass(frozen=True, slots=True)
class FrameContent:
    """The notice as HTML by language, and slug and titles by language of each policy."""

    notice: Texts = field(default_factory=dict)
    is_important: bool = False
    policies: Sequence[tuple[str, Texts]] = ()
    # Slugs of the store's forms that pages lead to.
    forms: Sequence[str] = STORE_FORMS

    def notice_in(self, languages: Sequence[str]) -> tuple[str, SafeString] | None:
        """Return language and HTML of the notice, or None if there is none."""
        if not self.notice:
            return None
        language = choose_or_default(languages, self.notice)
        # The HTML came from the sandbox or was escaped in `_notice_html`.
        return language, mark_safe(self.notice[language])

    def policies_in(self, languages: Sequence[str]) -> list[tuple[str, str]]:
        """Return slug and title of each policy in its order."""
        return [
            (slug, titles[choose_or_default(languages, titles)]) for slug, titles in self.policies
        ]


def get_frame() -> FrameContent:
    """Return the content of every page, in one query.

    While the database is away, a page is shown without it.
    """
    return make_frame(read_stored_frame())


def read_stored_frame() -> bytes:
    """Return the content of every page as JSON; empty without any."""
    try:
        rows = _stored_frame_query().tuples()
    except DatabaseError:
        return b""
    return orjson.dumps(rows[0][0]) if rows else b""


def make_frame(stored_frame: bytes) -> FrameContent:
    return FrameContent(**orjson.loads(stored_frame)) if stored_frame else FrameContent()


@cache
def _stored_frame_query() -> CompiledQuery:
    return CompiledQuery(PageFrame.objects.filter(pk=PageFrame.ONLY).values("content"))


def store_frame() -> None:
    """Store the frame again and mark every page as changed, in one transaction."""
    with transaction.atomic():
        content = asdict(read_frame())
        # The release before knows no forms, and reads what is stored while this one starts.
        if tuple(content["forms"]) == STORE_FORMS:
            del content["forms"]
        PageFrame.objects.update_or_create(pk=PageFrame.ONLY, defaults={"content": content})
        # The notice is on every page, so no cached page of the site may be older.
        bump_site()


def read_frame() -> FrameContent:
    """Return the frame as the published policies and the notice make it."""
    # Of the store alone: a publisher's type with the slug policies must not reach the footer of
    # every page.
    pages = ContentPage.objects.filter(domain__name=STORE, kind__in=("policies", "notice"))
    pages = pages.order_by("position", "-published_at", "item").select_related("version")
    policies = []
    notice: ContentPage | None = None
    for page in pages:
        if page.kind == "notice":
            notice = page
        else:
            titles = {language: texts["title"] for language, texts in page.texts.items()}
            policies.append((page.slug, titles))
    forms = _open_forms()
    if notice is None:
        return FrameContent(policies=policies, forms=forms)
    return FrameContent(
        forms=forms,
        notice=_notice_html(notice),
        is_important=notice.version.data.get("important") is True,
        policies=policies,
    )


def _open_forms() -> Sequence[str]:
    rows = FormDefinition.objects.filter(domain__name=STORE, deleted_at=None, is_active=True)
    slugs = set(rows.filter(public_read=True).values_list("slug", flat=True))
    return tuple(slug for slug in STORE_FORMS if slug in slugs)


def update_forms(form: FormDefinition) -> None:
    """Update the links to the store's forms, in the transaction of a change."""
    if form.domain.name == STORE:
        store_frame()


def _notice_html(page: ContentPage) -> Texts:
    """The HTML of the notice; until it is rendered, its lines as they were written."""
    rendering = RenderedContent.objects.filter(version=page.version_id).first()
    if rendering is not None:
        return dict(rendering.html)
    # The transaction of the change cannot wait for the sandbox, so the first version of the frame
    # is plain.
    texts = read_texts(page.version.data.get("text"))
    return {language: linebreaks(text, autoescape=True) for language, text in texts.items()}
