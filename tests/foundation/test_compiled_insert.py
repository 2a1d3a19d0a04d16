"""A compiled insert adds the same row as `Model.save`."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.compiled_insert import CompiledInsert

ADD_EVENT = CompiledInsert(AuditLog)


def event(**changes: Any) -> AuditLog:
    values = {"details": {"text": "'\"\\ ünï %s ☃", "list": [1, None, 2.5]}, "action": "x.tested"}
    return AuditLog(**values | changes)


def test_compiled_insert_adds_the_same_row_as_save(ada: User) -> None:
    values = {"user": ada, "api_key_id": uuid.uuid4(), "created_at": now()}
    first, second = event(**values), event(**values)

    added_row = ADD_EVENT.add(first)
    second.save()

    rows = [AuditLog.objects.get(pk=row.pk) for row in (first, second)]
    assert model_to_dict(rows[0], exclude=["id"]) == model_to_dict(rows[1], exclude=["id"])
    assert rows[0].created_at == rows[1].created_at
    assert (added_row._state.adding, added_row._state.db) == (False, "default")


def test_empty_values_and_defaults_are_stored(ada: User) -> None:
    row = ADD_EVENT.add(AuditLog(action="x.tested"))

    stored_row = AuditLog.objects.get(pk=row.pk)
    assert (stored_row.user, stored_row.api_key_id, stored_row.details) == (None, None, {})


def test_key_that_is_taken_is_an_integrity_error(ada: User) -> None:
    row = ADD_EVENT.add(event())

    with pytest.raises(IntegrityError), transaction.atomic():
        ADD_EVENT.add(event(pk=row.pk))


def test_key_of_the_database_is_not_needed(ada: User) -> None:
    add_group = CompiledInsert(Group)

    add_group.add(Group(name="one"))
    add_group.add(Group(name="two"))

    names = Group.objects.filter(name__in=["one", "two"]).order_by("pk")
    assert list(names.values_list("name", flat=True)) == ["one", "two"]
