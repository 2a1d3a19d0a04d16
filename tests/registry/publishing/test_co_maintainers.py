"""Members of a publisher's domain publish in its scope."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.own_matters import refuse_own_matter
from moderation.errors import DecisionNotFound
from moderation.queries import decisions_about, find_decision
from registry.agents import actions as agent_actions
from registry.agents.actions import delist_agent, unyank_version, yank_version
from registry.errors import NotMaintainer, NotOwner, OwnAgent
from registry.models import Agent, Version
from registry.publishing import publish as publishing
from registry.publishing.actions import publish_draft, save_draft
from registry.publishing.errors import NotOfficial, ScopeMismatch
from registry.publishing.preview import build_preview
from reviews.actions import post_review
from reviews.errors import SelfReview
from tests.support.audit import last_audit_row
from tests.support.factories import SYSTEM
from tests.support.http import Api, client_of
from tests.support.packages import manifest
from tests.support.uploads import parts, publish, upload
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation, change_role, invite_member, remove_member
from wordclaw.policy.models import Domain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]


@pytest.fixture
def domain(as_ada: Actor) -> Domain:
    return find_domain("ada", as_ada)


@pytest.fixture
def member(domain: Domain, as_ada: Actor, as_grace: Actor) -> Actor:
    """Grace, an editor of Ada's domain."""
    invite_member(domain, login="grace", role="editor", by=as_ada)
    accept_invitation(domain, by=as_grace)
    return as_grace


@pytest.mark.once
def test_member_publishes_a_version_and_the_first_publisher_stays_the_owner(
    as_ada: Actor, member: Actor, client: Client
) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    version = publish(member, "@ada/coach", "1.1.0")

    assert version.uploaded_by_user_id == member.user_id
    assert version.agent.owner_user_id == as_ada.user_id
    page = client.get("/agents/@ada/coach").text
    assert page.index("@grace") > 0
    assert "grace" in client.get("/agents/@ada/coach/versions").text


@pytest.mark.once
def test_new_agent_of_a_member_belongs_to_the_holder_of_the_scope(
    as_ada: Actor, member: Actor
) -> None:
    version = publish(member, "@ada/tutor", "1.0.0")

    assert version.agent.owner_user_id == as_ada.user_id


@pytest.mark.once
@pytest.mark.parametrize("role", ["reviewer", "reader"])
def test_other_roles_do_not_publish(
    domain: Domain, as_ada: Actor, member: Actor, role: str
) -> None:
    change_role(domain, "grace", role=role, by=as_ada)

    with pytest.raises(ScopeMismatch):
        publish(member, "@ada/coach", "1.0.0")
    assert not Agent.objects.exists()


@pytest.mark.once
def test_invitation_gives_no_right_before_it_is_accepted(
    domain: Domain, as_ada: Actor, as_grace: Actor
) -> None:
    invite_member(domain, login="grace", role="admin", by=as_ada)

    with pytest.raises(ScopeMismatch):
        publish(as_grace, "@ada/coach", "1.0.0")


def test_removal_during_the_check_ends_the_right(
    domain: Domain, as_ada: Actor, member: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    store_files = publishing.store_files

    def remove_first(*args: Any, **options: Any) -> Any:
        remove_member(domain, "grace", by=as_ada)
        return store_files(*args, **options)

    monkeypatch.setattr(publishing, "store_files", remove_first)
    with pytest.raises(ScopeMismatch):
        publish(member, "@ada/coach", "1.1.0")
    assert Version.objects.count() == 1


@pytest.mark.once
def test_member_publishes_with_their_own_key(
    as_ada: Actor, member: Actor, grace: User, api: Api, key_for: Callable[..., str]
) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    headers = {"Authorization": f"Bearer {key_for(grace, 'agents:publish')}"}

    answer = api.client.post(
        "/v1/agents/publish",
        parts(manifest(id="@ada/coach", version="1.1.0")),
        headers=headers,
    )
    assert answer.status_code == 200, answer.content
    remove_member(find_domain("ada", as_ada), "grace", by=as_ada)
    answer = api.client.post(
        "/v1/agents/publish",
        parts(manifest(id="@ada/coach", version="1.2.0")),
        headers=headers,
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_mismatch")


@pytest.mark.once
def test_member_publishes_in_the_browser(as_ada: Actor, member: Actor, grace: User) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    browser = client_of(grace)
    assert "<code>@ada</code>" in browser.get("/publish").text
    draft = save_draft(upload(manifest(id="@ada/coach", version="1.1.0")), by=member)
    assert browser.get(f"/publish/drafts/{draft.pk}").status_code == 200

    version = publish_draft(draft.pk, by=member)
    assert browser.get(f"/publish/agents/@ada/coach/published/{version.version}").status_code == 200


def test_member_yanks_as_the_publisher(
    as_ada: Actor, member: Actor, ada: User, grace: User, client: Client
) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent
    browser = client_of(grace)
    assert browser.get("/agents/@ada/coach/versions/1.0.0/yank").status_code == 200
    answer = browser.post("/agents/@ada/coach/versions/1.0.0/yank", {"reason": "Broken."})
    run_due_jobs()

    assert answer.status_code == 302
    assert Version.objects.get().yanked_by_user_id == member.user_id
    event = last_audit_row("version.yanked")
    assert event.details == {"reason": "Broken.", "byCoMaintainer": True}
    # It is no decision about the owner: no email, nothing to appeal against.
    assert not [letter for letter in mail.outbox if "yanked" in letter.subject]
    assert decisions_about(ada) == []
    with pytest.raises(DecisionNotFound):
        find_decision(event.pk, ada)
    own_page = client_of(ada).get("/publish/agents/@ada/coach").text
    assert "Yanked:" in own_page
    assert "appeal" not in own_page
    remove_member(find_domain("ada", as_ada), "grace", by=as_ada)
    assert "by the publisher" in client.get("/agents/@ada/coach/versions").text
    assert "yanked by a maintainer" not in client_of(ada).get("/publish/agents").text
    with pytest.raises(NotMaintainer):
        unyank_version(agent, "1.0.0", by=member)


def test_removal_between_check_and_lock_refuses_the_yank(
    as_ada: Actor, member: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent
    lock_member = agent_actions.lock_co_maintainer

    def remove_first(scope: str, user_id: UUID | None) -> bool:
        remove_member(find_domain("ada", as_ada), "grace", by=as_ada)
        return lock_member(scope, user_id)

    monkeypatch.setattr(agent_actions, "lock_co_maintainer", remove_first)
    with pytest.raises(NotOwner):
        yank_version(agent, "1.0.0", reason=None, by=member)
    assert Version.objects.get().yanked_at is None


@pytest.mark.once
def test_member_yanks_with_their_own_key(
    as_ada: Actor, member: Actor, grace: User, api: Api, key_for: Callable[..., str]
) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    headers = {"Authorization": f"Bearer {key_for(grace, 'agents:yank')}"}

    path = "/v1/agents/ada/coach/versions/1.0.0/yank"
    answer = api.client.post(path, "{}", content_type="application/json", headers=headers)

    assert answer.status_code == 200, answer.content
    assert Version.objects.get().yanked_by_co_maintainer


@pytest.mark.once
def test_member_who_is_a_maintainer_yanks_as_the_publisher_and_unyanks_nothing(
    as_ada: Actor, member: Actor, grace: User
) -> None:
    grant_role(grace, "maintainer", by=SYSTEM)
    maintainer = Actor(user=User.objects.get(pk=grace.pk), door="page")
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent

    assert yank_version(agent, "1.0.0", reason=None, by=maintainer)
    assert Version.objects.get().yanked_by_co_maintainer
    with pytest.raises(OwnAgent):
        unyank_version(agent, "1.0.0", by=maintainer)


PAGES_OF_PUBLISHERS = (
    "/publish/agents/@ada/coach",
    "/agents/@ada/coach/versions/1.0.0/yank",
    "/publish/agents/@ada/coach/numbers",
    "/publish/agents/@ada/coach/published/1.0.0",
    "/v1/agents/ada/coach/numbers",
)


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("editor", 200), ("reviewer", 404), ("reader", 404)]
)
def test_pages_of_publishers_by_role(
    domain: Domain, as_ada: Actor, member: Actor, grace: User, role: str, status: int
) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    change_role(domain, "grace", role=role, by=as_ada)
    browser = client_of(grace)

    answers = {path: browser.get(path).status_code for path in PAGES_OF_PUBLISHERS}
    assert answers == dict.fromkeys(PAGES_OF_PUBLISHERS, status)
    publishes = status == 200
    assert ("@ada/coach" in browser.get("/publish/agents").text) is publishes
    assert ("@ada/coach" in browser.get("/account/keys/new").text) is publishes
    page = browser.get("/agents/@ada/coach").text
    assert ("Publish a version" in page) is publishes
    assert ("Report this agent" in page) is not publishes
    reviews = browser.get("/agents/@ada/coach/reviews").text
    assert ("Write a review" in reviews) is not publishes


@pytest.mark.once
def test_member_sees_a_delisted_agent_but_cannot_appeal(
    as_ada: Actor, member: Actor, grace: User, as_root: Actor
) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent
    delist_agent(agent, reason="It copies.", by=as_root)
    browser = client_of(grace)

    assert browser.get("/agents/@ada/coach").status_code == 200
    own_list = browser.get("/publish/agents").text
    assert "It copies." in own_list
    assert "Details and appeal" not in own_list


def test_queries_of_own_pages_do_not_grow_with_agents_and_members(
    as_ada: Actor, member: Actor, grace: User
) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    browser = client_of(grace)
    paths = ("/publish/agents", "/agents/@ada/coach", "/publish/agents/@ada/coach")

    def count(path: str) -> int:
        browser.get(path)
        with CaptureQueriesContext(connection) as queries:
            browser.get(path)
        return len(queries)

    few = [count(path) for path in paths]
    for name in ("one", "two", "three"):
        publish(member, f"@ada/{name}", "1.0.0")
    assert [count(path) for path in paths] == few


@pytest.mark.once
def test_draft_of_a_member_shows_the_holder_of_the_scope(
    as_ada: Actor, member: Actor, grace: User
) -> None:
    draft = save_draft(upload(manifest(id="@ada/tutor", version="1.0.0")), by=member)

    assert build_preview(draft).agent.owner_user_id == as_ada.user_id


@pytest.mark.once
def test_official_channel_needs_the_role_of_holder_and_member(
    ada: User, grace: User, as_ada: Actor, member: Actor
) -> None:
    grant_role(grace, "official", by=SYSTEM)
    official = Actor(user=User.objects.get(pk=grace.pk), door="api")
    with pytest.raises(NotOfficial):
        publish(official, "@ada/coach", "1.0.0", channel="official")


@pytest.mark.once
def test_own_matters_of_an_owner_are_those_of_a_member(
    as_ada: Actor, member: Actor, grace: User
) -> None:
    agent = publish(as_ada, "@ada/coach", "1.0.0").agent

    with pytest.raises(SelfReview):
        post_review(agent, rating=5, title="Good", body="", by=member)
    with pytest.raises(OwnAgent):
        refuse_own_matter(agent, by=member)
    remove_member(find_domain("ada", as_ada), "grace", by=as_ada)
    assert post_review(agent, rating=5, title="Good", body="", by=member).rating == 5


@pytest.mark.once
def test_invitation_is_mailed_and_answered_in_the_account(
    domain: Domain, as_ada: Actor, grace: User
) -> None:
    User.objects.filter(pk=grace.pk).update(email="grace@example.org")
    invite_member(domain, login="grace", role="editor", by=as_ada)
    run_due_jobs()

    [letter] = [m for m in mail.outbox if m.to == ["grace@example.org"]]
    assert "@ada invites you to @ada as editor." in letter.body
    browser = client_of(grace)
    # The link of the email leads to the invitation.
    assert letter.body.split("Accept or decline: ")[1].split()[0].endswith("/account")
    assert "@ada" in browser.get("/account").text.split("Invitations")[1]
    browser.post(f"/studio/@{domain}/invitation", {"do": "decline"})
    assert not domain.members.filter(user=grace).exists()
    # Of a second invitation on one day there is no email, but the page has it.
    page = client_of(as_ada.user).post("/studio/@ada/members", {"login": "grace", "role": "editor"})
    assert page.headers["Location"] == "/studio/@ada/members"
    run_due_jobs()
    assert len([m for m in mail.outbox if m.to == ["grace@example.org"]]) == 1
    assert "@ada" in browser.get("/account").text.split("Invitations")[1]
    browser.post(f"/studio/@{domain}/invitation", {"do": "accept"})
    assert domain.members.get(user=grace).accepted_at is not None
    assert "Invitations" not in browser.get("/account").text
