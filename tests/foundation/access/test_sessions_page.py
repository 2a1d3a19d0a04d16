"""The page of sessions: listing and ending them."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from foundation.access.actions import end_other_sessions
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.refusals import InsufficientScope

pytestmark = pytest.mark.once

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def signed_in(user: User, agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    client.post("/signin", {"login": user.username})
    return client


def test_session_is_listed_with_browser_and_address(ada: User, grace: User) -> None:
    here, _ = signed_in(ada), signed_in(ada, PHONE, "2001:db8::1")
    signed_in(grace, address="198.51.100.9")

    page = here.get("/account/sessions").content.decode()

    assert page.count("<article") == 2
    assert "Firefox on Linux" in page
    assert "Safari on iOS" in page
    assert "2001:db8::1" in page
    assert "198.51.100.9" not in page
    assert page.index("Firefox on Linux") < page.index("Current session")
    assert page.index("Current session") < page.index("Safari on iOS")


def test_single_session_can_be_ended(ada: User) -> None:
    here, other_client = signed_in(ada), signed_in(ada, PHONE)
    number = UserSession.objects.get(session_key=other_client.session.session_key).pk

    first = here.post("/account/sessions/end", {"session": number})
    second = here.post("/account/sessions/end", {"session": number})

    assert first["Location"] == "/account/sessions?ended=1"
    assert second["Location"] == "/account/sessions?ended=0"
    assert other_client.get("/account").status_code == 302
    assert here.get("/account").status_code == 200
    assert AuditLog.objects.filter(action="session.ended").count() == 1


def test_all_other_sessions_can_be_ended(ada: User) -> None:
    here, other_client, third_client = signed_in(ada), signed_in(ada), signed_in(ada)

    page = here.post("/account/sessions/end", {"session": "others"}, follow=True)

    assert b"2 sessions ended" in page.content
    assert [
        client.get("/account").status_code for client in (here, other_client, third_client)
    ] == [
        200,
        302,
        302,
    ]


@pytest.mark.parametrize("key", ["", "-1", "0", "9" * 30, "²", "everything"])
def test_session_of_another_user_cannot_be_ended(ada: User, grace: User, key: str) -> None:
    here, other_browser = signed_in(ada), signed_in(grace)
    number = key or str(UserSession.objects.get(session_key=other_browser.session.session_key).pk)

    answer = here.post("/account/sessions/end", {"session": number})

    assert answer["Location"] == "/account/sessions?ended=0"
    assert other_browser.get("/account").status_code == 200
    assert here.get("/account/sessions?ended=%C2%B2").status_code == 200


def test_key_may_not_end_a_session(ada: User) -> None:
    with pytest.raises(InsufficientScope):
        end_other_sessions("", by=Actor(user=ada, scopes=frozenset({"read"})))


def test_last_visit_is_updated_at_intervals(ada: User) -> None:
    here = signed_in(ada)
    session = UserSession.objects.get()
    long_ago = now() - timedelta(days=2)
    UserSession.objects.update(last_seen_at=long_ago, ip="203.0.113.5")

    here.get("/account")  # The sign-in is recent, so nothing is written.
    session.refresh_from_db()
    assert session.last_seen_at == long_ago
    active_session = here.session
    active_session["seen_at"] = int(long_ago.timestamp())
    active_session.save()
    here.get("/account")
    session.refresh_from_db()
    assert now() - session.last_seen_at < timedelta(minutes=1)
    assert session.ip == "192.0.2.7"
