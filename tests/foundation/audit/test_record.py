"""The audit log is written in the transaction of the change."""

import pytest
from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.actions import NotInTransaction, record
from foundation.audit.models import AuditLog
from foundation.clock import iso, now


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_raises() -> None:
    with pytest.raises(NotInTransaction):
        record("thing.happened", "thing", "one", by=ANONYMOUS)

    assert AuditLog.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_event_is_rolled_back_with_its_transaction() -> None:
    class Broken(Exception):
        pass

    def change() -> None:
        with transaction.atomic():
            record("thing.happened", "thing", "one", by=ANONYMOUS)
            raise Broken

    with pytest.raises(Broken):
        change()

    assert AuditLog.objects.count() == 0


@pytest.mark.once
def test_event_has_actor_object_and_origin(ada: User) -> None:
    before = now()
    by = Actor(user=ada, door="page", address_hash="a" * 64, request_id="request-1")

    record("thing.happened", "thing", "one", by=by, colour="red", number=5)

    row = AuditLog.objects.get(action="thing.happened")
    assert (row.entity_type, row.entity_id) == ("thing", "one")
    assert row.details == {"colour": "red", "number": 5}
    assert (row.user_id, row.api_key_id, row.door) == (ada.pk, None, "page")
    assert (row.address_hash, row.request_id) == ("a" * 64, "request-1")
    assert before <= row.created_at <= now()


@pytest.mark.once
def test_times_are_whole_milliseconds_in_utc() -> None:
    moment = now()

    assert moment.microsecond % 1000 == 0
    assert iso(moment) == moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment:%f}"[:3] + "Z"
