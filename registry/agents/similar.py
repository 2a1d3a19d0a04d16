"""Similar agents, as the job of `registry.vectors` has stored them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import IntegerField

from foundation.caching.values import cached_value, digest
from foundation.compiled_query import CompiledQuery, list_parameter
from registry.agents.addresses import icon_address
from registry.agents.revisions import PageRevisions, page_revisions
from registry.models import Agent, AgentVector

MAX_SIMILAR = 4


@dataclass(frozen=True, slots=True)
class SimilarAgent:
    """An agent in a short list. ``icon`` is its address; blank without one."""

    scope: str
    name: str
    display_name: str
    tagline: str
    icon: str

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"


def list_similar(scope: str, name: str) -> list[SimilarAgent]:
    """The listed agents that are most similar to an agent, listed or not.

    Cached until one of them is shown otherwise.
    """
    revisions = page_revisions(scope, name)
    return _list_similar(revisions) if revisions else []


def _list_similar(revisions: PageRevisions) -> list[SimilarAgent]:
    if not revisions.similar:
        return []
    numbers = AgentVector(similar=revisions.similar).similar_numbers
    key = ("similar agents", tuple(numbers))
    return cached_value(key, revisions.mentions, lambda: _read_agents(numbers))


def _read_agents(numbers: Sequence[int]) -> list[SimilarAgent]:
    by_number = {
        number: SimilarAgent(
            scope, name, display_name, tagline, icon_address(scope, name, row_facts)
        )
        for number, scope, name, display_name, tagline, row_facts in _numbered_query(
            len(numbers)
        ).tuples(numbers=numbers)
    }
    # In the stored order, the nearest first, without agents that are not listed any more.
    return [by_number[number] for number in numbers if number in by_number][:MAX_SIMILAR]


@lru_cache(maxsize=32)
def _numbered_query(count: int) -> CompiledQuery:
    numbers = list_parameter("numbers", IntegerField(), count)
    agents = Agent.objects.listed().filter(indexed__number__in=numbers)
    columns = ("indexed__number", "scope", "name", "display_name", "tagline", "row_facts")
    return CompiledQuery(agents.values(*columns))


def agent_page_revision(_request: object, scope: str, name: str, **_address: str) -> object:
    """The revision of an agent's page, which shows similar agents, too."""
    revisions = page_revisions(scope, name)
    if revisions is None:
        return None
    # Not the list itself: to read it takes a tenth of a request for a cached page.
    similar = cached_value(
        ("digest of similar agents", bytes(revisions.similar or b"")),
        revisions.mentions,
        lambda: digest(_list_similar(revisions)),
    )
    return revisions.agent, revisions.site, similar
