"""The endpoints of webhooks, and what the domains are told."""

import json
from ipaddress import ip_network
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from standardwebhooks.webhooks import Webhook as ReferenceWebhook

from clawstore.webhook_messages import EVENTS
from foundation.actor import Actor
from foundation.clock import now
from foundation.jobs.actions import run_due_jobs
from foundation.webhooks.delivery import attempt, claim_delivery
from foundation.webhooks.models import Webhook, WebhookDelivery, WebhookLane
from registry.agents.actions import delist_agent
from registry.models import Agent
from reviews.actions import post_review
from tests.support.receiver import running_receiver
from tests.wordclaw.conftest import ContentApi
from wordclaw.requests.models import IdempotentRequest

TARGET = {"url": "https://hooks.example.org/a", "events": ["version.*"]}


def test_a_webhook_by_api(content: ContentApi):
    answer = content.post("/webhooks", TARGET, **{"Idempotency-Key": "one"})
    webhook = answer.json()
    assert answer.status_code == 201
    assert webhook["secret"].startswith("whsec_")
    assert (webhook["url"], webhook["events"], webhook["active"]) == (*TARGET.values(), True)
    replay = content.post("/webhooks", TARGET, **{"Idempotency-Key": "one"})
    assert (replay.json(), replay.headers["Idempotent-Replayed"]) == (webhook, "true")
    # The answer is kept for the replay, and its secret cannot be read in the database.
    assert webhook["secret"].encode() not in bytes(IdempotentRequest.objects.get().answer)
    path = f"/webhooks/{webhook['id']}"
    assert "secret" not in content.get(path).json()
    assert content.get(path).headers["ETag"] == '"v1"'
    assert [row["id"] for row in content.get("/webhooks").json()["items"]] == [webhook["id"]]
    after = content.patch(path, {"events": ["*"], "active": False}, **{"If-Match": '"v1"'})
    assert (after.json()["events"], after.json()["active"]) == (["*"], False)
    stale = content.patch(path, {"active": True}, **{"If-Match": '"v1"'})
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "version_conflict")
    assert stale.json()["error"]["details"]["current"] == 2
    rotated = content.post(f"{path}/rotate-secret").json()
    assert rotated["secret"] not in (webhook["secret"], None)
    test = content.post(f"{path}/test")
    assert (test.status_code, test.json()["event"]) == (202, "webhook.test")
    deliveries = content.get(f"{path}/deliveries").json()["items"]
    assert [row["id"] for row in deliveries] == [test.json()["id"]]
    delivery = content.get(f"{path}/deliveries/{test.json()['id']}").json()
    assert json.loads(delivery["request"])["type"] == "webhook.test"
    again = content.post(f"{path}/deliveries/{delivery['id']}/redeliver")
    assert (again.status_code, again.json()["messageId"]) == (202, delivery["messageId"])
    assert again.json()["id"] != delivery["id"]
    assert content.delete(path).json() == {"ok": True}
    assert content.get(path).json()["error"]["code"] == "webhook_not_found"
    events = content.get("/audit-logs?entityType=webhook").json()["items"]
    assert [event["action"] for event in events] == [
        *("delete", "redeliver", "test", "rotate_secret", "update", "create"),
    ]


def test_refusals_and_dry_runs(content: ContentApi, stranger: ContentApi):
    for url in ("http://a.example.org", "https://127.0.0.1", "https://[::ffff:10.0.0.1]", "x", ""):
        answer = content.post("/webhooks", TARGET | {"url": url})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "webhook_url_unsafe")
    for events in ([], ["nonsense"], ["version.*", "x.*"], ["VERSION.*"], ["version.pub*"]):
        answer = content.post("/webhooks", TARGET | {"events": events})
        assert answer.json()["error"]["code"] == "webhook_events_invalid"
        assert answer.json()["error"]["remediation"]
    assert content.post("/webhooks", TARGET | {"secret": "x"}).json()["error"]["code"] == (
        "unknown_field"
    )
    dry = ContentApi(content.api, content.key, is_dry_run=True).post("/webhooks", TARGET)
    assert (dry.status_code, dry.json()["id"], dry.json()["secret"]) == (200, None, None)
    assert not Webhook.objects.exists()
    webhook = content.post("/webhooks", TARGET).json()
    dry_api = ContentApi(content.api, content.key, is_dry_run=True)
    path = f"/webhooks/{webhook['id']}"
    assert dry_api.post(f"{path}/rotate-secret").json()["secret"] is None
    assert dry_api.post(f"{path}/test").json()["dryRun"] is True
    assert dry_api.delete(path).json() == {"ok": True, "dryRun": True}
    assert not WebhookDelivery.objects.exists()
    # Another domain's webhook does not exist.
    other = ContentApi(content.api, stranger.key, domain="grace")
    assert other.get(path).json()["error"]["code"] == "webhook_not_found"
    Webhook.objects.bulk_create(Webhook(tenant="ada", url=f"https://a.org/{n}") for n in range(99))
    assert content.post("/webhooks", TARGET).json()["error"]["code"] == "webhook_limit_reached"


@pytest.mark.once
def test_a_domain_hears_of_its_agents_and_texts(
    content: ContentApi, coach: Agent, grace: Any, root: Any, settings: Any
):
    settings.WEBHOOK_ALLOW_PRIVATE = [ip_network("127.0.0.0/8")]
    with running_receiver() as receiver:
        fields = {"url": receiver.url, "events": ["agent.*", "review.*", "content_item.published"]}
        secret = content.post("/webhooks", fields).json()["secret"]
        content.make_type()
        content.publish(content.make_item())
        post_review(coach, rating=4, by=Actor(user=grace))
        delist_agent(coach, reason="Spam", by=Actor(user=root))
        run_due_jobs()
        messages = [
            ReferenceWebhook(secret).verify(body, headers) for headers, body in receiver.requests
        ]
    data = {message["type"]: message["data"] for message in messages}
    assert set(data) == {"content_item.published", "review.posted", "agent.delisted"}
    assert data["review.posted"]["id"] == data["agent.delisted"]["id"] == coach.full_id
    assert data["review.posted"]["rating"] == 4
    assert data["content_item.published"]["contentType"] == "post"
    assert "Spam" not in str(messages)


def test_managers_are_mailed_when_a_webhook_is_switched_off(content: ContentApi, ada: Any):
    webhook = content.post("/webhooks", {"url": "https://hooks.invalid/a", "events": ["*"]}).json()
    content.post(f"/webhooks/{webhook['id']}/test")
    Webhook.objects.update(failing_since=now().replace(year=2020))
    delivery = claim_delivery(WebhookLane.objects.get().pk)
    assert delivery is not None
    attempt(delivery)
    run_due_jobs()
    assert [message.to for message in mail.outbox] == [[ada.email]]
    assert "https://hooks.invalid/a" in mail.outbox[0].body
    assert content.get(f"/webhooks/{webhook['id']}").json()["disabledAt"]


@pytest.mark.once
def test_pages_of_webhooks(content: ContentApi, ada_client: Client):
    page = "/studio/@ada/webhooks"
    answer = ada_client.post(page, {"url": "https://10.0.0.1", "events": "version.*"})
    assert answer.status_code == 422
    assert b"https://10.0.0.1" in answer.content
    page_with_secret = ada_client.post(
        page, {"url": TARGET["url"], "events": "version.*", "is_active": "on"}
    )
    assert b"whsec_" in page_with_secret.content
    webhook = Webhook.objects.get()
    page = f"{page}/{webhook.pk}"
    assert b"whsec_" not in ada_client.get(page).content
    helped = ada_client.get("/studio/@ada/webhooks/events?events=version.*+nonsense").content
    assert helped.count(b"is-matched") == sum(name.startswith("version.") for name in EVENTS)
    assert b"nonsense" in helped
    ada_client.post(page, {"do": "test"})
    delivery = WebhookDelivery.objects.get()
    html = ada_client.get(f"{page}/deliveries/{delivery.pk}").content
    assert b"webhook.test" in html
    assert ada_client.post(f"{page}/deliveries/{delivery.pk}").status_code == 302
    assert b"signed with the present and the former" not in ada_client.get(page).content
    assert b"whsec_" in ada_client.post(page, {"do": "rotate"}).content
    assert b"signed with the present and the former" in ada_client.get(page).content
    assert ada_client.post(page, {"do": "delete"}).status_code == 302
    assert not Webhook.objects.exists()
