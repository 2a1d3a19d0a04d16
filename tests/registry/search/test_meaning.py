"""Search by meaning: in the list of agents, and GET /v1/search/semantic."""

import pytest

from foundation.accounts.models import User
from registry.models import Agent
from registry.vectors.actions import embed_next
from tests.support.factories import make_agent, make_version
from tests.support.http import Api

TAGLINES = {
    "night-sky": "Which planets and stars you can see tonight",
    "pod-whisperer": "Explains why a Kubernetes container crashes",
    "tax-desk": "Helps with the yearly income tax return",
}


@pytest.fixture
def agents(ada: User) -> dict[str, Agent]:
    agents = {}
    for name, tagline in TAGLINES.items():
        agents[name] = make_agent(ada, name, tagline=tagline, display_name=name.replace("-", " "))
        make_version(agents[name])
    embed_next(10)
    return agents


def search(api: Api, query: str) -> dict[str, str]:
    items = api.get(f"/v1/agents?q={query}").json()["items"]
    return {item["name"]: item["match"] for item in items}


def test_what_only_the_meaning_finds_is_marked(api: Api, agents: dict[str, Agent]) -> None:
    assert search(api, "looking at the universe in the evening") == {"night-sky": "meaning"}
    assert search(api, "kubernetes")["pod-whisperer"] == "text"
    assert search(api, "@ada/night") == {"night-sky": "text"}


def test_filters_bind_what_is_found_by_meaning(api: Api, agents: dict[str, Agent]) -> None:
    assert search(api, "looking at the universe in the evening&category=finance") == {}
    assert search(api, "looking at the universe in the evening -planets") == {}


def test_word_without_related_agents_finds_nothing(api: Api, agents: dict[str, Agent]) -> None:
    assert search(api, "falconry") == {}


def test_semantic_search_sorts_by_similarity(api: Api, agents: dict[str, Agent]) -> None:
    answer = api.get("/v1/search/semantic?q=looking at the universe in the evening").json()

    (item,) = answer["items"]
    assert item["snippet"] == TAGLINES["night-sky"]
    assert item["url"] == "/agents/@ada/night-sky"
    assert 0.3 < item["similarity"] <= 1
    assert answer["model"]


@pytest.mark.parametrize("query", ["", "q=%20", f"q={'x' * 257}", "q=tea&limit=0"])
def test_semantic_search_refuses_other_queries(api: Api, db: None, query: str) -> None:
    answer = api.get(f"/v1/search/semantic?{query}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")


def test_without_a_model_words_are_searched_alone(
    api: Api, agents: dict[str, Agent], monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setattr("foundation.text.embedding.PACKAGE", "absent")

    assert search(api, "looking at the universe in the evening") == {}
    assert search(api, "planets") == {"night-sky": "text"}
    answer = api.get("/v1/search/semantic?q=stars")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "meaning_unavailable")
