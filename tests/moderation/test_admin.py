"""The list of reports at the desk: its decisions call the action."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from moderation.actions import resolve_report
from moderation.models import Report
from registry.models import Agent
from tests.support.factories import make_agent, make_report

LIST = "admin:moderation_report_changelist"


def choose(desk: Client, action: str, *reports: Report, **fields: str) -> str:
    form = {"action": action, "_selected_action": [str(report.pk) for report in reports], **fields}
    return desk.post(f"{reverse(LIST)}?status=all", form, follow=True).text


def decide(desk: Client, action: str, *reports: Report, reason: str = "Looked at it.") -> str:
    return choose(desk, action, *reports, reason=reason, confirmed="yes")


def test_maintainer_reads_reports_and_edits_no_field(desk: Client, coach: Agent):
    report = make_report(coach, "About coach.")

    assert "About coach." in desk.get(reverse(LIST)).text
    assert desk.get(reverse(LIST), {"status": "dismissed", "reason": "spam"}).status_code == 200
    page = reverse("admin:moderation_report_change", args=[report.pk])
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"status": "resolved"}).status_code == 422
    report.refresh_from_db()
    assert report.status == "open"
    assert (
        desk.post(
            reverse("admin:moderation_report_delete", args=[report.pk]), {"post": "yes"}
        ).status_code
        == 403
    )


def test_anonymous_visitor_of_the_desk_is_sent_to_the_sign_in_page(client: Client, db: None):
    answer = client.get("/admin/moderation/report/", follow=True)

    assert answer.redirect_chain[-1] == ("/signin?next=/admin/moderation/report/", 302)
    assert 'type="password"' not in answer.text
    assert client.get("/admin/login/")["Location"] == "/signin?next=/admin/"


def test_front_page_of_the_desk_omits_djangos_empty_log(desk: Client):
    front = desk.get("/admin/").text

    assert "Queue" in front
    assert "Recent actions" not in front


def test_desk_sets_only_the_two_usual_cookies(desk: Client, coach: Agent):
    report = make_report(coach, "About coach.")

    form = {"action": "dismiss", "_selected_action": [str(report.pk)], "reason": "No."}
    desk.post(reverse(LIST), form | {"confirmed": "yes"})

    assert "messages" not in desk.cookies
    assert "Dismissed the report about @ada/coach" in desk.get(reverse(LIST)).text


@pytest.mark.once
def test_user_without_a_role_is_refused_at_the_desk(client: Client, ada: User):
    client.force_login(ada)

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert "Only a maintainer can do this." in answer.text


def test_bulk_decision_lists_the_reports_and_asks_for_a_reason(
    desk: Client, coach: Agent, ada: User, as_root: Actor
):
    fresh, decided_report = (
        make_report(coach, "Fresh."),
        make_report(make_agent(ada, "done"), "Done."),
    )
    resolve_report(decided_report.pk, status="dismissed", by=as_root)

    page = choose(desk, "dismiss", fresh, decided_report)

    included_part, left_out = page.split("These are left out")
    assert "Fresh." in included_part
    assert "Done." in left_out
    assert f'name="_selected_action" value="{fresh.pk}"' in page
    assert f'value="{decided_report.pk}"' not in page
    assert "Enter a reason." in decide(desk, "dismiss", fresh, reason=" ")
    fresh.refresh_from_db()
    assert fresh.status == "open"


def test_bulk_decision_can_be_undone_from_its_message(desk: Client, coach: Agent):
    reports = [make_report(coach, "One."), make_report(coach, "Two.")]

    page = decide(desk, "dismiss", *reports)

    ids = ",".join(str(report.pk) for report in reports)
    assert f'href="{reverse(LIST)}?status=all&amp;id__in={ids}"' in page
    decide(desk, "reopen", *reports, reason="A mistake.")
    assert set(Report.objects.values_list("status", flat=True)) == {"open"}
    assert AuditLog.objects.filter(action="report.reopened").count() == 2


@pytest.mark.parametrize(("action", "status"), [("resolve", "resolved"), ("dismiss", "dismissed")])
def test_bulk_decision_calls_the_action(
    desk: Client, coach: Agent, root: User, action: str, status: str
):
    report = make_report(coach, "About coach.")

    assert "@ada/coach" in decide(desk, action, report)

    report.refresh_from_db()
    assert (report.status, report.resolution_notes) == (status, "Looked at it.")
    event = AuditLog.objects.get(action=f"report.{status}")
    assert (event.user_id, event.door) == (root.pk, "admin")


def test_refused_decision_in_bulk_is_a_message_and_the_others_succeed(
    desk: Client, ada: User, root: User, as_root: Actor
):
    own = make_report(make_agent(root, "own"))
    decided_report, fresh = (make_report(make_agent(ada, name)) for name in ("done", "fresh"))
    resolve_report(decided_report.pk, status="dismissed", by=as_root)

    page = decide(desk, "resolve", own, decided_report, fresh)

    assert "@root/own: You can&#x27;t decide about your own agent" in page
    assert "@ada/done: Another maintainer already decided" in page
    assert "Resolved the report about @ada/fresh" in page
    statuses = dict(Report.objects.values_list("agent__name", "status"))
    assert statuses == {"own": "open", "done": "dismissed", "fresh": "resolved"}


def test_staff_with_view_permission_decide_nothing(desk: Client, coach: Agent):
    Group.objects.get(name="Maintainers").permissions.remove(
        Permission.objects.get(codename="change_report")
    )
    report = make_report(coach, "About coach.")

    decide(desk, "resolve", report)

    report.refresh_from_db()
    assert report.status == "open"
