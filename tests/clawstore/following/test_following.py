"""Followers are told of what they chose, by email, feed and webhook."""

import json
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core import mail
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clawstore.following import fan_out
from clawstore.following.actions import delete_follows_of, follow, unfollow
from clawstore.following.fan_out import BATCH, tell_followers
from clawstore.following.models import Follow, FollowedSearch, FollowedSearchKey, FollowNews
from clawstore.following.news import AgentNews
from clawstore.following.searches import find_fitting_searches, store_searches
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.jobs.actions import enqueue, run_due_jobs
from foundation.jobs.models import Job
from foundation.webhooks.actions import create_webhook
from registry.agents.actions import delist_agent, withhold_version, yank_version
from registry.models import Agent
from registry.search import AgentSearch, search
from registry.search.forms import AgentSearchForm
from registry.search.one_agent import find_agent_finder
from tests.support.factories import make_user
from tests.support.http import Api, client_of, status_and_code
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


TEXTS = (
    # Names, ids, scopes, and their beginnings.
    *("planner", "plan", "plann", "pl", "@ada", "@ad", "@ada/pl", "@ada/planner", "ada planner"),
    *("@grace", "@grace/planner", "free writer", "free wr", "Free", "zebra planner"),
    # Forms, synonyms, compounds, other spellings, typos, and other scripts.
    *("planning", "Planer", "plannr", "schedule", "the planner", "plan ner", "Planungen", "料理"),
    # Words that say too little together, and words beyond the sixteenth.
    *("zebra yak", "planner zebra", "zebra yak gnu emu planner", " ".join(map(str, range(30)))),
    # What is similar only in its meaning, what nothing fits, and what has no words.
    *("organise the days of my week", "qqqq wwww", "!!!", "-", '"planner"'),
    # Filters that were read from a text, and operators.
    *("planner without api keys", "planner offline", "MIT planner", "planner in German", "offline"),
    *("planner free", "without api keys", "keys", "api keys without planner"),
    *("tag:none", "tag:work planner", "scope:ada", "scope:grace planner", "-planner coach"),
    *("planner -plans", "planner -zebra", "-scope:ada planner", "category:other", "-tag:work"),
)
FILTERS = (
    *("scope=grace", "scope=ada", "tag=work&q=planner", "tag=work", "category=other"),
    *("category=writing&q=planner", "secrets=none", "channel=beta", "channel=official&q=planner"),
    *("license=MIT", "license=Apache-2.0", "provider=anthropic", "language=en", "language=de"),
    *("price=free&q=planner", "price=paid"),
)


def test_followed_searches_answer_as_the_search_does(planner: Agent, ada: User, grace: User):
    publish(Actor(user=grace), "@grace/free-writer", name="Free Writer")
    secret = {"key": "API_KEY", "prompt": "A key", "required": True, "target": "env"}
    publish(Actor(user=grace), "@grace/api-keys", setup={"secrets": [secret]})
    queries = [*(urlencode({"q": text}) for text in TEXTS), *FILTERS]
    store_searches(queries)
    fitting_counts = []
    for agent in Agent.objects.order_by("name"):
        right_queries = {
            query
            for query in queries
            if agent.pk in search(_read(query), limit=100, fallback=False).ids
        }
        fitting, last = find_fitting_searches(agent.pk, after=0, count=1_000)
        assert (set(fitting), last) == (right_queries, None), agent.name
        fitting_counts.append(len(fitting))
    assert min(fitting_counts) > 5
    assert max(fitting_counts) < len(queries) - 20


def _read(query: str) -> AgentSearch:
    return AgentSearchForm(QueryDict(query)).agent_search


def test_searches_that_cannot_find_an_agent_cost_nothing(planner: Agent):
    """An agent has a key of few other searches, and their number adds no query."""

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            fitting, _ = find_fitting_searches(planner.pk, after=0, count=1_000)
        return len(queries), len(fitting)

    store_searches(["q=planner", "scope=ada"])
    usual_cost = cost()
    store_searches([urlencode({"q": f"zebra{n} yak"}) for n in range(100)])
    assert cost() == usual_cost
    keys = find_agent_finder(planner.pk).keys  # type: ignore[union-attr]
    assert FollowedSearchKey.objects.filter(key__in=keys).values("search").distinct().count() == 2


@pytest.mark.once
def test_followed_searches_are_stored_with_their_follows(
    planner: Agent, grace: User, ada: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fan_out, "SEARCHES_PER_JOB", 2)
    monkeypatch.setattr(fan_out, "STORED_PER_JOB", 7)
    texts = [f"zebra{n}" for n in range(12)] + ["planner", "planning", "plan"]
    for text in texts:
        follow("search", urlencode({"q": text}), changes=["yanked"], by=Actor(user=grace))
    follow("search", "q=plan", changes=["yanked"], by=Actor(user=ada))
    # As after an import, and after an upgrade with other rules.
    FollowedSearch.objects.filter(query__contains="zebra").delete()
    FollowedSearch.objects.filter(query="q=plan").update(rules="former", search={})
    news = AgentNews(agent="@ada/planner", version="1.0.0", changes=["withheld"])
    enqueue(fan_out.MATCH_SEARCHES, {"event": str(planner.pk), "news": news.as_json()})
    run_due_jobs()
    jobs = Job.objects.filter(kind=fan_out.MATCH_SEARCHES)
    # One job stores seven, the next the rest and finds two; the last finds the third.
    assert sorted(job.result for job in jobs) == [0, 1, 2]
    assert FollowedSearch.objects.count() == len(texts)
    # A search without followers is not kept.
    for text in texts:
        unfollow("search", urlencode({"q": text}), by=Actor(user=grace))
    assert [row.query for row in FollowedSearch.objects.all()] == ["q=plan"]
    delete_follows_of(ada)
    assert not FollowedSearchKey.objects.exists()


@pytest.mark.once
def test_following_by_api(
    planner: Agent, ada: User, grace: User, api: Api, key_for: Callable[..., str]
):
    key, address = key_for(grace, "following:write"), "/v1/following/agent/@ada/planner"
    assert api.get(address).status_code == 401
    assert status_and_code(api.get(address, key=key)) == (404, "follow_not_found")
    body = {"changes": ["asksForMore", "yanked"], "byMail": False}
    answer = api.put(address, body, key=key)
    assert answer.status_code == 200
    row = answer.json()
    assert {name: row[name] for name in ("kind", "target", "changes", "byMail", "byWebhook")} == {
        "kind": "agent",
        "target": "@ada/planner",
        "changes": ["asksForMore", "yanked"],
        "byMail": False,
        "byWebhook": False,
    }
    # Once more is the same follow, with all kinds of news.
    assert (
        len(
            api.put(
                address.upper().replace("/V1/FOLLOWING/AGENT", "/v1/following/agent"), key=key
            ).json()["changes"]
        )
        == 4
    )
    search = "/v1/following/search/" + quote("sort=new&q=mail&tag=work", safe="")
    assert api.put(search, key=key).json()["target"] == "q=mail&tag=work"
    assert api.get(search, key=key).json()["title"] == "mail · work"
    assert api.put("/v1/following/person/@ada", key=key).json()["target"] == "ada"
    first = api.get("/v1/following?limit=2", key=key).json()
    second = api.get(f"/v1/following?limit=2&cursor={first['nextCursor']}", key=key).json()
    kinds = [row["kind"] for row in first["items"] + second["items"]]
    assert (kinds, "nextCursor" in second) == (["person", "search", "agent"], False)


@pytest.mark.once
def test_refused_follows_have_codes_and_deleting_is_repeatable(
    planner: Agent, ada: User, grace: User, api: Api, key_for: Callable[..., str]
):
    key, address = key_for(grace, "following:write"), "/v1/following/agent/@ada/planner"
    for path in ("agent/@ada/planner", "person/ada"):
        assert api.put(f"/v1/following/{path}", key=key).status_code == 200
    for wrong, code in (
        ("agent/@ada/none", "agent_not_found"),
        ("agent/x", "nothing_to_follow"),
        ("star/x", "nothing_to_follow"),
    ):
        assert status_and_code(api.put(f"/v1/following/{wrong}", key=key)) == (404, code)
    answer = api.put(address, {"changes": []}, key=key)
    assert status_and_code(answer) == (422, "follow_choice_missing")
    assert api.put(address, {"changes": ["all"]}, key=key).status_code == 422
    assert api.put(address, {"wants": 1}, key=key).status_code == 422
    # What is gone can still be followed no longer.
    delist_agent(planner, reason="Spam", by=Actor(user=make_user("mia", maintainer=True)))
    for _ in range(2):
        assert api.delete(address, key=key).json() == {"ok": True}
    assert [f.kind for f in Follow.objects.all()] == ["person"]
    assert api.get("/v1/following", key=key_for(ada, "following:write")).json() == {"items": []}
