"""Access ends some days after the last sign-in."""

from datetime import timedelta

import pytest
from django.test import Client

from clawstore.following.actions import feed_token_of
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from profiles.actions import end_old_access
from registry.provenance.actions import add_trusted_publisher, is_claimed

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


def test_feed_and_trusted_publishers_end_with_the_other_access(
    ada: User, as_ada: Actor, client: Client, settings
) -> None:
    """Neither has a sign-in or a key that could end."""
    settings.SIGN_IN_EVERY_DAYS = 30
    feed = f"/feeds/following/{feed_token_of(ada)}.atom"
    run = {"repository": "ada/coach", "workflow": "publish.yml", "refs": "main"}
    issuer_url = "https://token.actions.githubusercontent.com"
    add_trusted_publisher("@ada/coach", issuer_url=issuer_url, by=as_ada, **run)
    for days_ago, is_open in ((29, True), (31, False)):
        User.objects.filter(pk=ada.pk).update(last_login=now() - timedelta(days=days_ago))

        assert client.get(feed).status_code == (200 if is_open else 404)
        assert is_claimed("@ada/coach") == is_open
