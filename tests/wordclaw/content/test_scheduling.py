"""Changes of state at a time, as jobs of the domain."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.clock import iso, now
from foundation.jobs.actions import enqueue, run_due_jobs
from foundation.jobs.models import Job
from foundation.limits.actions import count_use
from foundation.limits.declarations import get_limit
from tests.support.http import Api, status_and_code
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from wordclaw.content.scheduling import actions
from wordclaw.content.work import CONTENT_WORK
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation
from wordclaw.policy.models import DomainMember

SOON = timedelta(hours=1)


@pytest.fixture
def item(content: ContentApi) -> dict[str, Any]:
    content.make_type(visibility="public")
    return content.make_item()


def schedule(content: ContentApi, item: dict[str, Any], **body: str) -> Any:
    body = {"action": "publish", "runAt": iso(now() - SOON)} | body
    return content.post(f"/content-items/{item['id']}/schedule", body)


@pytest.mark.once
def test_due_change_is_done_by_the_worker(
    content: ContentApi, visitor: ContentApi, item: dict[str, Any]
):
    response = schedule(content, item)
    later = schedule(content, item, action="archive", runAt=iso(now() + SOON))

    run_due_jobs()

    assert (response.status_code, response.json()["status"]) == (201, "queued")
    job = content.get(f"/jobs/{response.json()['id']}").json()
    assert (job["status"], job["result"]) == ("succeeded", {"version": 2})
    assert content.get(f"/jobs/{later.json()['id']}").json()["status"] == "queued"
    assert visitor.get(f"/content-items/{item['id']}").status_code == 200
    assert content.get("/audit-logs?action=publish").json()["items"][0]["door"] == "job"


def test_waiting_change_is_cancelled_once(content: ContentApi, item: dict[str, Any]):
    job = schedule(content, item).json()

    cancellation = content.post(f"/jobs/{job['id']}/cancel")
    second_answer = content.post(f"/jobs/{job['id']}/cancel")
    run_due_jobs()

    assert cancellation.json()["status"] == "cancelled"
    assert status_and_code(second_answer) == (409, "job_cancel_forbidden")
    assert content.get(f"/content-items/{item['id']}?draft=true").json()["version"] == 1


@pytest.mark.once
def test_waiting_changes_of_a_domain_are_limited(
    content: ContentApi, item: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(actions, "MAX_WAITING_CHANGES", 1)
    first_job = schedule(content, item).json()

    refusal = schedule(content, item)

    assert status_and_code(refusal) == (409, "too_many_scheduled_changes")
    content.post(f"/jobs/{first_job['id']}/cancel")
    assert schedule(content, item).status_code == 201


@pytest.mark.once
def test_change_refused_for_its_time_is_tried_again(
    content: ContentApi, item: dict[str, Any], limits_on: None
):
    job = schedule(content, item).json()
    user_id = Job.objects.get(pk=job["id"]).payload["user"]
    count_use(get_limit(CONTENT_WORK), f"user:{user_id}", cost=60_001)

    assert run_due_jobs().retry_count == 1
    assert Job.objects.get(pk=job["id"]).status == "queued"


def test_change_is_tried_again_after_a_failure_of_the_policy(
    content: ContentApi, item: dict[str, Any], settings: Any
):
    job = schedule(content, item).json()
    host = settings.CONTENT_HOST
    settings.CONTENT_HOST = "clawstore.nothing_here.Host"
    assert run_due_jobs().retry_count == 1

    settings.CONTENT_HOST = host
    Job.objects.update(run_at=now())
    run_due_jobs()

    assert Job.objects.get(pk=job["id"]).status == "succeeded"


def test_change_without_the_right_fails_for_good(content: ContentApi, item: dict[str, Any]):
    job = schedule(content, item).json()
    DomainMember.objects.update(role="reader")

    run_due_jobs()
    DomainMember.objects.update(role="owner")
    failed_job = content.get(f"/jobs/{job['id']}").json()
    retry = content.post(f"/jobs/{job['id']}/retry")
    run_due_jobs()

    assert (failed_job["status"], failed_job["attempts"]) == ("failed", 1)
    assert "forbidden" in failed_job["lastError"]
    assert retry.json()["status"] == "queued"
    assert content.get(f"/jobs/{job['id']}").json()["status"] == "succeeded"
    assert status_and_code(content.post(f"/jobs/{job['id']}/retry")) == (
        409,
        "job_retry_forbidden",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"runAt": "tomorrow"}, "job_run_at_invalid"),
        ({"runAt": "2026-11-30T12:00:00"}, "job_run_at_invalid"),
        ({"runAt": "2026-13-30T12:00:00Z"}, "job_run_at_invalid"),
        ({"runAt": "0001-01-01T00:00:00+23:59"}, "job_run_at_invalid"),
        ({"runAt": "9999-12-31T23:59:59-23:59"}, "job_run_at_invalid"),
        ({"action": "delete"}, "invalid_body"),
    ],
)
def test_wrong_schedule_is_refused(
    content: ContentApi, item: dict[str, Any], body: dict[str, str], code: str
):
    assert status_and_code(schedule(content, item, **body)) == (422, code)
    assert not Job.objects.filter(tenant="ada").exists()


def test_jobs_of_the_shop_and_of_other_domains_do_not_exist(
    content: ContentApi, stranger: ContentApi, item: dict[str, Any], grace: User
):
    job = schedule(content, item).json()
    Job.objects.create(kind="jobs.delete_finished")
    stranger.base = "/v1/domains/grace"

    assert [row["id"] for row in content.get("/jobs?status=queued").json()["items"]] == [job["id"]]
    assert stranger.get("/jobs").json() == {"items": []}
    assert status_and_code(stranger.get(f"/jobs/{job['id']}")) == (404, "job_not_found")
    assert status_and_code(stranger.post(f"/jobs/{job['id']}/cancel")) == (404, "job_not_found")


@pytest.mark.once
def test_jobs_of_webhooks_are_for_those_who_manage_them(
    content: ContentApi, api: Api, grace: User, key_for: Callable[..., str]
):
    content.make_type()
    change = schedule(content, content.make_item()).json()
    lane = enqueue("webhooks.deliver", {"host": "secret.example"}, tenant="ada")
    content.post("/members", {"login": "grace", "role": "editor"})
    accept_invitation(find_domain("ada", ANONYMOUS), by=Actor(user=grace, door="page"))
    member = ContentApi(api, key_for(grace, *ALL_SCOPES))
    assert [row["id"] for row in member.get("/jobs").json()["items"]] == [change["id"]]
    assert len(content.get("/jobs").json()["items"]) == 2
    assert member.get(f"/jobs/{lane.pk}").status_code == 404
    assert member.post(f"/jobs/{lane.pk}/cancel").status_code == 404
    assert content.get(f"/jobs/{lane.pk}").status_code == 200
