"""Similar agents, as the job of `registry.vectors` has stored them."""

from dataclasses import dataclass

from foundation.caching.values import cached_value
from registry.agents.addresses import icon_address
from registry.agents.revisions import agent_revision, site_revisions
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
    key = ("similar agents", scope, name)
    revision = (revisions.catalogue, revisions.ranking)
    return list(cached_value(key, revision, lambda: tuple(_read_similar(scope, name))))


def _read_similar(scope: str, name: str) -> list[SimilarAgent]:
    vectors = AgentVector.objects.filter(agent__scope=scope, agent__name=name)
    vector = vectors.only("similar").first()
    numbers = vector.similar_numbers if vector else []
    columns = ("indexed__number", "scope", "name", "display_name", "tagline", "brief")
    agents = Agent.objects.listed().filter(indexed__number__in=numbers)
    by_number = {
        number: SimilarAgent(scope, name, display_name, tagline, icon_address(scope, name, brief))
        for number, scope, name, display_name, tagline, brief in agents.values_list(*columns)
    }
    return [by_number[number] for number in numbers if number in by_number][:MAX_SIMILAR]


def agent_page_revision(_request: object, scope: str, name: str, **_address: str) -> object:
    """The revision of an agent's page, which shows similar agents, too."""
    revision = agent_revision(_request, scope, name)
    return None if revision is None else (revision, list_similar(scope, name))
