"""Similar agents, as the job of `registry.vectors` has stored them."""

from dataclasses import dataclass

from foundation.caching.values import cached_value, digest
from registry.agents.addresses import icon_address
from registry.agents.revisions import page_revisions, site_revisions
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

    Cached until the catalogue changes.
    """
    revisions = site_revisions()
    return _list_similar(scope, name, (revisions.catalogue, revisions.ranking))


def _list_similar(scope: str, name: str, revision: object) -> list[SimilarAgent]:
    key = ("similar agents", scope, name)
    return cached_value(key, revision, lambda: _read_similar(scope, name))


def _read_similar(scope: str, name: str) -> list[SimilarAgent]:
    vectors = AgentVector.objects.filter(agent__scope=scope, agent__name=name)
    vector = vectors.only("similar").first()
    numbers = vector.similar_numbers if vector else []
    columns = ("indexed__number", "scope", "name", "display_name", "tagline", "row_facts")
    agents = Agent.objects.listed().filter(indexed__number__in=numbers)
    by_number = {
        number: SimilarAgent(
            scope, name, display_name, tagline, icon_address(scope, name, row_facts)
        )
        for number, scope, name, display_name, tagline, row_facts in agents.values_list(*columns)
    }
    return [by_number[number] for number in numbers if number in by_number][:MAX_SIMILAR]


def agent_page_revision(_request: object, scope: str, name: str, **_address: str) -> object:
    """The revision of an agent's page, which shows similar agents, too."""
    revisions = page_revisions(scope, name)
    if revisions is None:
        return None
    lists = (revisions.catalogue, revisions.ranking)
    # Not the list itself: to read it takes a tenth of a request for a cached page.
    key = ("digest of similar agents", scope, name)
    similar = cached_value(key, lists, lambda: digest(_list_similar(scope, name, lists)))
    return revisions.agent, revisions.site, similar
