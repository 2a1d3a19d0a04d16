"""A query that is asked again: the same rows as the framework's own, and those of now."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField, F, QuerySet, UUIDField, Value
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.prepared import Parameter, Prepared, any_of

COLUMNS = ("id", "username", "email", "created_at", "is_staff")


def rows(*columns: str) -> QuerySet[User, dict[str, Any]]:
    return User.objects.order_by("username").values(*columns)


def test_it_gives_what_the_query_gives(ada: User, grace: User) -> None:
    asked = rows(*COLUMNS)[:1]

    assert Prepared(asked).rows() == list(asked)
    assert type(Prepared(asked).rows()[0]["created_at"]) is type(ada.created_at)


def test_annotations_stand_where_they_were_said(ada: User) -> None:
    asked = rows("username", "email").annotate(one=Value(1), again=F("username"))

    assert Prepared(asked).rows() == list(asked)
    assert list(Prepared(asked).rows()[0]) == ["username", "email", "one", "again"]


def test_a_parameter_is_said_when_it_is_asked(ada: User, grace: User) -> None:
    since = Parameter("since", DateTimeField())
    named = User.objects.filter(username=Parameter("name", CharField()), created_at__gte=since)
    prepared = Prepared(named.values("id", "username"))

    for user in (ada, grace):
        asked = {"name": user.username, "since": user.created_at}
        assert prepared.rows(**asked) == [{"id": user.pk, "username": user.username}]
        assert prepared.tuples(**asked) == [(user.pk, user.username)]
    later = ada.created_at + timedelta(seconds=1)
    assert prepared.rows(name="ada", since=later) == []
    with pytest.raises(KeyError, match="since"):
        prepared.rows(name="ada")


def test_an_id_is_a_parameter_too(ada: User, grace: User) -> None:
    prepared = Prepared(User.objects.filter(pk=Parameter("id", UUIDField())).values("username"))

    assert prepared.rows(id=grace.pk) == [{"username": "grace"}]


def test_several_values_are_said_when_it_is_asked(ada: User, grace: User, root: User) -> None:
    asked = User.objects.filter(pk__in=any_of("ids", UUIDField(), 2)).order_by("username")
    prepared = Prepared(asked.values("username"))

    assert prepared.tuples(ids=[grace.pk, ada.pk]) == [("ada",), ("grace",)]
    assert prepared.tuples(ids=[root.pk, root.pk]) == [("root",)]
    none = User.objects.filter(pk__in=any_of("ids", UUIDField(), 0))
    assert Prepared(none.values("username")).tuples(ids=[]) == []


def test_what_was_read_is_not_kept(ada: User) -> None:
    prepared = Prepared(rows("username"))
    assert prepared.rows() == [{"username": "ada"}]

    User.objects.filter(pk=ada.pk).update(username="augusta")

    assert prepared.rows() == [{"username": "augusta"}]


def test_what_cannot_be_is_not_asked_for(ada: User) -> None:
    prepared = Prepared(rows("username").filter(pk__in=[]))

    with CaptureQueriesContext(connection) as asked:
        assert prepared.rows() == []

    assert len(asked) == 0


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_through_its_own_connection(ada: User) -> None:
    prepared = Prepared(rows(*COLUMNS))

    def ask() -> list[dict[str, Any]]:
        try:
            return prepared.rows()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(ask).result() == prepared.rows() != []
