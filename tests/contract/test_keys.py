"""Every write of the API with every kind of key: a key does what it says, no more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponse

from clawstore.key_scopes import KEY_SCOPES
from foundation.access.actions import revoke_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from moderation.actions import report_agent, suspend_account
from moderation.models import Report
from registry.agents.actions import yank_version
from registry.models import Agent, AgentTransfer
from reviews.actions import post_review, reply_to_review
from reviews.models import Review
from tests.support.factories import make_agent, make_user, make_version
from tests.support.http import Api
from tests.support.openapi import operations
from tests.support.packages import manifest
from tests.support.rolled_back import rolled_back
from tests.support.uploads import parts

# Scopes are checked before a query, on every database alike.
pytestmark = pytest.mark.once

SCOPES = [scope.name for scope in KEY_SCOPES]


@dataclass(frozen=True)
class Write:
    """A write: its scope, the user who does it, and whether it is about the agent."""

    scope: str
    login: str
    body: Any = None
    is_about_agent: bool = True
    path: dict[str, str] = field(default_factory=dict)


AGENT = "/v1/agents/{scope}/{name}"
VERSION = AGENT + "/versions/{version}"
REVIEW = AGENT + "/reviews/{review_id}"
WRITES = {
    "POST /v1/agents/publish": Write("agents:publish", "ada"),
    f"POST {VERSION}/yank": Write("agents:yank", "ada", {"reason": "Bad."}),
    f"POST {VERSION}/unyank": Write("reports:moderate", "root", path={"version": "1.1.0"}),
    f"POST {VERSION}/deprecate": Write("agents:yank", "ada", {"reason": "Bad."}),
    f"POST {VERSION}/undeprecate": Write("agents:yank", "ada"),
    f"POST {AGENT}/deprecate": Write("agents:yank", "ada", {"reason": "Bad."}),
    f"POST {AGENT}/undeprecate": Write("agents:yank", "ada"),
    f"POST {AGENT}/transfer": Write(
        "domain:transfer", "ada", {"to": "@hedy", "confirm": "@ada/coach"}
    ),
    **{
        f"POST /v1/transfers/{{transfer_id}}/{answer}": Write("domain:transfer", login)
        for answer, login in (("accept", "grace"), ("decline", "grace"), ("cancel", "ada"))
    },
    f"POST {AGENT}/archive": Write("agents:yank", "ada"),
    f"POST {AGENT}/unarchive": Write("agents:yank", "ada"),
    f"POST {AGENT}/reviews": Write("reviews:write", "hedy", {"rating": 5}),
    f"PUT {REVIEW}": Write("reviews:write", "grace", {"rating": 4}),
    f"DELETE {REVIEW}": Write("reviews:write", "grace"),
    f"PUT {REVIEW}/reply": Write("reviews:write", "ada", {"body": "Thanks."}),
    f"DELETE {REVIEW}/reply": Write("reviews:write", "ada"),
    "PUT /v1/users/{login}/profile": Write(
        "profile:write", "ada", {"bio": "Countess."}, is_about_agent=False
    ),
    **{
        f"{method} /v1/following/{{kind}}/{{target}}": Write(
            "following:write",
            "grace",
            {"changes": ["asksForMore"]},
            is_about_agent=False,
            path={"kind": "agent", "target": "@ada/coach"},
        )
        for method in ("PUT", "DELETE")
    },
    "POST /v1/reports": Write("reports:write", "grace", {"reason": "spam", "details": "Bad."}),
    "POST /v1/reports/{report_id}/resolve": Write(
        "reports:moderate", "root", {"status": "resolved"}
    ),
}
# Some are a POST for the length of their body and change nothing; others have a token of their own.
WITHOUT_A_KEY = {
    "POST /v1/updates",
    "POST /v1/packages/check",
    "POST /v1/public/external-feedback",
    # Signed by the provider.
    "POST /v1/payments/webhooks/{provider}/settled",
    # Only a hint: the provider is asked.
    "POST /v1/payments/webhooks/lnbits/hint",
    # It gives a key.
    "POST /v1/trusted-publishing/token",
}
# The writes of the content runtime: tests/wordclaw/test_every_endpoint.py. Payments are confirmed
# with any key: tests/wordclaw/payments.
RUNTIME = ("/v1/domains/", "/v1/payments/{payment_hash}")


@dataclass
class Shop:
    """An agent of Ada with a review, a reply and a report, and a client."""

    api: Api
    agent: Agent
    review: Review
    report: Report
    key_for: Callable[..., str]

    def send(self, route: str, key: str) -> HttpResponse:
        write = WRITES[route]
        method, path = route.split(" ")
        path = path.format(
            **{
                "transfer_id": self.offer() if "{transfer_id}" in path else "",
                "scope": "ada",
                "name": "coach",
                "version": "1.0.0",
                "login": write.login,
                "review_id": self.review.pk,
                "report_id": self.report.pk,
                **write.path,
            }
        )
        if path.endswith("/publish"):
            return self.api.upload(path, parts(manifest(id="@ada/coach", version="2.0.0")), key=key)
        body = write.body
        if path.endswith("/reports"):
            body = body | {"agentId": str(self.agent.pk)}
        if method == "DELETE":
            return self.api.delete(path, key=key)
        return getattr(self.api, method.lower())(path, body, key=key)

    def offer(self) -> UUID:
        """The ID of a new offer of the agent to Grace."""
        transfer = AgentTransfer.objects.create(
            agent=self.agent,
            from_scope="ada",
            to_scope="grace",
            offered_by_id=self.agent.owner_user_id,
            expires_at=now() + timedelta(days=1),
        )
        return transfer.pk

    def key(self, login: str, *scopes: str, bound_to: str = "") -> str:
        return self.key_for(User.objects.get(username=login), *scopes, bound_to=bound_to)


@pytest.fixture
def shop(ada: User, grace: User, root: User, api: Api, key_for: Callable[..., str]) -> Shop:
    make_user("hedy")
    agent = make_agent(ada)
    for number in ("1.0.0", "1.1.0"):
        make_version(agent, number)
    yank_version(agent, "1.1.0", reason="Bad.", by=Actor(user=ada))
    review = post_review(agent, rating=3, by=Actor(user=grace))
    reply_to_review(review, body="Hm.", by=Actor(user=ada))
    report = report_agent(agent.pk, reason="other", details="Hm.", by=ANONYMOUS)
    return Shop(api, agent, review, report, key_for)


def answer(shop: Shop, route: str, key: str) -> tuple[int, str]:
    """Status and error code. All is rolled back; a refusal must change nothing."""
    with transaction.atomic():
        event_count = AuditLog.objects.count()
        response = shop.send(route, key)
        if response.status_code >= 400:
            assert AuditLog.objects.count() == event_count
        transaction.set_rollback(True)
    return response.status_code, response.json().get("error", {}).get("code", "")


def test_the_table_has_every_write() -> None:
    routes = {
        f"{method.upper()} {path}"
        for method, path, _ in operations()
        if method in ("post", "put", "delete", "patch") and not path.startswith(RUNTIME)
    }

    assert routes == WRITES.keys() | WITHOUT_A_KEY


def test_a_key_writes_only_with_the_scope(shop: Shop) -> None:
    for route in WRITES:
        with rolled_back():
            check_scopes(shop, route)


def check_scopes(shop: Shop, route: str) -> None:
    write = WRITES[route]
    refusal = (403, "insufficient_scope")
    keys = {
        "read-only": shop.key(write.login, "read"),
        "all other scopes": shop.key(write.login, *(s for s in SCOPES if s != write.scope)),
        "bound to another agent": shop.key(write.login, *SCOPES, bound_to="@ada/other"),
    }
    # A maintainer's key with the scope of moderation may do what it says.
    if write.login == "root":
        keys["device"] = shop.key(write.login, *(s for s in SCOPES if s != "reports:moderate"))

    answers = {kind: answer(shop, route, key) for kind, key in keys.items()}
    assert (route, answers) == (route, dict.fromkeys(keys, refusal))

    status, code = answer(shop, route, shop.key(write.login, write.scope))
    assert (route, status // 100, code) == (route, 2, "")
    bound = answer(shop, route, shop.key(write.login, write.scope, bound_to="@ada/coach"))
    assert (route, bound) == (route, (status, "") if write.is_about_agent else refusal)


def test_a_dead_key_writes_nothing(shop: Shop, as_root: Actor) -> None:
    for route in WRITES:
        with rolled_back():
            check_dead_keys(shop, route, as_root)


def check_dead_keys(shop: Shop, route: str, as_root: Actor) -> None:
    login = WRITES[route].login
    user = User.objects.get(username=login)
    revoked_key, unused_key = shop.key(login, *SCOPES), shop.key(login, *SCOPES)
    revoke_key(ApiKey.objects.get(key_prefix=revoked_key[:13]).pk, by=Actor(user=user))
    dead = {"revoked": revoked_key, "unknown": "claw_unknown"}
    if login != "root":
        suspend_account(user, reason="Bad.", by=as_root)
        dead["of a suspended user"] = unused_key

    answers = {kind: answer(shop, route, key) for kind, key in dead.items()}
    assert (route, answers) == (route, dict.fromkeys(dead, (401, "unauthorized")))
