"""No page and no email names the maintainer who decided."""

import pytest
from django.core import mail
from django.test import Client

from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from moderation.actions import (
    decide_appeal,
    post_appeal,
    report_agent,
    resolve_report,
    suspend_account,
)
from moderation.models import Appeal
from moderation.queries import decisions_about
from profiles.models import Profile
from registry.agents.actions import delist_agent, withhold_version, yank_version
from registry.models import Agent
from tests.support.factories import make_agent, make_user, make_version

pytestmark = pytest.mark.once

NAME, LOGIN = "Xantippe Decider", "xantippe"


@pytest.fixture
def decider(db: None) -> Actor:
    user = make_user(LOGIN, maintainer=True)
    Profile.objects.filter(user=user).update(display_name=NAME)
    return Actor(user=user, door="admin")


@pytest.fixture
def coach(ada: User) -> Agent:
    agent = make_agent(ada)
    for number in ("1.0.0", "1.1.0", "1.2.0"):
        make_version(agent, number)
    return agent


def assert_unnamed(client: Client, *addresses: str) -> None:
    for address in addresses:
        response = client.get(address)
        assert response.status_code in (200, 410, 451), address
        assert NAME not in response.text, address
        assert LOGIN not in response.text, address


def test_no_page_names_the_maintainer_who_decided(
    coach: Agent, ada: User, as_ada: Actor, as_grace: Actor, decider: Actor, client: Client
) -> None:
    User.objects.update(email="person@example.org")
    report = report_agent(coach.pk, reason="spam", details="Bad.", by=as_grace)
    yank_version(coach, "1.0.0", reason="Bad.", by=decider)
    withhold_version(coach, "1.1.0", reason="malware", text="Bad.", by=decider)
    resolve_report(report.pk, status="resolved", notes="Bad.", by=decider)
    page = "/agents/@ada/coach"
    for visitor in (None, ada):
        if visitor:
            client.force_login(visitor)
        assert_unnamed(
            client,
            *(page, f"{page}/versions", f"{page}/versions/1.0.0", f"{page}/versions/1.1.0"),
            *("/feeds/yanks.atom", f"/reports/{report.pk}", "/v1/agents/ada/coach"),
            *("/v1/agents/ada/coach/versions", "/v1/agents/ada/coach/versions/1.0.0"),
        )
    assert "by a maintainer" in client.get(f"{page}/versions").text

    delist_agent(coach, reason="Bad.", by=decider)
    post_appeal(decisions_about(ada)[0].event.pk, text="No.", by=as_ada)
    decide_appeal(Appeal.objects.get().pk, uphold=False, notes="Bad.", by=decider)
    assert_unnamed(client, page, "/appeals", "/publish/agents")

    suspend_account(ada, reason="Bad.", by=decider)
    assert_unnamed(client, *(f"{p}?for={suspended_token(ada)}" for p in ("/suspended", "/appeals")))
    run_due_jobs()
    assert len(mail.outbox) >= 6
    assert not any(name in message.body for message in mail.outbox for name in (NAME, LOGIN))


def test_an_author_who_yanks_is_named_by_their_role(
    coach: Agent, as_ada: Actor, client: Client
) -> None:
    yank_version(coach, "1.0.0", reason="Bad.", by=as_ada)

    assert "by the publisher" in client.get("/agents/@ada/coach/versions").text
