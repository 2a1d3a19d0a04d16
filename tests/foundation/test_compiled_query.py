"""Compiled queries return the same current rows as Django's queries."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import CharField, DateTimeField, F, QuerySet, UUIDField, Value
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter

COLUMNS = ("id", "username", "email", "created_at", "is_staff")
# Each was measured to gain from it; ADR 15 has the figures. All others use plain querysets.
COMPILED_IMPORT = re.compile(r"import Compiled(Query|Instances|Insert)\b")
MODULES_WITH_HOT_QUERIES = {
    # The revisions that validate cached pages.
    "foundation/caching/queries.py",
    "foundation/caching/actions.py",
    "registry/agents/revisions.py",
    "clawstore/people/revisions.py",
    # One agent, one version.
    "registry/agents/queries.py",
    # The sizes of the prompt of an agent.
    "registry/agents/derived_data.py",
    # Lists and searches, and their rows.
    "registry/search/facets.py",
    "registry/search/names.py",
    # The searched texts of an agent, in each publish.
    "registry/search_index/actions.py",
    "registry/search_index/queries.py",
    "registry/search/pages.py",
    "registry/agents/trust.py",
    "profiles/queries.py",
    # One agent with its owner and version, stored parts and rows, and the lists of the home page.
    "foundation/compiled_instances.py",
    "registry/agents/stored_pages.py",
    "registry/agents/rendered_rows.py",
    "registry/agents/similar.py",
    "registry/agents/rows.py",
    "clawstore/editorial/queries.py",
    "clawstore/home/queries.py",
    # The notice and the footer of every page.
    "clawstore/editorial/frame.py",
    # The quota of an account, twice in each publish.
    "registry/publishing/quota.py",
    # The credential of a request; a domain, a role, a content type and an item of it.
    "foundation/access/actions.py",
    "foundation/access/confirmation.py",
    "wordclaw/policy/queries.py",
    "wordclaw/content/lookup.py",
    "wordclaw/content/items/queries.py",
    "wordclaw/content/items/listing.py",
    "wordclaw/content/paywall.py",
    # Whether something has a price, in each read of what can have one.
    "wordclaw/payments/offers/queries.py",
    # The right of a buyer, and whether the reader is a co-maintainer, in each read of a package.
    "wordclaw/payments/access/queries.py",
    "registry/rules/co_maintainers.py",
    # The bytes of a domain, twice in each write of content.
    "wordclaw/content/space.py",
    # The rows of each write: event, decision, item, version, place in sorted lists.
    "foundation/audit/actions.py",
    "wordclaw/policy/actions.py",
    "wordclaw/content/items/actions.py",
    "wordclaw/content/items/recording.py",
    "wordclaw/content/sorting.py",
}


def users(*columns: str) -> QuerySet[User, dict[str, Any]]:
    return User.objects.order_by("username").values(*columns)


def test_compiled_query_gives_the_rows_of_the_queryset(ada: User, grace: User) -> None:
    queryset = users(*COLUMNS)[:1]
    rows = CompiledQuery(queryset).rows()

    assert rows == list(queryset)
    assert type(rows[0]["created_at"]) is type(ada.created_at)


def test_annotations_keep_their_place_in_the_row(ada: User) -> None:
    queryset = users("username", "email").annotate(number=Value(1), again=F("username"))
    rows = CompiledQuery(queryset).rows()

    assert rows == list(queryset)
    assert list(rows[0]) == ["username", "email", "number", "again"]


def test_parameters_are_given_when_the_query_runs(ada: User, grace: User) -> None:
    since = Parameter("since", DateTimeField())
    users = User.objects.filter(username=Parameter("name", CharField()), created_at__gte=since)
    query = CompiledQuery(users.values("id", "username"))

    for user in (ada, grace):
        parameters = {"name": user.username, "since": user.created_at}
        assert query.rows(**parameters) == [{"id": user.pk, "username": user.username}]
        assert query.tuples(**parameters) == [(user.pk, user.username)]
    later = ada.created_at + timedelta(seconds=1)
    assert query.rows(name="ada", since=later) == []
    with pytest.raises(KeyError, match="since"):
        query.rows(name="ada")


def test_id_can_be_a_parameter(ada: User, grace: User) -> None:
    by_id = User.objects.filter(pk=Parameter("id", UUIDField()))

    assert CompiledQuery(by_id.values("username")).rows(id=grace.pk) == [{"username": "grace"}]


def test_list_parameter_takes_its_number_of_values(ada: User, grace: User, root: User) -> None:
    by_ids = User.objects.filter(pk__in=list_parameter("ids", UUIDField(), 2))
    query = CompiledQuery(by_ids.order_by("username").values("username"))

    assert query.tuples(ids=[grace.pk, ada.pk]) == [("ada",), ("grace",)]
    assert query.tuples(ids=[root.pk, root.pk]) == [("root",)]
    by_no_ids = User.objects.filter(pk__in=list_parameter("ids", UUIDField(), 0))
    assert CompiledQuery(by_no_ids.values("username")).tuples(ids=[]) == []


def test_results_are_not_kept(ada: User) -> None:
    query = CompiledQuery(users("username"))
    assert query.rows() == [{"username": "ada"}]

    User.objects.filter(pk=ada.pk).update(username="augusta")

    assert query.rows() == [{"username": "augusta"}]


def test_postgresql_keeps_the_plan_of_a_prepared_query(ada: User, grace: User) -> None:
    by_id = User.objects.filter(pk=Parameter("id", UUIDField()))
    query = CompiledQuery(by_id.values(*COLUMNS), is_prepared=True)

    for user in (ada, grace) * 4:
        assert query.rows(id=user.pk) == list(User.objects.filter(pk=user.pk).values(*COLUMNS))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            statements = [row[0] for row in cursor.fetchall()]
        assert any(statement.endswith('WHERE "users"."id" = ($1)') for statement in statements)


def test_impossible_filter_asks_the_database_nothing(ada: User) -> None:
    query = CompiledQuery(users("username").filter(pk__in=[]))

    with CaptureQueriesContext(connection) as queries:
        assert query.rows() == []

    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
def test_each_thread_uses_its_own_connection(ada: User) -> None:
    query = CompiledQuery(users(*COLUMNS))

    def rows() -> list[dict[str, Any]]:
        try:
            return query.rows()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(rows).result() == query.rows() != []


def test_only_measured_modules_compile_queries() -> None:
    root = Path(settings.BASE_DIR)
    apps = ("clawstore", "foundation", "moderation", "profiles", "registry", "reviews", "wordclaw")
    modules = {
        str(path.relative_to(root))
        for app in apps
        for path in (root / app).rglob("*.py")
        if COMPILED_IMPORT.search(path.read_text(encoding="utf-8"))
    }

    assert modules == MODULES_WITH_HOT_QUERIES
