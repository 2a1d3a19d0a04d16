"""The followed searches that find an agent.

Each followed search is stored with the keys by which it can find an agent, so that a publish costs
as much as the searches that may find this one agent. What is stored follows from the follows: a
search that is missing, as after an import, or that former rules read, is read before it is needed.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict

from clawstore.following.models import Follow, FollowedSearch, FollowedSearchKey, FollowKind
from foundation.batches import in_batches
from foundation.bulk_writes import BulkInsert
from registry.search.forms import AgentSearchForm
from registry.search.one_agent import find_agent_finder
from registry.search.stored import (
    keys_of_search,
    reading_rules,
    search_as_json,
    search_from_json,
)

SAVED_SEARCHES = BulkInsert(
    FollowedSearch,
    ("query", "rules", "search"),
    replace=("rules", "search"),
    unique=("query",),
)
SAVED_KEYS = BulkInsert(FollowedSearchKey, ("search_id", "key"))


@transaction.atomic
def store_searches(queries: Sequence[str]) -> None:
    """Read these searches and store them with their keys."""
    searches = {query: AgentSearchForm(QueryDict(query)).agent_search for query in queries}
    rules = reading_rules()
    SAVED_SEARCHES.insert(
        (query, rules, search_as_json(search)) for query, search in searches.items()
    )
    ids = dict(FollowedSearch.objects.filter(query__in=queries).values_list("query", "pk"))
    FollowedSearchKey.objects.filter(search__in=ids.values()).delete()
    SAVED_KEYS.insert(
        (ids[query], key) for query, search in searches.items() for key in keys_of_search(search)
    )


def store_missing_searches(count: int) -> int:
    """Store up to ``count`` followed searches that are not; return how many were."""
    searches = FollowedSearch.objects.filter(query=OuterRef("target"), rules=reading_rules())
    follows = Follow.objects.filter(~Exists(searches), kind=FollowKind.SEARCH)
    queries = list(follows.order_by("target").values_list("target", flat=True).distinct()[:count])
    if queries:
        store_searches(queries)
    return len(queries)


def delete_unfollowed_searches(queries: Iterable[str] | None = None) -> None:
    """Delete the stored searches that have no follower: of these, or of all."""
    searches: QuerySet[FollowedSearch] = FollowedSearch.objects.all()
    if queries is not None:
        searches = searches.filter(query__in=list(queries))
    follows = Follow.objects.filter(kind=FollowKind.SEARCH, target=OuterRef("query"))
    searches.filter(~Exists(follows)).delete()


def find_fitting_searches(
    agent_id: UUID, *, after: int, count: int
) -> tuple[list[str], int | None]:
    """The stored searches that find an agent, among the next ``count`` that may.

    Returns them, and the place after which to go on; None if there are no others.
    """
    finder = find_agent_finder(agent_id)
    if finder is None:
        return [], None
    keys = FollowedSearchKey.objects.filter(search__gt=after)
    ids: set[int] = set()
    for batch in in_batches(sorted(finder.keys)):
        ids.update(keys.filter(key__in=batch).values_list("search_id", flat=True))
    next_ids = sorted(ids)[:count]
    rows: list[tuple[str, dict[str, object]]] = []
    for batch_of_ids in in_batches(next_ids):
        # Those that older code has read are left out: they have no followers any more, because
        # followed searches were read again before.
        searches = FollowedSearch.objects.filter(pk__in=batch_of_ids, rules=reading_rules())
        rows += searches.order_by("pk").values_list("query", "search")
    answers = finder.fitting([search_from_json(data) for _, data in rows])
    queries = [query for (query, _), fits in zip(rows, answers, strict=True) if fits]
    return queries, next_ids[-1] if len(next_ids) < len(ids) else None
