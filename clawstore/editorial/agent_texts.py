"""Handing texts about agents down to the registry, which shows them."""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q

from clawstore.editorial.kinds import LISTINGS, ON_AGENT_PAGES
from clawstore.editorial.models import ContentPage, ContentPageAgent, RenderedContent
from registry.agents.texts import set_guide_count, set_listing_texts
from registry.models import Agent
from registry.rules.identifiers import scope_and_name
from wordclaw.policy.actions import STORE

# No other publisher can put anything on the page of an agent.
BY_STORE_OR_PUBLISHER = Q(page__domain__name=STORE) | Q(page__domain__name=F("agent__scope"))


def count_guides(agent_ids: Collection[UUID] | None = None) -> dict[UUID, int]:
    """Return the number of texts by agent; of all agents by default."""
    places = ContentPageAgent.objects.filter(BY_STORE_OR_PUBLISHER, page__kind__in=ON_AGENT_PAGES)
    if agent_ids is not None:
        places = places.filter(agent__in=agent_ids)
    return dict(places.values_list("agent").annotate(count=Count("page")).order_by("agent"))


def update_guide_counts(agent_ids: Collection[UUID]) -> None:
    """Store the number of texts about each of these agents."""
    counts = count_guides(agent_ids)
    for agent_id in agent_ids:
        set_guide_count(agent_id, counts.get(agent_id, 0))


def update_listings(agent_ids: Collection[UUID]) -> None:
    """Store the listing texts of each of these agents, or that there are none."""
    for agent_id in agent_ids:
        taglines, descriptions = listing_texts(agent_id)
        set_listing_texts(agent_id, taglines, descriptions)


@transaction.atomic
def update_moved_agent(full_id: str) -> bool:
    """Store the texts about an agent that moved; False if it has moved again."""
    scope, name = scope_and_name(full_id)
    agent_ids = list(Agent.objects.filter(scope=scope, name=name).values_list("pk", flat=True))
    update_guide_counts(agent_ids)
    update_listings(agent_ids)
    return bool(agent_ids)


def listing_texts(agent_id: UUID) -> tuple[dict[str, str], dict[str, str]]:
    """Return taglines and descriptions by language, as published content has them.

    Of several listings of an agent the one that was published first counts. A description is absent
    until it is rendered.
    """
    places = ContentPageAgent.objects.filter(
        agent=agent_id, page__kind=LISTINGS, page__domain__name=F("agent__scope")
    ).select_related("page")
    place = places.order_by("page__published_at", "page").first()
    if place is None:
        return {}, {}
    taglines = {language: texts["title"] for language, texts in place.page.texts.items()}
    rendering = RenderedContent.objects.filter(version=place.page.version_id).first()
    return taglines, dict(rendering.html) if rendering else {}


def agents_of(page: ContentPage | None) -> Iterator[UUID]:
    """Yield the ids of the agents of a page."""
    if page is not None:
        yield from ContentPageAgent.objects.filter(page=page).values_list("agent_id", flat=True)


def wrong_agent_texts() -> Iterator[tuple[UUID, str, str, object, object]]:
    """Yield id, name, column, stored and actual value where an agent's row is wrong."""
    counts = count_guides()
    pages_of_listings = ContentPageAgent.objects.filter(page__kind=LISTINGS).values("agent")
    agents = Agent.objects.filter(
        Q(guide_count__gt=0) | ~Q(taglines={}) | Q(pk__in=counts) | Q(pk__in=pages_of_listings)
    )
    for agent in agents.order_by("pk").iterator():
        actual = counts.get(agent.pk, 0)
        if agent.guide_count != actual:
            yield agent.pk, agent.full_id, "guide_count", agent.guide_count, actual
        taglines, _ = listing_texts(agent.pk)
        if agent.taglines != taglines:
            yield agent.pk, agent.full_id, "taglines", agent.taglines, taglines
