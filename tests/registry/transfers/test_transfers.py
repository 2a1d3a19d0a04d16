"""Publishers give agents to other scopes, and every former id leads on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from clawstore.following.actions import follow
from clawstore.following.models import Follow, FollowNews
from clawstore.webhook_messages import messages_of
from foundation.access.actions import create_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.jobs.actions import run_due_jobs
from foundation.refusals import NotAllowed
from moderation.actions import suspend_account
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    withhold_version,
    yank_version,
)
from registry.errors import AgentMoved, NotOwner
from registry.lifecycle.actions import deprecate_agent
from registry.models import Agent, AgentTransfer, FormerAddress, TrustedPublisher
from registry.publishing.errors import ScopeMismatch
from registry.transfers.actions import (
    MAX_OPEN_OFFERS,
    accept_transfer,
    cancel_transfer,
    decline_transfer,
    offer_agent,
)
from registry.transfers.errors import (
    NameClaimed,
    NameTaken,
    NotConfirmed,
    OwnScope,
    ReceiverNotOfficial,
    ReceiverSuspended,
    SenderSuspended,
    TooManyTransfers,
    TransferBlocked,
    TransferClosed,
    TransferNotFound,
    TransferPending,
    UnknownScope,
)
from registry.transfers.queries import moves_of
from reviews.actions import post_review, reply_to_review
from tests.support.factories import make_user, make_version
from tests.support.http import Api, client_of, status_and_code
from tests.support.page import Page
from tests.support.uploads import publish
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation, invite_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("storage_folder")]
OLD, NEW = "/v1/agents/ada/coach", "/v1/agents/grace/coach"


@pytest.fixture
def agent(as_ada: Actor) -> Agent:
    publish(as_ada, "@ada/coach", "1.0.0")
    return publish(as_ada, "@ada/coach", "1.1.0").agent


def offer(agent: Agent, by: Actor, to: str = "@grace") -> AgentTransfer:
    return offer_agent(agent, to=to, confirmation=agent.full_id, by=by)


def move(agent: Agent, sender: Actor, receiver: Actor) -> Agent:
    assert receiver.user is not None
    return accept_transfer(offer(agent, sender, receiver.user.username).pk, by=receiver)


def page(path: str, user: User | None = None) -> Page:
    response = client_of(user).get(path)
    assert response.status_code == 200, response.headers.get("Location")
    return Page(response.content.decode())


def test_former_id_leads_on_everywhere(
    agent: Agent, as_ada: Actor, as_grace: Actor, api: Api
) -> None:
    asset_free_paths = [
        *("", "/versions", "/files", "/versions/1.0.0", "/versions/1.0.0/files", "/downloads"),
        *("/changes", "/changes/1.0.0...1.1.0", "/share", "/picture.png"),
    ]
    pages = [f"/agents/@{{}}/coach{path}" for path in asset_free_paths]
    pages += ["/feeds/@{}/coach.atom", "/badges/@{}/coach/version.svg", "/embed/@{}/coach"]
    v1 = ("", "/versions", "/versions/1.0.0", "/versions/1.0.0/tarball", "/reviews", "/moves")
    pages += [f"/v1/agents/{{}}/coach{path}" for path in v1]
    pages += ["/v1/index/@{}/coach.json", "/v1/agents/{}/coach/versions?limit=1"]
    anonymous = Client()
    before = [anonymous.get(path.format("ada")).status_code for path in pages]

    move(agent, as_ada, as_grace)

    for path, status in zip(pages, before, strict=True):
        response = anonymous.get(path.format("ada"))
        assert (response.status_code, response["Location"]) == (301, path.format("grace")), path
        # Two remembered redirects would be a loop after a move back.
        assert response["Cache-Control"] == "no-cache"
        assert anonymous.get(path.format("grace")).status_code == status, path
    assert anonymous.get("/agents/@Ada/Coach", follow=True).redirect_chain[-1] == (
        "/agents/@grace/coach",
        301,
    )
    assert api.get(OLD).json()["error"]["details"] == {"id": "@grace/coach"}


def test_everything_comes_along_and_the_rights_of_the_old_scope_end(
    agent: Agent, ada: User, as_ada: Actor, as_grace: Actor, grace: User, api: Api
) -> None:
    bob, carl = make_user("bob"), make_user("carl")
    member = Actor(user=bob)
    invite_member(find_domain("ada", as_ada), login="bob", role="editor", by=as_ada)
    accept_invitation(find_domain("ada", member), by=member)
    publish(member, "@ada/coach", "1.2.0")
    post_review(agent, rating=5, by=Actor(user=carl))
    post_review(agent, rating=1, by=as_grace)
    key, _ = create_key(bob, name="CI", scopes=["agents:publish"], bound_to="@ada/coach", by=member)
    publisher = TrustedPublisher.objects.create(
        full_id="@ada/coach",
        issuer="https://token.actions.githubusercontent.com",
        repository="ada/coach",
        workflow="publish.yml",
        refs="main",
        created_by=ada,
    )
    downloads = api.get(OLD).json()["downloadCount"]

    moved_agent = move(agent, as_ada, as_grace)
    run_due_jobs()

    assert (moved_agent.pk, moved_agent.full_id, moved_agent.owner_user) == (
        agent.pk,
        "@grace/coach",
        grace,
    )
    detail = api.get(NEW).json()
    assert detail["owner"]["githubLogin"] == "grace"
    assert detail["downloadCount"] == downloads
    assert (detail["move"]["from"], detail["latestVersion"]["version"]) == ("@ada/coach", "1.2.0")
    # Grace's own review is gone, since she owns the agent now.
    assert (detail["reviewCount"], detail["avgRating"]) == (1, 5)
    assert not ApiKey.objects.filter(pk=key.pk, revoked_at=None).exists()
    publisher.refresh_from_db()
    assert publisher.removed_at is not None
    event = AuditLog.objects.get(action="agent.transferred")
    assert (event.entity_id, event.details["to"]) == ("@ada/coach", "@grace/coach")
    assert (event.details["keys"], event.details["trustedPublishers"]) == (1, 1)


@pytest.mark.once
def test_former_publishers_publish_nowhere(agent: Agent, as_ada: Actor, as_grace: Actor) -> None:
    member = Actor(user=make_user("bob"))
    invite_member(find_domain("ada", as_ada), login="bob", role="editor", by=as_ada)
    accept_invitation(find_domain("ada", member), by=member)
    moved_agent = move(agent, as_ada, as_grace)

    for by in (as_ada, member):
        with pytest.raises(AgentMoved):
            publish(by, "@ada/coach", "2.0.0")
        with pytest.raises(ScopeMismatch):
            publish(by, "@grace/coach", "2.0.0")
        with pytest.raises(NotOwner):
            deprecate_agent(moved_agent, reason="Mine.", by=by)
    with pytest.raises(AgentMoved, match="@grace/coach now"):
        publish(as_grace, "@ada/coach", "2.0.0")
    assert publish(as_grace, "@grace/coach", "2.0.0").agent == moved_agent


def test_ids_of_several_moves_lead_to_the_present_one_and_back(
    agent: Agent, as_ada: Actor, as_grace: Actor, api: Api
) -> None:
    as_bob = Actor(user=make_user("bob"))
    agent = move(move(agent, as_ada, as_grace), as_grace, as_bob)
    for scope in ("ada", "grace"):
        assert api.get(f"/v1/agents/{scope}/coach")["Location"] == "/v1/agents/bob/coach"

    agent = move(agent, as_bob, as_ada)

    assert api.get(OLD).status_code == 200
    for scope in ("bob", "grace"):
        assert api.get(f"/v1/agents/{scope}/coach")["Location"] == OLD
    assert [(row.from_scope, row.to_scope) for row in moves_of(agent)] == [
        ("bob", "ada"),
        ("grace", "bob"),
        ("ada", "grace"),
    ]
    assert [item["to"] for item in api.get(f"{OLD}/moves").json()["items"]] == [
        *("@ada/coach", "@bob/coach", "@grace/coach")
    ]
    assert FormerAddress.objects.count() == 2


@pytest.mark.once
def test_update_check_answers_under_the_id_that_was_installed(
    agent: Agent, as_ada: Actor, as_grace: Actor, api: Api
) -> None:
    installs = [{"id": "@Ada/coach", "version": "1.0.0", "scope": "ada", "name": "coach"}]
    body = {"installs": installs}
    assert "moves" not in api.post("/v1/updates", body).json()

    move(agent, as_ada, as_grace)

    answer = api.post("/v1/updates", body).json()
    (update,) = answer["updates"]
    assert (update["id"], update["from"], update["to"]) == ("@Ada/coach", "1.0.0", "1.1.0")
    assert update["changesUrl"].endswith("/agents/@grace/coach/changes/1.0.0...1.1.0")
    (row,) = answer["moves"]
    assert (row["id"], row["movedFrom"], row["movedTo"]) == (
        "@Ada/coach",
        "@ada/coach",
        "@grace/coach",
    )
    # Installs by the new id are told for thirty days, those by the former one for ever.
    new_body = {"installs": [{"id": "@grace/coach", "version": "1.1.0"}]}
    assert api.post("/v1/updates", new_body).json()["moves"][0]["movedFrom"] == "@ada/coach"
    Agent.objects.update(moved_at=now() - timedelta(days=31))
    assert "moves" not in api.post("/v1/updates", new_body).json()
    assert "moves" in api.post("/v1/updates", body).json()


def test_page_warns_for_thirty_days_and_remembers(
    agent: Agent, as_ada: Actor, as_grace: Actor
) -> None:
    move(agent, as_ada, as_grace)
    text = page("/agents/@grace/coach").text
    assert "Maintained by @grace since" in text
    assert "moved from @ada/coach" in text
    Agent.objects.update(moved_at=now() - timedelta(days=31))
    text = page("/agents/@grace/coach").text
    assert "Maintained by" not in text
    assert "Moved from @ada/coach on" in text
    assert "@ada/coach → @grace/coach" in page("/agents/@grace/coach/versions").text


def test_mirrors_webhooks_and_followers_are_told(
    agent: Agent, as_ada: Actor, as_grace: Actor, api: Api, key_for: Callable[..., str]
) -> None:
    fan = make_user("fan")
    User.objects.filter(pk=fan.pk).update(email="fan@example.org")
    follow("agent", "@ada/coach", changes=["withheld"], by=Actor(user=fan))
    run_due_jobs()
    mail.outbox.clear()

    move(agent, as_ada, as_grace)
    run_due_jobs()
    run_due_jobs()

    item = api.get("/v1/changes").json()["items"][-1]
    assert (item["kind"], item["id"], item["movedTo"]) == (
        "agent.transferred",
        "@ada/coach",
        "@grace/coach",
    )
    key = key_for(fan, "following:write")
    row = Follow.objects.get()
    assert api.get("/v1/following/agent/@ada/coach", key=key).json()["target"] == "@grace/coach"
    assert (row.target, row.title) == ("@grace/coach", "@grace/coach")
    news = FollowNews.objects.get()
    assert (news.content["agent"], news.content["former_id"]) == ("@grace/coach", "@ada/coach")
    subjects = {message.to[0]: message.subject for message in mail.outbox}
    assert "@ada/coach moved to another publisher: @grace/coach" in subjects["fan@example.org"]
    assert any(subject.endswith("@grace accepted @ada/coach") for subject in subjects.values())
    event = AuditLog.objects.get(action="agent.transferred")
    assert [message.tenant for message in messages_of(event)] == ["ada", "grace", "store"]
    assert {message.data["movedTo"] for message in messages_of(event)} == {"@grace/coach"}
    offer_event = AuditLog.objects.get(action="agent.transfer_offered")
    assert [message.tenant for message in messages_of(offer_event)] == ["grace"]


def test_searches_and_texts_find_it_by_its_former_id(
    agent: Agent, as_ada: Actor, as_grace: Actor, api: Api
) -> None:
    publish(as_ada, "@ada/planner", "1.0.0")
    planner = Agent.objects.get(name="planner")
    deprecate_agent(planner, reason="Old.", successor="@ada/coach", by=as_ada)
    move(agent, as_ada, as_grace)

    items = api.get("/v1/agents?q=@ada/coach").json()["items"]
    assert (items[0]["scope"], items[0]["name"]) == ("grace", "coach")
    assert api.get("/v1/agents/ada/planner").json()["deprecation"]["successor"] == "@grace/coach"
    comparison = page("/agents/compare?id=@ada/coach&id=@ada/planner")
    assert "@grace/coach" in comparison.text


@pytest.mark.once
def test_writes_under_the_former_id_name_the_new_one(
    agent: Agent, as_ada: Actor, as_grace: Actor, grace: User, api: Api, key_for: Callable[..., str]
) -> None:
    move(agent, as_ada, as_grace)
    key = key_for(grace, "agents:yank")
    response = api.post(f"{OLD}/versions/1.0.0/yank", {}, key=key)
    assert status_and_code(response) == (409, "agent_moved")
    assert api.post(f"{NEW}/versions/1.0.0/yank", {}, key=key).json() == {"ok": True}


@pytest.mark.once
def test_offer_is_refused(agent: Agent, as_ada: Actor, as_grace: Actor, as_root: Actor) -> None:
    member = Actor(user=make_user("bob"))
    invite_member(find_domain("ada", as_ada), login="bob", role="admin", by=as_ada)
    accept_invitation(find_domain("ada", member), by=member)
    # An admin of the scope publishes, but gives nothing away.
    with pytest.raises(NotAllowed):
        offer(agent, member)
    for stranger in (as_grace, as_root):
        with pytest.raises(NotOwner):
            offer(agent, stranger)
    with pytest.raises(NotConfirmed):
        offer_agent(agent, to="grace", confirmation="@ada/coachh", by=as_ada)
    for to, refusal in (("@ada", OwnScope), ("@nobody", UnknownScope), ("", UnknownScope)):
        with pytest.raises(refusal):
            offer(agent, as_ada, to)
    publish(as_grace, "@grace/coach", "1.0.0")
    with pytest.raises(NameTaken):
        offer(agent, as_ada)
    assert not AgentTransfer.objects.exists()


def test_transfer_is_refused_for_moderated_agents_and_people(
    agent: Agent, ada: User, grace: User, as_ada: Actor, as_grace: Actor, as_root: Actor
) -> None:
    transfer = offer(agent, as_ada)
    delist_agent(agent, reason="Spam.", by=as_root)
    with pytest.raises(TransferBlocked):
        accept_transfer(transfer.pk, by=as_grace)
    relist_agent(agent, by=as_root)
    withhold_version(agent, "1.0.0", reason="malware", text="Steals.", by=as_root)
    with pytest.raises(TransferBlocked):
        accept_transfer(transfer.pk, by=as_grace)
    lift_withholding(agent, "1.0.0", reason="A mistake.", by=as_root)
    suspend_account(ada, reason="Spam.", by=as_root)
    with pytest.raises(SenderSuspended):
        accept_transfer(transfer.pk, by=as_grace)
    assert Agent.objects.get(pk=agent.pk).scope == "ada"


@pytest.mark.once
def test_official_agent_goes_to_official_publishers_only(agent: Agent, as_ada: Actor) -> None:
    make_version(agent, "0.9.0", channel="official")
    make_user("bob")
    with pytest.raises(ReceiverNotOfficial):
        offer(agent, as_ada, "bob")


def test_offer_to_a_suspended_account_or_a_claimed_name(
    agent: Agent, grace: User, as_ada: Actor, as_root: Actor
) -> None:
    TrustedPublisher.objects.create(
        full_id="@grace/coach",
        issuer="https://token.actions.githubusercontent.com",
        repository="grace/coach",
        workflow="publish.yml",
        refs="main",
        created_by=grace,
    )
    with pytest.raises(NameClaimed):
        offer(agent, as_ada)
    # A claim by a user who may not publish there is in the way of no other.
    TrustedPublisher.objects.update(created_by=make_user("eve"))
    cancel_transfer(offer(agent, as_ada).pk, by=as_ada)
    suspend_account(grace, reason="Spam.", by=as_root)
    with pytest.raises(ReceiverSuspended):
        offer(agent, as_ada)


def test_offer_is_answered_once_by_the_right_side(
    agent: Agent, as_ada: Actor, as_grace: Actor
) -> None:
    transfer = offer(agent, as_ada)
    with pytest.raises(TransferPending):
        offer(agent, as_ada)
    for answer in (accept_transfer, decline_transfer):
        with pytest.raises(TransferNotFound):
            answer(transfer.pk, by=Actor(user=make_user(f"by-{answer.__name__[:4]}")))
        with pytest.raises(TransferNotFound):
            answer(transfer.pk, by=as_ada)
    with pytest.raises(TransferNotFound):
        cancel_transfer(transfer.pk, by=as_grace)
    cancel_transfer(transfer.pk, by=as_ada)
    with pytest.raises(TransferClosed):
        accept_transfer(transfer.pk, by=as_grace)
    decline_transfer(offer(agent, as_ada).pk, by=as_grace)
    late = offer(agent, as_ada)
    AgentTransfer.objects.filter(pk=late.pk).update(expires_at=now())
    with pytest.raises(TransferClosed, match="expired"):
        accept_transfer(late.pk, by=as_grace)
    # An expired offer is in the way of no other.
    move(agent, as_ada, as_grace)


@pytest.mark.once
def test_name_that_another_agent_left_is_reserved(
    agent: Agent, as_ada: Actor, as_grace: Actor
) -> None:
    move(agent, as_ada, as_grace)
    as_bob = Actor(user=make_user("bob"))
    other = publish(as_bob, "@bob/coach", "1.0.0").agent
    with pytest.raises(NameTaken, match="@grace/coach"):
        offer(other, as_bob, "ada")


@pytest.mark.once
def test_open_offers_have_a_limit(as_ada: Actor, ada: User, as_grace: Actor) -> None:
    first = publish(as_ada, "@ada/planner", "1.0.0").agent
    rows = [
        Agent(scope="ada", name=f"agent-{n}", owner_user=ada, category_id=first.category_id)
        for n in range(MAX_OPEN_OFFERS)
    ]
    Agent.objects.bulk_create(rows)
    for agent in rows:
        offer(agent, as_ada)
    with pytest.raises(TooManyTransfers):
        offer(first, as_ada)


def test_people_transfer_on_pages(agent: Agent, ada: User, grace: User, as_ada: Actor) -> None:
    ada_client, grace_client = client_of(ada), client_of(grace)
    address = "/publish/agents/@ada/coach/transfer"
    assert address in page("/publish/agents/@ada/coach/lifecycle", ada).links()
    assert grace_client.get(address).status_code == 404
    wrong: Any = ada_client.post(address, {"to": "grace", "confirmation": "coach"})
    assert wrong.status_code == 422
    assert "Type the id of the agent" in Page(wrong.content.decode()).text
    response: Any = ada_client.post(address, {"to": "grace", "confirmation": "@ada/coach"})
    assert response.status_code == 302
    transfer = AgentTransfer.objects.get()
    assert "Open until" in page(address, ada).text
    run_due_jobs()
    assert mail.outbox[-1].subject.endswith("@ada offers you @ada/coach")
    offer_page = f"/publish/transfers/{transfer.pk}"
    assert offer_page in mail.outbox[-1].body
    for path in ("/publish/agents", "/account"):
        assert "accept or decline" in page(path, grace).text
    assert client_of(make_user("bob")).get(offer_page).status_code == 404
    assert "@grace/coach" in page(offer_page, grace).text
    answer: Any = grace_client.post(f"{offer_page}/accept")
    assert (answer.status_code, answer["Location"]) == (302, "/agents/@grace/coach")
    assert "Accepted" in page(offer_page, ada).text
    assert "Offers" not in page("/publish/agents", grace).text
    again: Any = grace_client.post(f"{offer_page}/accept")
    assert again.status_code == 409


@pytest.mark.once
def test_programs_transfer_over_the_api(
    agent: Agent, ada: User, grace: User, api: Api, key_for: Callable[..., str]
) -> None:
    body = {"to": "grace", "confirm": "@ada/coach"}
    weak, key = key_for(ada, "agents:publish"), key_for(ada, "domain:transfer", "read")
    assert status_and_code(api.post(f"{OLD}/transfer", body)) == (401, "unauthorized")
    assert api.post(f"{OLD}/transfer", body, key=weak).status_code == 403
    response = api.post(f"{OLD}/transfer", body, key=key)
    assert (response.status_code, response.json()["status"]) == (201, "offered")
    receiver = key_for(grace, "domain:transfer", "read")
    (item,) = api.get("/v1/transfers", key=receiver).json()["items"]
    assert (item["agent"], item["toScope"]) == ("@ada/coach", "grace")
    answer = api.post(f"/v1/transfers/{item['id']}/accept", key=receiver)
    assert answer.json() == {"ok": True, "id": "@grace/coach"}
    assert api.get("/v1/transfers", key=key).json() == {"items": []}


def test_rights_are_checked_again_after_a_concurrent_move(
    agent: Agent, as_ada: Actor, as_grace: Actor
) -> None:
    """A request reads the agent, and then waits until the acceptance is stored."""
    make_user("eve")
    review = post_review(agent, rating=2, by=Actor(user=make_user("carl")))
    move(agent, as_ada, as_grace)
    writes: list[Callable[[], object]] = [
        # The former owner takes the agent back, with the id that it has now.
        lambda: offer_agent(agent, to="eve", confirmation="@grace/coach", by=as_ada),
        lambda: deprecate_agent(agent, reason="Mine.", by=as_ada),
        lambda: yank_version(agent, "1.1.0", reason="Mine.", by=as_ada),
        lambda: reply_to_review(review, body="Mine.", by=as_ada),
        # The new owner praises the agent.
        lambda: post_review(agent, rating=5, by=as_grace),
    ]

    for write in writes:
        with pytest.raises(AgentMoved, match="@grace/coach"):
            write()

    assert AgentTransfer.objects.open().count() == 0
