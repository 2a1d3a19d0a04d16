"""A suspended account has no key, session or sign-in until it is lifted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.access.actions import (
    resolve_key,
)
from foundation.accounts.errors import (
    AccountHasLeft,
    InvalidSuspensionReason,
    OperatorsAccount,
    OwnAccount,
)
from foundation.accounts.models import Suspension, User
from foundation.accounts.rules import suspended_token
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope, Refusal, Unauthenticated
from moderation.actions import lift_suspension, suspend_account
from registry.errors import NotMaintainer
from registry.models import Agent
from tests.support.factories import make_agent, make_version


def suspend(user: User, by: Actor, reason: str = "Spam, again and again.") -> bool:
    return suspend_account(user, reason=reason, by=by)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_suspension_ends_keys_and_sessions(
    ada: User, root: User, as_root: Actor, key_for: Callable[..., str], client: Client
):
    key = key_for(ada, "read")
    client.post("/signin", {"login": "ada"})
    assert client.get("/account/notices").status_code == 200
    make_version(make_agent(ada))

    assert suspend(ada, as_root) is True

    assert resolve_key(key) is None
    assert client.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert client.get("/account/notices").status_code == 302
    assert client.get("/v1/me").status_code == 401
    suspension = Suspension.objects.get()
    assert (suspension.reason, suspension.suspended_by_user_id) == (
        "Spam, again and again.",
        root.pk,
    )
    assert AuditLog.objects.filter(action="account.suspended", entity_id="ada").count() == 1
    assert Agent.objects.get().is_listed
    assert suspend(ada, as_root, "Again.") is False
    assert Suspension.objects.count() == 1


def test_suspended_user_who_signs_in_sees_the_reason(ada: User, as_root: Actor, client: Client):
    suspend(ada, as_root)

    page = client.post("/signin", {"login": "ada"}, follow=True)

    assert page.request["PATH_INFO"] == "/suspended"
    assert "Spam, again and again." in page.text
    assert "/appeals/new?decision=" in page.text
    assert "private" in page["Cache-Control"]
    assert "_auth_user_id" not in client.session


@pytest.mark.once
def test_suspension_page_needs_a_current_suspension(ada: User, client: Client, as_root: Actor):
    for query in ("", "?for=garbage", f"?for={suspended_token(ada)}"):
        answer = client.get(f"/suspended{query}")
        assert (answer.status_code, answer["Location"][:7]) == (302, "/signin")


@pytest.mark.once
def test_signed_in_user_is_sent_from_the_suspension_page_to_appeals(ada: User, client: Client):
    client.force_login(ada)

    assert client.get("/suspended")["Location"] == "/appeals"


@pytest.mark.once
def test_lifted_suspension_allows_sign_in_and_revives_no_key(
    ada: User, root: User, as_root: Actor, key_for: Callable[..., str], client: Client
):
    key = key_for(ada, "read")
    suspend(ada, as_root)

    assert lift_suspension(ada, reason="A mistake.", by=as_root) is True

    client.post("/signin", {"login": "ada"})
    assert client.get("/v1/me").status_code == 200
    assert resolve_key(key) is None
    lifted_suspension = Suspension.objects.get()
    assert (lifted_suspension.lifted_reason, lifted_suspension.lifted_by_user_id) == (
        "A mistake.",
        root.pk,
    )
    assert lift_suspension(ada, reason="Again.", by=as_root) is False
    assert suspend(ada, as_root) is True


@pytest.mark.once
def test_user_who_may_not_suspend_is_refused_and_changes_nothing(
    ada: User, grace: User, root: User, as_root: Actor
):
    boss = User.objects.create_user("boss", is_superuser=True)
    former_member = User.objects.create_user("former~bcdfghjk", is_active=False)
    refusals: list[tuple[type[Refusal], Callable[[], Any]]] = [
        (Unauthenticated, lambda: suspend(ada, ANONYMOUS)),
        (NotMaintainer, lambda: suspend(ada, Actor(user=grace))),
        (InsufficientScope, lambda: suspend(ada, Actor(user=root, scopes=frozenset({"read"})))),
        (OwnAccount, lambda: suspend(root, as_root)),
        (OperatorsAccount, lambda: suspend(boss, as_root)),
        (AccountHasLeft, lambda: suspend(former_member, as_root)),
        (InvalidSuspensionReason, lambda: suspend(ada, as_root, "  ")),
        (InvalidSuspensionReason, lambda: suspend(ada, as_root, "x" * 2001)),
        (NotMaintainer, lambda: lift_suspension(ada, reason="x", by=Actor(user=grace))),
    ]

    for refusal, attempt in refusals:
        with pytest.raises(refusal):
            attempt()
    assert Suspension.objects.count() == 0
    assert fresh(ada).is_active


@pytest.mark.once
def test_suspended_maintainer_may_not_moderate(ada: User, root: User, as_root: Actor):
    from clawstore.roles import grant_role

    grant_role(ada, "maintainer", by=as_root)
    suspend(ada, as_root)

    with pytest.raises(NotMaintainer):
        suspend(root, Actor(user=fresh(ada)))
