"""Trust signals with their sources."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now, today
from registry.agents.actions import withhold_version
from registry.agents.rows import list_rows
from registry.agents.trust import get_trust_facts
from registry.downloads.recorder import EventKind, make_event, record_event
from registry.downloads.rolling import roll_sums
from registry.models import Agent, DownloadDay, VersionDiff
from tests.support.factories import make_agent, make_version

# --- Facts -----------------------------------------------------------------------------------


@pytest.fixture
def agent(ada: User) -> Agent:
    User.objects.filter(pk=ada.pk).update(created_at=datetime(2026, 1, 2, tzinfo=UTC))
    ada.refresh_from_db()
    return make_agent(ada, downloads_30d=9, networks_30d=7)


@pytest.mark.once
def test_release_rhythm_follows_the_versions(agent: Agent) -> None:
    moment = now()
    for days_ago, number in ((400, "1.0.0"), (20, "1.1.0"), (10, "1.2.0"), (1, "1.3.0")):
        make_version(agent, number, uploaded_at=moment - timedelta(days=days_ago))

    facts = get_trust_facts(agent)

    assert (facts.versions, facts.versions_this_year, facts.days_between_versions) == (4, 3, 10)
    assert facts.publisher_since == datetime(2026, 1, 2, tzinfo=UTC)
    assert (facts.networks_30d, facts.signed_in_installs_30d) == (7, 0)
    assert (facts.github_since, facts.github_login) == (None, None)


def test_signed_in_install_counts_once_per_user_version_and_day(agent: Agent, grace: User) -> None:
    version = make_version(agent)
    for _ in range(2):
        record_event(make_event(version, EventKind.DOWNLOAD, network="n", user_id=None))
        record_event(make_event(version, EventKind.INSTALL, network="n", user_id=grace.pk))

    agent.refresh_from_db()
    assert get_trust_facts(agent).signed_in_installs_30d == 1
    DownloadDay.objects.update(day=today() - timedelta(days=30))
    assert roll_sums() == 1
    agent.refresh_from_db()
    assert get_trust_facts(agent).signed_in_installs_30d == 0


@pytest.mark.once
@pytest.mark.parametrize(
    ("account_data", "since"),
    [
        ({"login": "Ada", "created_at": "2011-01-25T18:44:36Z"}, datetime(2011, 1, 25, tzinfo=UTC)),
        ({"login": "Ada"}, None),
        ({"login": "Ada", "created_at": None}, None),
        ({"login": "Ada", "created_at": "yesterday"}, None),
        ({"login": "Ada", "created_at": "2011-01-25"}, None),
        ([], None),
    ],
)
def test_github_facts_are_shown_if_verified(
    agent: Agent, ada: User, account_data: Any, since: datetime | None
) -> None:
    SocialAccount.objects.create(user=ada, provider="github", uid="7", extra_data=account_data)

    facts = get_trust_facts(agent)

    assert (facts.github_since and facts.github_since.date()) == (since and since.date())
    assert facts.github_login == ("Ada" if since else None)


@pytest.mark.once
def test_trust_takes_a_constant_number_of_queries(agent: Agent) -> None:
    def cost() -> int:
        stored_agent = Agent.objects.with_owner().get(pk=agent.pk)
        with CaptureQueriesContext(connection) as queries:
            get_trust_facts(stored_agent)
        return len(queries)

    make_version(agent)
    before = cost()
    for patch in range(1, 9):
        make_version(agent, f"1.0.{patch}")

    assert cost() == before == 2


# --- In rows ---------------------------------------------------------------------------------


@pytest.mark.once
def test_row_has_the_trust_facts_of_the_page(agent: Agent) -> None:
    moment = now()
    for days_ago, number in ((400, "1.0.0"), (20, "1.1.0"), (10, "1.2.0"), (1, "1.3.0")):
        make_version(agent, number, uploaded_at=moment - timedelta(days=days_ago))
    Agent.objects.update(signed_in_30d=3)

    (row,) = list_rows(Agent.objects.all())

    agent.refresh_from_db()
    page = get_trust_facts(agent)
    names = {field.name for field in fields(row.trust)} - {"grew_at"}
    assert {name: getattr(row.trust, name) for name in names} == {
        name: getattr(page, name) for name in names
    }
    assert row.version == "1.3.0"


def grow(agent: Agent, old: str, new: str, **columns: Any) -> None:
    versions = {version.version: version for version in agent.versions.all()}
    VersionDiff.objects.create(
        old_version=versions[old],
        new_version=versions[new],
        rule_set="1",
        summary={},
        hunks=[],
        **({"is_adjacent": True, "asks_for_more": True} | columns),
    )


@pytest.mark.once
def test_row_has_the_date_of_the_last_capability_growth(agent: Agent, as_root: Actor) -> None:
    moment = now()
    for days_ago, number in enumerate(("1.3.0", "1.2.0", "1.1.0", "1.0.0")):
        make_version(agent, number, uploaded_at=moment - timedelta(days=days_ago))
    grow(agent, "1.0.0", "1.1.0")
    grow(agent, "1.1.0", "1.2.0")
    grow(agent, "1.2.0", "1.3.0", asks_for_more=False)
    grow(agent, "1.0.0", "1.3.0", is_adjacent=False)

    def grew() -> datetime | None:
        return list_rows(Agent.objects.all())[0].trust.grew_at

    assert grew() == moment - timedelta(days=1)
    withhold_version(agent, "1.2.0", reason="malware", text="It is one", by=as_root)
    assert grew() == moment - timedelta(days=2)


def test_trust_of_rows_takes_a_constant_number_of_queries(ada: User, grace: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            list_rows(Agent.objects.all())
        return len(queries)

    for owner in (ada, grace):
        first = make_agent(owner)
        make_version(first, "1.0.0")
        make_version(first, "1.1.0")
        grow(first, "1.0.0", "1.1.0")
        if owner is ada:
            before = cost()
    for number in range(5):
        make_version(make_agent(ada, f"more-{number}"))

    assert cost() == before == 2
    assert len(list_rows(Agent.objects.all())) == 7


@pytest.mark.once
def test_agent_without_a_listed_version_has_no_row(agent: Agent, as_root: Actor) -> None:
    make_version(agent, "1.0.0")
    assert len(list_rows(Agent.objects.all())) == 1

    withhold_version(agent, "1.0.0", reason="malware", text="It is one", by=as_root)

    assert list_rows(Agent.objects.all()) == []
