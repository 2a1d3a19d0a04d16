"""The golden set: what a search is worth, judged beforehand."""

from collections import defaultdict
from collections.abc import Callable
from random import Random
from statistics import mean

from devtools.synthetic.agents import SyntheticAgent
from foundation.text.normalise import fold
from registry.search import parse_search, search
from tests.registry.search.golden import judged_queries, ndcg

MANY = 10_000
ASKED = 50


def names_found(query: str) -> list[str]:
    return [row["name"] for row in search(parse_search(query), columns=("name",), limit=10).rows]


def test_there_are_enough_judged_queries_and_each_once() -> None:
    queries = [judged.query for judged in judged_queries()]

    assert len(set(queries)) == len(queries) >= 300


def test_the_demo_catalogue_is_searched_as_judged(demo: None) -> None:
    worth = defaultdict(list)
    not_first = []
    for judged in judged_queries():
        found = names_found(judged.query)
        worth[judged.kind].append(ndcg(found, judged.grades))
        if judged.kind in {"id", "name"} and found[:1] != list(judged.grades):
            not_first.append(judged.query)

    assert not_first == []
    assert mean(value for values in worth.values() for value in values) >= 0.97
    assert {kind: mean(values) for kind, values in worth.items() if mean(values) < 0.93} == {}


def test_among_ten_thousand_the_exact_one_comes_first(
    many: Callable[[int], list[SyntheticAgent]],
) -> None:
    asked = Random(1).sample(many(MANY), ASKED)
    columns = ("scope", "name", "display_name")
    wrong = []
    for idea in asked:
        full_id = f"@{idea.owner.login}/{idea.name}"
        for query in (full_id, idea.name, idea.display_name.upper()):
            first = search(parse_search(query), columns=columns, limit=10).rows[0]
            is_it = query != full_id or f"@{first['scope']}/{first['name']}" == full_id
            if not is_it or fold(first["display_name"]) != fold(idea.display_name):
                wrong.append(query)

    assert wrong == []
