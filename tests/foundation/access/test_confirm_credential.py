"""A credential that ends while a request runs stores nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from foundation.access.actions import end_all_access, record_session_use
from foundation.access.confirmation import confirm_credential
from foundation.accounts.actions import end_sessions
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from foundation.refusals import Unauthenticated
from registry.models import Draft
from registry.publishing import actions as draft_actions
from tests.support.packages import tarball
from tests.support.uploads import tgz

End = Callable[[User], object]


def session_of(user: User) -> tuple[Client, Actor]:
    browser = Client()
    browser.force_login(user)
    key = browser.session.session_key
    assert key
    record_session_use(key, user.pk, address="192.0.2.1", user_agent="")
    return browser, Actor(user=user, session_key=key, door="page")


def end_password(user: User) -> None:
    row = User.objects.get(pk=user.pk)
    end_sessions(row)
    row.save()


ENDS: dict[str, End] = {
    "sign-out everywhere": lambda user: end_all_access(user, by=Actor(user=user)),
    "sign-out": lambda user: Session.objects.all().delete(),
    "expiry": lambda user: Session.objects.update(expire_date=now() - timedelta(seconds=1)),
    "password": end_password,
    "suspension": lambda user: User.objects.update(is_active=False),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=list(ENDS))
def test_ended_session_is_refused(ada: User, end: End) -> None:
    by = session_of(ada)[1]
    confirm_credential(by)
    end(ada)

    with pytest.raises(Unauthenticated):
        confirm_credential(by)
    with pytest.raises(Unauthenticated), transaction.atomic():
        confirm_credential(by)


@pytest.mark.once
@pytest.mark.parametrize("end", [ENDS["sign-out everywhere"], ENDS["sign-out"]])
def test_session_that_ends_during_an_upload_stores_no_draft(
    ada: User, stored_files: Callable[[], list[str]], end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = session_of(ada)[0]
    check_upload = draft_actions.check_upload

    def check_slowly(*args: Any, **kwargs: Any) -> Any:
        end(ada)
        return check_upload(*args, **kwargs)

    monkeypatch.setattr(draft_actions, "check_upload", check_slowly)

    answer = browser.post("/publish", {"tarball": tgz(tarball()), "channel": ""})

    assert answer.status_code in (302, 401)
    assert Draft.objects.count() == 0
    assert stored_files() == []
