"""Followers are told of what they chose, by email, feed and webhook."""

import json
from ipaddress import ip_network
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clawstore.following.actions import follow
from clawstore.following.fan_out import BATCH, tell_followers
from clawstore.following.models import Follow, FollowNews
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from foundation.webhooks.actions import create_webhook
from registry.agents.actions import delist_agent, withhold_version, yank_version
from registry.models import Agent
from tests.support.factories import make_user
from tests.support.http import client_of
from tests.support.receiver import running_receiver
from tests.support.uploads import publish

PAGE = "/account/follow?agent=@ada/planner"


def post(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, fields)


@pytest.fixture
def planner(ada: User, storage_folder: Any) -> Agent:
    agent: Agent = publish(Actor(user=ada), "@ada/planner").agent
    run_due_jobs()
    mail.outbox.clear()
    return agent


def ask_for_a_secret(ada: User, version: str = "1.1.0") -> None:
    secret = {"key": "MAIL_TOKEN", "prompt": "To read mail", "required": True, "target": "env"}
    publish(Actor(user=ada), "@ada/planner", version, setup={"secrets": [secret]})


def test_an_operator_is_told_that_an_agent_asks_for_more(
    planner: Agent, ada: User, grace: User, settings: Any
):
    client = client_of(grace)
    assert b"Asks for more" in client.get(PAGE).content
    assert post(client, PAGE, do="save", by_mail="on").status_code == 422
    answer = post(client, PAGE, do="save", changes=["asks_more"], by_mail="on", by_webhook="on")
    assert answer.headers["Location"] == "/account/following"
    settings.WEBHOOK_ALLOW_PRIVATE = [ip_network("127.0.0.0/8")]
    with running_receiver() as receiver:
        create_webhook("grace", url=receiver.url, events=["follow.*"], by=Actor(user=grace))
        publish(Actor(user=ada), "@ada/planner", "1.0.1")
        run_due_jobs()
        assert mail.outbox == []
        ask_for_a_secret(ada)
        run_due_jobs()
        run_due_jobs()
    [message] = mail.outbox
    assert message.to == [grace.email]
    assert "@ada/planner 1.1.0 asks for more" in message.subject
    assert "MAIL_TOKEN" in message.body
    assert "/agents/@ada/planner/changes/1.0.1...1.1.0" in message.body
    [(_, body)] = receiver.requests
    assert json.loads(body)["type"] == "follow.asks_more"
    assert json.loads(body)["data"]["version"] == "1.1.0"
    page = client.get("/account/following")
    assert b"1.1.0 asks for more" in page.content
    feed_path = "/feeds/following" + page.context["feed"].partition("/feeds/following")[2]
    feed = Client().get(feed_path)
    assert b"1.1.0 asks for more" in feed.content
    assert b"MAIL_TOKEN" in feed.content
    # The former address ends when it is replaced, and an altered one never was one.
    client.post("/account/following")
    assert Client().get(feed_path).status_code == 404
    assert Client().get("/feeds/following/a.b.c.atom").status_code == 404
    assert post(client, PAGE, do="end").status_code == 302
    assert not Follow.objects.exists()


def test_each_subject_and_each_choice(planner: Agent, ada: User, grace: User, root: User):
    by = Actor(user=grace, door="page")
    follow("person", "@ada", changes=["yanked"], by=by)
    follow("search", "?q=planner&page=7&sort=name", changes=["withheld", "yanked"], by=by)
    follow("search", "q=nothing-like-it", changes=["withheld"], by=by)
    ask_for_a_secret(ada)
    run_due_jobs()
    assert mail.outbox == []
    yank_version(planner, "1.1.0", reason="Broken", by=Actor(user=ada, door="page"))
    run_due_jobs()
    # Two follows tell of one event once.
    [message] = [message for message in mail.outbox if message.to == [grace.email]]
    assert "@ada/planner 1.1.0 was yanked" in message.subject
    assert "Broken" in message.body
    mail.outbox.clear()
    withhold_version(
        planner, "1.1.0", reason="malware", text="It steals.", by=Actor(user=root, door="page")
    )
    run_due_jobs()
    [message] = [message for message in mail.outbox if message.to == [grace.email]]
    assert "was withheld" in message.subject
    assert FollowNews.objects.filter(user=grace).count() == 2
    # What was delisted is told of no more, and can still be followed no longer.
    follow("agent", "@ada/planner", changes=["yanked"], by=by)
    delist_agent(planner, reason="Spam", by=Actor(user=root, door="page"))
    assert client_of(grace).get(PAGE).status_code == 200
    assert post(client_of(grace), PAGE, do="end").status_code == 302
    assert Follow.objects.filter(user=grace, kind="agent").count() == 0


@pytest.mark.once
def test_a_publish_costs_the_same_for_any_number_of_followers(planner: Agent, ada: User):
    columns = {"wants_asks_more": True, "wants_yanked": True, "wants_withheld": True}

    def cost(version: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            publish(Actor(user=ada), "@ada/planner", version)
        return len(queries)

    usual_cost = cost("1.0.1")
    readers = [make_user(f"reader{number}") for number in range(BATCH + 1)]
    Follow.objects.bulk_create(
        Follow(
            user=reader,
            kind="agent",
            target="@ada/planner",
            title="x",
            wants_new_version=True,
            by_mail=True,
            by_webhook=False,
            **columns,
        )
        for reader in readers
    )
    Job.objects.all().delete()
    assert cost("1.0.2") == usual_cost
    run_due_jobs()
    assert FollowNews.objects.count() == BATCH + 1
    assert len({message.to[0] for message in mail.outbox}) == BATCH + 1
    # Two batches, and the second run of one repeats nothing.
    assert Job.objects.filter(kind="following.tell").count() == 2
    tell_followers(Job.objects.filter(kind="following.tell").earliest("created_at").payload)
    run_due_jobs()
    assert (FollowNews.objects.count(), len(mail.outbox)) == (BATCH + 1, BATCH + 1)
