"""Compiled queries are cached for usual lists only, to bound the memory."""

import pytest

from registry.search import AgentSearch, parse_search
from registry.search.pages import MAX_CACHED_CONDITIONS, _compiled, read_rows

USUAL = parse_search("", tags=("family",))
MANY_CONDITIONS = parse_search(" ".join(f"-tag:t{n}" for n in range(MAX_CACHED_CONDITIONS + 1)))


@pytest.mark.django_db
@pytest.mark.parametrize(("query", "is_cached"), [(USUAL, True), (MANY_CONDITIONS, False)])
def test_only_usual_searches_are_compiled(query: AgentSearch, is_cached: bool) -> None:
    _compiled.cache_clear()

    read_rows(query, ("id",), 0, 20)

    assert (_compiled.cache_info().currsize > 0) == is_cached
