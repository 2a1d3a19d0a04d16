"""Members of a publisher's domain publish in its scope."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from foundation.accounts.actions import grant_role
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.own_matters import refuse_own_matter
from registry.errors import OwnAgent
from registry.models import Agent, Version
from registry.publishing import publish as publishing
from registry.publishing.actions import publish_draft, save_draft
from registry.publishing.errors import NotOfficial, ScopeMismatch
from reviews.actions import post_review
from reviews.errors import SelfReview
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


def test_new_agent_of_a_member_belongs_to_the_holder_of_the_scope(
    as_ada: Actor, member: Actor
) -> None:
    version = publish(member, "@ada/tutor", "1.0.0")

    assert version.agent.owner_user_id == as_ada.user_id


@pytest.mark.parametrize("role", ["reviewer", "reader"])
def test_other_roles_do_not_publish(
    domain: Domain, as_ada: Actor, member: Actor, role: str
) -> None:
    change_role(domain, "grace", role=role, by=as_ada)

    with pytest.raises(ScopeMismatch):
        publish(member, "@ada/coach", "1.0.0")
    assert not Agent.objects.exists()


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


def test_member_publishes_in_the_browser(as_ada: Actor, member: Actor, grace: User) -> None:
    publish(as_ada, "@ada/coach", "1.0.0")
    browser = client_of(grace)
    assert "<code>@ada</code>" in browser.get("/publish").text
    draft = save_draft(upload(manifest(id="@ada/coach", version="1.1.0")), by=member)
    assert browser.get(f"/publish/drafts/{draft.pk}").status_code == 200

    version = publish_draft(draft.pk, by=member)
    assert browser.get(f"/publish/agents/@ada/coach/published/{version.version}").status_code == 200


def test_official_channel_needs_the_role_of_holder_and_member(
    ada: User, grace: User, as_ada: Actor, member: Actor
) -> None:
    grant_role(grace, "official", by=SYSTEM)
    official = Actor(user=User.objects.get(pk=grace.pk), door="api")
    with pytest.raises(NotOfficial):
        publish(official, "@ada/coach", "1.0.0", channel="official")


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


def test_invitation_is_mailed_and_answered_in_the_account(
    domain: Domain, as_ada: Actor, grace: User
) -> None:
    User.objects.filter(pk=grace.pk).update(email="grace@example.org")
    invite_member(domain, login="grace", role="editor", by=as_ada)
    run_due_jobs()

    [letter] = [m for m in mail.outbox if m.to == ["grace@example.org"]]
    assert "@ada invites you to @ada as editor." in letter.body
    browser = client_of(grace)
    assert "@ada" in browser.get("/account").text.split("Invitations")[1]
    browser.post(f"/studio/@{domain}/invitation", {"do": "accept"})
    assert domain.members.get(user=grace).accepted_at is not None
    assert "Invitations" not in browser.get("/account").text
