"""Emails: once per job, only wanted kinds, with a link to the settings."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.notices.actions import send_notice, set_notice_preferences
from foundation.notices.models import NoticePreference, SentNotice
from foundation.notices.queries import notice_choices
from foundation.notices.rules import notice_kinds, preferences_token

KINDS = [
    *("review", "decision", "reported", "report", "appeal", "account", "invitation"),
    *("content_review", "form_received", "form_answered", "webhook_disabled"),
    *("following", "transfer"),
]
CHOOSE = "https://shop.example/account/notices?for=x"
PAGE = "/account/notices"


def send(user: User, kind: str = "review", **options: Any) -> bool:
    defaults = {"subject": "A review", "text": "Four stars.", "cause": uuid4()}
    return send_notice(user, kind, **(defaults | {"preferences_url": CHOOSE} | options))


@pytest.mark.once
def test_notice_is_a_plain_email_with_an_unsubscribe_link(ada: User):
    assert send(ada) is True

    (message,) = mail.outbox
    assert (message.to, message.subject, message.body) == (
        ["ada@localhost.localdomain"],
        "[Clawstore] A review",
        "Four stars.\n",
    )
    assert message.extra_headers["List-Unsubscribe"] == f"<{CHOOSE}>"
    # The name of the shop, not that of the machine.
    assert message.message()["Message-ID"].endswith("@127.0.0.1>")


def test_repeated_job_sends_one_email(ada: User, grace: User):
    cause = uuid4()

    assert [send(user, cause=cause) for user in (ada, ada, grace)] == [True, False, True]
    assert [message.to[0].split("@")[0] for message in mail.outbox] == ["ada", "grace"]
    assert send(ada) is True


@pytest.mark.once
def test_disabled_notice_is_not_sent(ada: User, as_ada: Actor):
    set_notice_preferences(ada, ["report", "nonsense"], by=as_ada)

    assert [send(ada, kind) for kind in KINDS] == [kind == "report" for kind in KINDS]
    assert NoticePreference.objects.count() == len(KINDS)


@pytest.mark.parametrize("columns", [{"email": ""}, {"is_active": False}])
def test_user_who_cannot_be_reached_gets_no_email(ada: User, columns: dict[str, Any]):
    User.objects.filter(pk=ada.pk).update(**columns)

    assert send(User.objects.get(pk=ada.pk)) is False
    assert (mail.outbox, SentNotice.objects.count()) == ([], 0)


def test_suspended_user_gets_the_notice(ada: User):
    User.objects.filter(pk=ada.pk).update(is_active=False)
    ada.suspensions.create(reason="Spam.")

    assert send(User.objects.get(pk=ada.pk), "account") is True


@pytest.mark.once
def test_subject_is_one_short_line(ada: User):
    send(ada, subject="About\nBcc: grace@example.org " + "x" * 300)

    assert "\n" not in mail.outbox[0].subject
    assert len(mail.outbox[0].subject) == 150


@pytest.mark.once
def test_failed_email_is_not_recorded_as_sent(ada: User, settings: Any):
    settings.EMAIL_BACKEND = "tests.foundation.notices.test_notices.Broken"

    with pytest.raises(ConnectionError):
        send(ada)
    assert SentNotice.objects.count() == 0


class Broken:
    def __init__(self, **options: Any) -> None:
        raise ConnectionError


# --- The page --------------------------------------------------------------------------------


@pytest.mark.once
def test_every_kind_has_an_explanation():
    assert [kind.name for kind in notice_kinds()] == KINDS
    assert all(kind.title and kind.explanation for kind in notice_kinds())


def ticked(page: str) -> list[str]:
    return re.findall(r'name="kind"\s+value="(\w+)"[^>]*\schecked\s*>', page)


@pytest.mark.once
def test_signed_in_user_chooses_notices(ada: User, client: Client, as_ada: Actor):
    client.force_login(ada)

    assert ticked(client.get(PAGE).text) == KINDS
    answer = client.post(PAGE, {"kind": ["review", "account"]}, follow=True)

    assert answer.status_code == 200
    assert "Saved." in answer.text
    assert [c.kind.name for c in notice_choices(ada.pk) if c.is_on] == ["review", "account"]
    assert ticked(answer.text) == ["review", "account"]


def test_link_of_an_email_allows_only_choosing_notices(ada: User):
    client = Client(enforce_csrf_checks=True)
    address = f"{PAGE}?for={preferences_token(ada)}"

    page = client.get(address)
    assert "@ada" in page.text
    token = client.cookies["csrftoken"].value
    answer = client.post(address, {"csrfmiddlewaretoken": token}, follow=True)

    assert answer.status_code == 200
    assert [c.is_on for c in notice_choices(ada.pk)] == [False] * len(KINDS)
    assert "sessionid" not in client.cookies
    assert client.post(address, {}).status_code == 403


@pytest.mark.once
@pytest.mark.parametrize("spoil", [lambda t: t + "x", lambda t: "garbage", lambda t: t[:-9]])
def test_forged_link_is_refused(ada: User, client: Client, spoil: Any):
    assert client.get(f"{PAGE}?for={spoil(preferences_token(ada))}").status_code == 404


@pytest.mark.once
def test_notice_page_needs_a_session_or_a_link(client: Client, db: None):
    answer = client.get(PAGE)

    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == reverse("account_login")


@pytest.mark.once
def test_notice_page_is_private_and_takes_few_queries(
    ada: User, client: Client, django_assert_max_num_queries: Any
):
    client.force_login(ada)

    with django_assert_max_num_queries(6):
        answer = client.get(PAGE)
    assert "private" in answer["Cache-Control"]
