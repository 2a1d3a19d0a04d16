"""Bulk inserts and updates store what Django's own would store."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from foundation.accounts.models import User
from foundation.bulk_writes import BulkInsert, BulkUpdate
from registry.models import Agent, Category, SearchWord
from tests.support.factories import make_agent

LONG_AGO = datetime(2001, 2, 3, 4, 5, 6, 789000, UTC)


def test_bulk_insert_stores_values_and_defaults(ada: User) -> None:
    ids = [uuid4(), uuid4()]
    columns = ("id", "scope", "name", "owner_user_id", "category", "created_at", "avg_rating")
    agents = BulkInsert(Agent, columns)
    agents.insert((key, "ada", str(key), ada.pk, "other", LONG_AGO, None) for key in ids)

    rows = list(Agent.objects.order_by("pk"))
    assert sorted(ids) == [row.pk for row in rows]
    for row in rows:
        assert (row.category_id, row.created_at, row.avg_rating) == ("other", LONG_AGO, None)
        # Of the model, of the database, and computed by the database.
        assert (row.folded_name, row.row_facts, row.version_count) == ("", {}, 0)
        assert row.search_weight == 3


def test_bulk_insert_of_nothing_does_nothing(db: None) -> None:
    BulkInsert(Category, ("id", "name", "icon", "sort_order")).insert([])


def test_bulk_insert_replaces_named_columns_of_present_rows(db: None) -> None:
    words = BulkInsert(
        SearchWord,
        ("word", "stem", "german_stem", "agents"),
        replace=("agents",),
        unique=("word",),
    )
    words.insert([("plans", "plan", "plan", 1)])
    words.insert([("plans", "", "", 2), ("plan", "plan", "plan", 3)])

    rows = SearchWord.objects.order_by("word").values_list("word", "stem", "agents")
    assert list(rows) == [("plan", "plan", 3), ("plans", "plan", 2)]


def test_bulk_insert_of_a_present_key_fails(db: None) -> None:
    categories = BulkInsert(Category, ("id", "name", "icon", "sort_order"))
    with pytest.raises(IntegrityError), transaction.atomic():
        categories.insert([("other", "Other", "box", 1)])


def test_bulk_update_stores_values_of_each_row(ada: User) -> None:
    agents = [make_agent(ada, name) for name in ("first", "second", "third")]
    columns = ("row_facts", "days_between_versions")
    BulkUpdate(Agent, columns).update([(agents[0].pk, {"icon": None}, 3), (agents[1].pk, {}, None)])

    rows = Agent.objects.order_by("name").values_list("row_facts", "days_between_versions")
    assert list(rows) == [({"icon": None}, 3), ({}, None), ({}, None)]
