"""Reads of pages that show content."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import CharField, QuerySet
from django.utils.safestring import SafeString

from clawstore.editorial.agent_texts import BY_STORE_OR_PUBLISHER
from clawstore.editorial.errors import PageNotFound
from clawstore.editorial.kinds import KINDS, ON_AGENT_PAGES, read_texts
from clawstore.editorial.models import ContentPage, ContentPageAgent
from clawstore.editorial.prices import visible_data_of
from clawstore.editorial.rendering import ContentHtml, html_for_buyer, html_of, html_of_all
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import Parameter
from foundation.web.languages import LanguageLink, choose_or_default, language_links
from registry.agents.rows import AgentRow, list_rows_by_ids
from registry.models import Agent
from wordclaw.content.models import ContentItemVersion
from wordclaw.content.models.items import PUBLISHED

# Lists of editors are short, and have no further pages.
MAX_LISTED = 100
MAX_ICONS = 5


@dataclass(frozen=True, slots=True)
class PageTexts:
    """Title and summary of a page in one language."""

    language: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page in a list."""

    item_id: UUID
    kind: str
    domain: str
    slug: str
    texts: PageTexts
    published_at: datetime
    changed_at: datetime
    price_satoshis: int | None = None
    # The first agents of a collection, for their icons, and the number of all that it lists.
    agents: tuple[AgentRow, ...] = ()
    agent_count: int = 0


@dataclass(frozen=True, slots=True)
class ContentText:
    """A text in full in one language, with the languages that it can be read in."""

    page: PageEntry
    html: SafeString
    html_language: str
    is_final: bool
    languages: list[LanguageLink]


@dataclass(frozen=True, slots=True)
class ChosenAgent:
    """An agent of a page: its row, and words about it."""

    row: AgentRow
    words: str
    language: str


def pages_of(domain_name: str, kind: str) -> "QuerySet[ContentPage]":
    """Return the pages of a kind in the order of their lists."""
    pages = ContentPage.objects.filter(domain__name=domain_name, kind=kind)
    return pages.select_related("domain").order_by("position", "-published_at", "item")


def make_entry(page: ContentPage, languages: Sequence[str]) -> PageEntry:
    """Return a page for a list, in the language that a reader asked for."""
    return PageEntry(
        item_id=page.pk,
        kind=page.kind,
        domain=page.domain.name,
        slug=page.slug,
        texts=choose_texts(page.texts, languages),
        published_at=page.published_at,
        changed_at=page.changed_at,
        price_satoshis=page.price_satoshis,
    )


def choose_texts(texts: dict[str, Any], languages: Sequence[str]) -> PageTexts:
    language = choose_or_default(languages, texts)
    entry = texts.get(language, {})
    return PageTexts(language, entry.get("title", ""), entry.get("summary", ""))


def list_entries(
    domain_name: str, kind: str, languages: Sequence[str], *, limit: int = MAX_LISTED
) -> list[PageEntry]:
    """Return the first pages of a kind, in one query."""
    return [make_entry(page, languages) for page in pages_of(domain_name, kind)[:limit]]


def with_agents(entries: Sequence[PageEntry]) -> list[PageEntry]:
    """Return the entries with their first agents, in two queries."""
    places = ContentPageAgent.objects.filter(
        page_id__in=[entry.item_id for entry in entries], agent__is_listed=True
    )
    ids: dict[UUID, list[UUID]] = {}
    for page_id, agent_id in places.order_by("position").values_list("page_id", "agent_id"):
        ids.setdefault(page_id, []).append(agent_id)
    first_ids = {page_id: agent_ids[:MAX_ICONS] for page_id, agent_ids in ids.items()}
    all_ids = list(dict.fromkeys(chain.from_iterable(first_ids.values())))
    rows = list_rows_by_ids(all_ids) if all_ids else {}
    return [
        replace(
            entry,
            agents=tuple(rows[pk] for pk in first_ids.get(entry.item_id, ()) if pk in rows),
            agent_count=len(ids.get(entry.item_id, ())),
        )
        for entry in entries
    ]


def find_page(domain_name: str, kind: str, slug: str) -> ContentPage:
    """Return a page with the version that it shows. Raises PageNotFound."""
    pages = pages_of(domain_name, kind).select_related("domain", "version")
    page = pages.filter(slug=slug).first()
    if page is None:
        raise PageNotFound
    return page


def read_page(
    page: ContentPage, languages: Sequence[str], *, is_bought: bool = False
) -> ContentText:
    """Return the text of a page, in one query; all of it if the reader has bought it."""
    html = html_for_buyer(page.version_id) if is_bought else html_of(page.version)
    return _text(page, page.texts, html, languages)


def _text(
    page: ContentPage, texts: dict[str, Any], html: ContentHtml, languages: Sequence[str]
) -> ContentText:
    entry = replace(make_entry(page, languages), texts=choose_texts(texts, languages))
    language = entry.texts.language
    body_language = body_language_of(html, language, languages)
    body = html.in_language(body_language)
    links = language_links(texts, language)
    return ContentText(entry, body, body_language, html.is_final, links)


def body_language_of(html: ContentHtml, language: str, languages: Sequence[str]) -> str:
    """Return the language of a text below a title in ``language``."""
    has_body = language in html.by_language
    # A title may be translated before its text is.
    return language if has_body else choose_or_default(languages, html.by_language)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version that readers got; ``predecessor`` is the number of the one before it."""

    version: int
    created_at: datetime
    message: str
    predecessor: int | None


def list_published_versions(page: ContentPage) -> list[PublishedVersion]:
    """Return the versions of a page that readers got, newest first."""
    # Only versions that were published: the others are drafts, which no reader may see.
    versions = ContentItemVersion.objects.filter(item_id=page.pk, status=PUBLISHED)
    columns = versions.order_by("-version").values_list("version", "created_at", "message")
    rows = list(columns[: MAX_LISTED + 1])
    pairs = zip(rows, [*rows[1:], None], strict=False)
    entries = [PublishedVersion(*row, older[0] if older else None) for row, older in pairs]
    return entries[:MAX_LISTED]


def read_version(page: ContentPage, number: int, languages: Sequence[str]) -> ContentText:
    """Return the text of a version that readers got. Raises PageNotFound."""
    versions = ContentItemVersion.objects.select_related("item__content_type__domain")
    version = versions.filter(item_id=page.pk, version=number, status=PUBLISHED).first()
    if version is None:
        raise PageNotFound
    data = visible_data_of(version, KINDS[page.kind])
    titles, summaries = read_texts(data.get("title")), read_texts(data.get("summary"))
    texts = {
        language: {"title": title, "summary": summaries.get(language, "")}
        for language, title in titles.items()
    }
    return _text(page, texts, html_of(version), languages)


def list_agents(page: ContentPage, languages: Sequence[str]) -> list[ChosenAgent]:
    """Return the listed agents of a page with the words about each."""
    places = ContentPageAgent.objects.filter(page=page, agent__is_listed=True)
    pairs = list(places.order_by("position").values_list("agent_id", "texts"))
    if not pairs:
        return []
    rows = list_rows_by_ids([agent_id for agent_id, _ in pairs], languages)
    agents = []
    for agent_id, texts in pairs:
        language = choose_or_default(languages, texts)
        # An agent may be listed without a row, until the job has stored the parts of its page.
        if agent_id in rows:
            agents.append(ChosenAgent(rows[agent_id], texts.get(language, ""), language))
    return agents


def agent_ids_of(page: ContentPage) -> list[UUID]:
    """Return the ids of the listed agents of a page."""
    places = ContentPageAgent.objects.filter(page=page, agent__is_listed=True)
    return list(places.order_by("position").values_list("agent_id", flat=True))


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A question with its answer."""

    page: PageEntry
    html: SafeString
    html_language: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class GroupedPages:
    """Guides, posts and answers, of a publisher or about an agent."""

    guides: list[PageEntry]
    posts: list[PageEntry]
    answers: list[QuestionAnswer]


def find_reported_agent(scope: str, page: ContentPage | None = None) -> Agent | None:
    """Return the agent with which a publisher's text is reported: its first, or any.

    None if the publisher has no agent.
    """
    agents = Agent.objects.filter(scope=scope)
    if page is not None:
        places = ContentPageAgent.objects.filter(page=page, agent__scope=scope)
        place = places.select_related("agent").order_by("position").first()
        if place is not None:
            return place.agent
    return agents.order_by("created_at", "id").first()


def pages_about(agent: Agent, languages: Sequence[str]) -> GroupedPages:
    """Return the texts of store and publisher about an agent, in two queries."""
    places = ContentPageAgent.objects.filter(
        # Any publisher can name any agent, and must not put a text on the page of a competitor.
        BY_STORE_OR_PUBLISHER,
        agent=agent,
        page__kind__in=ON_AGENT_PAGES,
    )
    pages = ContentPage.objects.filter(pk__in=places.values("page"))
    return _grouped(pages, languages)


def pages_by(scope: str, languages: Sequence[str]) -> GroupedPages:
    """Return the guides, posts and answers of a publisher, in two queries."""
    pages = ContentPage.objects.filter(domain__name=scope, kind__in=ON_AGENT_PAGES)
    return _grouped(pages, languages)


def list_scope_entries(
    scope: str, languages: Sequence[str], *, limit: int = MAX_LISTED
) -> list[PageEntry]:
    """Return the newest guides, posts and questions of a publisher, in one query."""
    return [
        make_entry(page, languages) for page in _newest_pages_query(limit).instances(scope=scope)
    ]


@lru_cache(maxsize=4)
def _newest_pages_query(limit: int) -> CompiledInstances[ContentPage]:
    scope = Parameter("scope", CharField())
    pages = ContentPage.objects.filter(domain__name=scope, kind__in=ON_AGENT_PAGES)
    newest = pages.order_by("-published_at", "item")[:limit]
    return CompiledInstances(newest, relations=("domain",), annotations=())


def _grouped(pages: "QuerySet[ContentPage]", languages: Sequence[str]) -> GroupedPages:
    ordered_pages = pages.select_related("domain").order_by("position", "-published_at", "item")
    by_kind: dict[str, list[ContentPage]] = {kind: [] for kind in ON_AGENT_PAGES}
    for page in ordered_pages[:MAX_LISTED]:
        by_kind[page.kind].append(page)
    return GroupedPages(
        guides=[make_entry(page, languages) for page in by_kind["guides"]],
        posts=[make_entry(page, languages) for page in by_kind["posts"]],
        answers=_answers(by_kind["faqs"], languages),
    )


def _answers(pages: Sequence[ContentPage], languages: Sequence[str]) -> list[QuestionAnswer]:
    html = html_of_all([page.version_id for page in pages])
    answers = []
    for page in pages:
        entry, texts = make_entry(page, languages), html[page.version_id]
        language = body_language_of(texts, entry.texts.language, languages)
        html_text = texts.in_language(language)
        answers.append(QuestionAnswer(entry, html_text, language, texts.is_final))
    return answers
