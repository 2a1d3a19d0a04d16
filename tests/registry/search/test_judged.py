"""The judged set: needs and topics in people's own words."""

from collections import defaultdict
from statistics import mean

from registry.search import parse_search, search
from tests.registry.search.golden import Judgement, ndcg
from tests.registry.search.judged_set import load_judged_agents, read_judged_queries

LEAST = {"topic": 0.85, "need": 0.85, "multi": 0.85, "category": 0.85, "typo": 0.95, "nothing": 0.9}


def score(judgement: Judgement) -> float:
    page = search(parse_search(judgement.query), columns=("name",), limit=10)
    if judgement.grades:
        return ndcg([row["name"] for row in page.rows], judgement.grades)
    return float(all(match.kind == "loose" for match in page.matches.values()))


def test_needs_and_topics_find_what_people_mean(demo: None) -> None:
    load_judged_agents()
    scores = defaultdict(list)
    for judgement in read_judged_queries():
        scores[judgement.kind].append(score(judgement))

    means = {kind: mean(values) for kind, values in scores.items()}
    assert {kind: value for kind, value in means.items() if value < LEAST.get(kind, 0.95)} == {}
