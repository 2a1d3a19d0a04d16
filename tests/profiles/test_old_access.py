"""Access ends some days after the last sign-in."""

from datetime import timedelta

import pytest

from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from profiles.actions import end_old_access

pytestmark = [pytest.mark.once, pytest.mark.django_db]
WORKER = Actor(door="worker")


@pytest.mark.parametrize(
    ("days_ago", "setting", "count"), [(31, 30, 1), (29, 30, 0), (31, 0, 0), (None, 30, 0)]
)
def test_old_access_ends(
    ada: User, key_for, settings, days_ago: int | None, setting: int, count: int
) -> None:
    settings.SIGN_IN_EVERY_DAYS = setting
    key_for(ada, "read")
    moment = None if days_ago is None else now() - timedelta(days=days_ago)
    User.objects.filter(pk=ada.pk).update(last_login=moment)

    assert end_old_access(by=WORKER) == count

    assert ApiKey.objects.active().filter(created_by=ada).count() == 1 - count
    # Once: the next run finds nothing to end.
    assert end_old_access(by=WORKER) == 0
