"""Jobs and decisions: in the studio of a domain, and all jobs at the desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.jobs.models import Job
from wordclaw.policy.actions import find_domain

pytestmark = pytest.mark.once
PAGE = "/studio/@ada/jobs"


def make_job(**columns: Any) -> Job:
    payload = {"item": "x", "secret": "whsec_hidden"}
    defaults = {"kind": "content.change_state", "tenant": "ada", "payload": payload}
    job: Job = Job.objects.create(**(defaults | columns))
    return job


def test_jobs_of_a_domain_are_cancelled_and_run_again(ada_client: Client, ada: Any, grace: Any):
    find_domain("ada", Actor(user=ada))
    waiting_job = make_job()
    failed_job = make_job(status="failed", last_error="Error: claw_secret1 broke", attempts=8)
    other_job = make_job(tenant="grace")
    html = ada_client.get(PAGE).text + ada_client.get(f"{PAGE}?state=failed").text
    assert str(waiting_job.pk) in html
    assert "claw_*** broke" in html
    assert "whsec_hidden" not in html
    assert str(other_job.pk) not in html
    assert ada_client.post(PAGE, {"do": "cancel", "job": waiting_job.pk}).status_code == 302
    assert ada_client.post(PAGE, {"do": "cancel", "job": waiting_job.pk}).status_code == 409
    assert ada_client.post(PAGE, {"do": "retry", "job": failed_job.pk}).status_code == 302
    assert ada_client.post(PAGE, {"do": "cancel", "job": other_job.pk}).status_code == 404
    failed_job.refresh_from_db()
    assert (failed_job.status, failed_job.attempts) == ("queued", 0)
    actions = AuditLog.objects.filter(tenant="ada", entity_type="job").order_by("created_at")
    assert list(actions.values_list("action", flat=True)) == ["job.cancel", "job.retry"]


def test_decision_shows_caller_code_and_remediation(ada_client: Client, ada: Any, grace: Any):
    domain = find_domain("ada", Actor(user=ada))
    assert b"Nothing was refused" in ada_client.get("/studio/@ada/decisions").content
    stranger = Client()
    stranger.force_login(grace)
    assert stranger.get(f"/studio/@{domain}/members").status_code == 404
    html = ada_client.get("/studio/@ada/decisions").text
    assert "@grace" in html
    assert "domain_not_found" in html


def test_maintainers_run_any_job_again_at_the_desk(desk: Client):
    job = make_job(status="failed", tenant="", last_error="It broke.")
    address = reverse("admin:jobs_job_change", args=[job.pk])
    html = desk.get(address).text
    assert "Run the job again" in html
    assert "whsec_hidden" not in html
    assert "whsec_hidden" not in desk.get(reverse("admin:jobs_job_changelist")).text
    desk.post(address, {"measure": "retry", "confirmed": "yes"})
    job.refresh_from_db()
    assert job.status == "queued"
    desk.post(address, {"measure": "cancel", "confirmed": "yes"})
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert AuditLog.objects.filter(entity_type="job", door="admin").count() == 2
