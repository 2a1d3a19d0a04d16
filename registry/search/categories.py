"""The head of a category's page: its sentence, and what is trending there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from foundation.caching.values import cached_value
from registry.agents.revisions import site_revisions
from registry.models import Agent, Category
from registry.search.query import RECENT, AgentSearch

MAX_RISING = 3


@dataclass(frozen=True, slots=True)
class TrendingAgent:
    scope: str
    name: str
    display_name: str
    tagline: str

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"


@dataclass(frozen=True, slots=True)
class CategoryPage:
    category: Category
    trending_agents: Sequence[TrendingAgent]


def category_page(search: AgentSearch) -> CategoryPage | None:
    """The head of the list of a category; None for any other search."""
    if not _is_of_a_category(search):
        return None
    category = Category.objects.filter(pk=search.category).first()
    return CategoryPage(category, _trending_agents(search.category)) if category else None


def category_revision(search: AgentSearch) -> object:
    """The revision of the head of a category's page."""
    return _trending_agents(search.category) if _is_of_a_category(search) else None


def _is_of_a_category(search: AgentSearch) -> bool:
    only_category = AgentSearch(category=search.category)
    return search.category != "" and replace(search, sort=RECENT) == only_category


def _trending_agents(category: str) -> Sequence[TrendingAgent]:
    revisions = site_revisions()
    key = ("trending in category", category)
    revision = (revisions.catalogue, revisions.ranking)
    return cached_value(key, revision, lambda: tuple(_read_trending(category)))


def _read_trending(category: str) -> list[TrendingAgent]:
    agents = Agent.objects.listed().filter(category=category, trend_ratio__isnull=False)
    columns = ("scope", "name", "display_name", "tagline")
    rows = agents.order_by("-trend_ratio", "id").values_list(*columns)[:MAX_RISING]
    return [TrendingAgent(*row) for row in rows]
