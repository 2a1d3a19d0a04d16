"""Texts about agents: handed down by the pages of content, and stored.

Content is in an upper layer, so this module stores what pages and lists of agents show of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.safestring import mark_safe

from foundation.text.language_tags import choose_language
from foundation.web.languages import ORIGINAL, LanguageLink, language_links
from registry.agents.revisions import bump_agent, bump_listing
from registry.models import Agent, AgentDescription, StoredRow
from registry.search_index.actions import index_agents


def set_guide_count(agent_id: UUID, count: int) -> None:
    """Store how many texts speak of an agent, and mark its pages as changed."""
    Agent.objects.filter(pk=agent_id).update(guide_count=count)
    bump_agent(agent_id)


def set_listing_texts(
    agent_id: UUID, taglines: Mapping[str, str], descriptions: Mapping[str, str]
) -> None:
    """Replace tagline and description of an agent by language.

    Descriptions are HTML. The caller has opened a transaction.
    """
    Agent.objects.filter(pk=agent_id).update(taglines=dict(taglines))
    AgentDescription.objects.filter(agent=agent_id).delete()
    AgentDescription.objects.bulk_create(
        AgentDescription(agent_id=agent_id, language=language, html=html)
        for language, html in descriptions.items()
    )
    # It shows the former tagline. A job stores it again.
    StoredRow.objects.filter(agent=agent_id).delete()
    bump_listing(agent_id)
    index_agents([agent_id])


@dataclass(frozen=True, slots=True)
class ListingTexts:
    """The texts of an agent in the language of a reader.

    Without ``language`` they are those of the package, and ``tagline`` is blank.
    """

    language: str = ""
    tagline: str = ""
    description: str = ""
    languages: list[LanguageLink] = field(default_factory=list)


def get_listing_texts(agent: Agent, languages: Sequence[str]) -> ListingTexts:
    """Return the texts for a reader of these languages; one query if there are any."""
    if not agent.taglines:
        return ListingTexts()
    language = choose_language(languages, agent.taglines)
    links = language_links([*agent.taglines, ORIGINAL], language or ORIGINAL)
    if language is None:
        return ListingTexts(languages=links)
    descriptions = AgentDescription.objects.filter(agent=agent, language=language)
    html = descriptions.values_list("html", flat=True).first() or ""
    # The HTML was cleaned when it was rendered.
    return ListingTexts(language, agent.taglines[language], mark_safe(html), links)
