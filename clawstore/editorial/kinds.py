"""Content types whose published items have pages, and the fields of a page.

A content type is recognised by its slug; it must be public. Items that lack what a page needs have
none, because a domain may use the same slug for something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings

from clawstore.editorial.errors import InvalidPageSlug
from wordclaw.content.models import ContentType
from wordclaw.content.rules import is_slug
from wordclaw.policy.models import DomainKind

Texts = dict[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class PageAgent:
    """An agent that a page speaks of: its id, and words about it."""

    full_id: str
    words: Texts


@dataclass(frozen=True, slots=True)
class PageContent:
    """The part of an item's data that its page shows.

    ``bodies`` are markdown by language.
    """

    slug: str
    titles: Texts
    summaries: Texts
    bodies: Texts
    agents: tuple[PageAgent, ...]
    position: int

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        """Title and summary by language, as stored; a language has a title at least."""
        return {
            language: {"title": title, "summary": self.summaries.get(language, "")}
            for language, title in self.titles.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKind:
    """A kind of page, for one slug of content types in some kinds of domains.

    ``title`` and ``body`` are the names of fields.
    """

    slug: str
    domains: frozenset[str] = field(default=frozenset({DomainKind.STORE}))
    title: str = "title"
    body: str = "body"
    has_address: bool = True
    is_on_every_page: bool = False

    def read(self, data: Mapping[str, Any], *, item_id: UUID) -> PageContent | None:
        """Return the content of a page; None for data of another shape.

        Raises InvalidPageSlug.
        """
        titles = read_texts(data.get(self.title))
        if not titles or (self.has_address and "slug" not in data):
            return None
        # A page without an address still needs a slug that no other has: the column is unique.
        slug = data.get("slug") if self.has_address else item_id.hex
        if not isinstance(slug, str) or not is_slug(slug):
            # Refused and not skipped, because the author would otherwise look for a page that does
            # not exist.
            raise InvalidPageSlug(slug=slug)
        position = data.get("position", 0)
        return PageContent(
            slug=slug,
            titles=titles,
            summaries=read_texts(data.get("summary")),
            bodies=read_texts(data.get(self.body)),
            agents=_read_agents(data),
            position=int(position) if _is_small_number(position) else 0,
        )


LISTINGS = "listings"
"""Texts of one agent each, which replace those of its package for readers of a language."""
ALL_DOMAINS = frozenset({DomainKind.STORE, DomainKind.SCOPE})
SCOPE = frozenset({DomainKind.SCOPE})
KINDS = {
    kind.slug: kind
    for kind in (
        PageKind(slug="policies", is_on_every_page=True),
        PageKind(slug="announcements"),
        PageKind(slug="collections"),
        PageKind(slug="guides", domains=ALL_DOMAINS),
        PageKind(
            slug="notice", title="text", body="text", has_address=False, is_on_every_page=True
        ),
        PageKind(slug="faqs", domains=SCOPE, title="question", body="answer", has_address=False),
        PageKind(slug="posts", domains=SCOPE),
        PageKind(
            slug=LISTINGS, domains=SCOPE, title="tagline", body="description", has_address=False
        ),
    )
}
ON_AGENT_PAGES = ("guides", "posts", "faqs")
"""Kinds whose pages are also shown with the agents that they speak of."""


def kind_of(content_type: ContentType) -> PageKind | None:
    """Return the kind of the pages of a content type, None if its items have no pages."""
    kind = KINDS.get(content_type.slug)
    # A private type has no pages, whatever it is called: its content is for members.
    if kind is None or not content_type.is_public or content_type.deleted_at is not None:
        return None
    return kind if content_type.domain.kind in kind.domains else None


def read_texts(value: Any) -> Texts:
    """Return a field's text by language; {} for what is no text.

    A field that is not localized is in the language of the instance.
    """
    if isinstance(value, str):
        value = {settings.LANGUAGE_CODE: value}
    if not isinstance(value, dict):
        return {}
    return {
        language: text.strip()
        for language, text in value.items()
        if isinstance(text, str) and text.strip()
    }


def _read_agents(data: Mapping[str, Any]) -> tuple[PageAgent, ...]:
    # Collections name many agents with words, listings one.
    entries = data.get("agents", [data["agent"]] if "agent" in data else [])
    agents: dict[str, PageAgent] = {}
    for entry in entries if isinstance(entries, list) else ():
        reference = entry.get("agent") if isinstance(entry, dict) else None
        words = read_texts(entry.get("words")) if isinstance(reference, dict) else {}
        if isinstance(reference, dict):
            reference = reference.get("agent")
        # The table has one place for each page and agent, so only the first of two mentions counts.
        if isinstance(reference, str) and reference not in agents:
            agents[reference] = PageAgent(reference, words)
    return tuple(agents.values())


def _is_small_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # The column is a 32-bit integer, and PostgreSQL would answer a larger one with an error.
    return is_number and abs(value) < 2**31
