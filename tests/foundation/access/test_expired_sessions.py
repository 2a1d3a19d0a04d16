"""Expired sessions are deleted together with their addresses."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from foundation.access.actions import delete_expired_sessions
from foundation.accounts.models import User
from foundation.clock import now

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> str:
    """The key of a new session of this user, begun two hours ago."""
    client = Client()
    client.force_login(user)
    client.get("/agents")
    key = client.session.session_key or ""
    UserSession.objects.update_or_create(
        session_key=key,
        defaults={"user": user, "ip": "203.0.113.9", "user_agent": "", "data": {}},
    )
    UserSession.objects.filter(session_key=key).update(created_at=now() - timedelta(hours=2))
    return key


def test_expired_sessions_are_deleted_and_open_ones_stay(ada: User, grace: User):
    ended_session, open_ = signed_in(ada), signed_in(grace)
    Session.objects.filter(session_key=ended_session).update(
        expire_date=now() - timedelta(seconds=1)
    )

    assert delete_expired_sessions() == 1

    assert list(Session.objects.values_list("session_key", flat=True)) == [open_]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [open_]
    assert delete_expired_sessions() == 0
