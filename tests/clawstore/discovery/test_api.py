"""A program learns what the shop offers, and what its credential may do."""

from datetime import timedelta

import pytest
from django.test import override_settings

from foundation.access.actions import create_key, revoke_key
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from foundation.limits.actions import count_use
from foundation.limits.declarations import get_limit
from tests.support.http import Api
from wordclaw.policy.actions import find_domain
from wordclaw.policy.models import DomainMember

pytestmark = pytest.mark.once


def test_capabilities_are_those_of_this_shop(api: Api) -> None:
    with override_settings(PAYMENT_PROVIDER="disabled", TRUSTED_ISSUERS=()):
        answer = api.get("/v1/capabilities").json()

    assert answer["openapi"].endswith("/v1/openapi.json")
    assert answer["mcp"].endswith("/mcp")
    assert answer["features"]["payments"] is False
    assert answer["features"]["trustedPublishing"] is False
    assert "agents:publish" in [scope["name"] for scope in answer["scopes"]]
    assert {"name": "publish", "max": 20, "seconds": 3600, "per": "user"} in answer["limits"]


def test_key_learns_what_it_may_do(ada: User, grace: User, api: Api) -> None:
    domain = find_domain("grace", Actor(user=grace))
    DomainMember.objects.create(
        domain=domain, user=ada, role="editor", invited_by=grace, accepted_at=now()
    )
    count_use(get_limit("publish"), f"user:{ada.pk}")
    _, raw = create_key(ada, name="k", scopes=["reviews:write"], by=Actor(user=ada))

    answer = api.get("/v1/whoami", key=raw).json()

    assert answer["actor"] == {"login": "ada", "scope": "ada"}
    assert answer["scopes"] == ["reviews:write"]
    assert answer["domains"] == [
        {"name": "ada", "role": "owner"},
        {"name": "grace", "role": "editor"},
    ]
    (limit,) = [limit for limit in answer["limits"] if limit["name"] == "publish"]
    assert limit["remainingUses"] == 19
    assert raw not in str(answer)


def test_bound_key_sees_its_own_domain_alone(ada: User, grace: User, api: Api) -> None:
    DomainMember.objects.create(
        domain=find_domain("grace", Actor(user=grace)),
        user=ada,
        role="admin",
        invited_by=grace,
        accepted_at=now(),
    )
    _, raw = create_key(
        ada, name="k", scopes=["agents:publish"], bound_to="@grace/coach", by=Actor(user=ada)
    )

    answer = api.get("/v1/whoami", key=raw).json()

    assert answer["key"]["boundTo"] == "@grace/coach"
    assert answer["domains"] == [{"name": "grace", "role": "admin"}]


def test_nobody_is_anonymous_and_a_dead_key_is_refused(ada: User, api: Api) -> None:
    key, raw = create_key(
        ada, name="k", scopes=["read"], expires_at=now() + timedelta(days=1), by=Actor(user=ada)
    )
    revoke_key(key.pk, by=Actor(user=ada))

    assert api.get("/v1/whoami").json()["actor"] == "anonymous"
    assert api.get("/v1/whoami", key=raw).status_code == 401
