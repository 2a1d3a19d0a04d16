"""The desk: evidence, measures with confirmation, and refusals.

Tested as a plain maintainer without other permissions.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from clawstore.roles import grant_role
from foundation.accounts.models import Suspension, User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.notices.actions import set_notice_preferences
from moderation.actions import post_appeal, report_agent, resolve_report
from moderation.evidence import waiting_time_of
from moderation.models import Appeal, Report
from moderation.queries import decisions_about, next_report
from registry.agents.actions import delist_agent, withhold_version, yank_version
from registry.models import Agent, AgentPick, Category, Channel, Version, VersionWithholding
from reviews.actions import edit_review, post_review, reply_to_review
from reviews.models import Review
from tests.support.factories import make_agent, make_user, make_version
from tests.support.page import desk_address

pytestmark = pytest.mark.once

LIST = "admin:moderation_report_changelist"


@pytest.fixture
def report(coach: Agent, as_grace: Actor) -> Report:
    version = coach.versions.get()
    return report_agent(
        coach.pk, version_id=version.pk, reason="spam", details="It is <b>spam</b>.", by=as_grace
    )


def ask(
    desk: Client, row: Any, measure: str, words: str = "Because.", **fields: str
) -> HttpResponse:
    return desk.post(desk_address(row), {"measure": measure, "reason": words, **fields})


def take(desk: Client, row: Any, measure: str, words: str = "Because.", **fields: str) -> Any:
    """Choose a measure and confirm it."""
    confirmation = ask(desk, row, measure, words, **fields)
    assert confirmation.status_code == 200
    assert 'name="confirmed"' in confirmation.text
    return desk.post(
        desk_address(row),
        {"measure": measure, "reason": words, "confirmed": "yes", **fields},
        follow=True,
    )


def test_evidence_links_to_files_of_a_withheld_version_too(
    desk: Client, report: Report, coach: Agent, as_root: Actor
):
    coach.versions.get().versionfiles.create(
        rule_set="1", path="docs/a b.md", kind="markdown", size_bytes=10, sha256="0" * 64
    )
    address = f"/admin/registry/version/{coach.versions.get().pk}/files/docs/a%20b.md"
    assert f'href="{address}"' in desk.get(desk_address(report)).text

    withhold_version(coach, "1.0.0", reason="malware", text="It bites.", by=as_root)

    page = desk.get(desk_address(report)).text
    assert f'href="{address}"' in page
    assert "the audit log notes that you read it" in page
    assert "It bites." in page


def test_reversing_measure_says_that_the_author_gets_the_reason(
    desk: Client, report: Report, coach: Agent, as_root: Actor
):
    yank_version(coach, "1.0.0", reason="It lies.", by=as_root)
    withhold_version(coach, "1.0.0", reason="malware", text="It bites.", by=as_root)
    delist_agent(coach, reason="Spam.", by=as_root)

    for measure in ("unyank", "lift", "relist"):
        confirmation = ask(desk, report, measure, version="1.0.0").text
        assert "The reason is emailed to the author." in confirmation
        assert "shown on the page" not in confirmation


def test_list_of_versions_names_their_state(desk: Client, coach: Agent, as_root: Actor):
    versions = reverse("admin:registry_version_changelist")
    assert '"state state-good">offered<' in desk.get(versions).text

    yank_version(coach, "1.0.0", reason="It lies.", by=as_root)
    assert '"state state-warn">yanked<' in desk.get(versions).text

    withhold_version(coach, "1.0.0", reason="malware", text="It bites.", by=as_root)
    assert '"state state-bad">withheld<' in desk.get(versions).text


def test_report_page_shows_its_evidence(
    desk: Client, report: Report, coach: Agent, ada: User, as_root: Actor, as_grace: Actor
):
    other = report_agent(coach.pk, reason="other", details="Earlier.", by=ANONYMOUS)
    resolve_report(other.pk, status="dismissed", by=as_root)
    distant_agent = make_agent(ada, "elsewhere")
    report_agent(distant_agent.pk, reason="other", details="About another one.", by=ANONYMOUS)
    version = coach.versions.get()
    version.versionfiles.create(
        rule_set="1", path="AGENTS.md", kind="markdown", size_bytes=10, sha256="0" * 64
    )
    version.versionfindings.create(
        rule_set="1", code="broken_reference", severity="warning", path="A.md", message="Gone."
    )
    post_review(coach, rating=2, title="Meh", by=as_grace)

    page = desk.get(desk_address(report)).text

    for evidence in (
        "It is &lt;b&gt;spam&lt;/b&gt;.",
        "AGENTS.md",
        "Gone.",
        "Earlier.",
        "About another one.",
        "Meh",
        "posted the review",
        "@grace",
        "0 min",
    ):
        assert evidence in page
    assert "<b>spam" not in page


def test_report_page_shows_the_review_as_it_was_reported(
    desk: Client, coach: Agent, ada: User, as_grace: Actor
):
    review = post_review(coach, rating=1, title="Rude words", by=as_grace)
    report = report_agent(
        coach.pk, review_id=review.pk, reason="other", details="Rude.", by=Actor(user=ada)
    )
    assert "Unchanged." in desk.get(desk_address(report)).text

    edit_review(review, {"title": "Kind words"}, by=as_grace)
    page = desk.get(desk_address(report)).text
    assert "Rude words" in page
    assert "Kind words" in page

    take(desk, report, "delete_review", close="on")
    assert Review.objects.count() == 0
    assert AuditLog.objects.get(action="review.deleted").details["reason"] == "Because."
    assert "Deleted." in desk.get(desk_address(report)).text
    report.refresh_from_db()
    assert report.status == "resolved"


def test_report_page_shows_the_owners_reply(
    desk: Client, coach: Agent, as_ada: Actor, as_grace: Actor
):
    review = post_review(coach, rating=1, title="Meh", by=as_grace)
    reply_to_review(review, body="You <fool>.", by=as_ada)
    report = report_agent(
        coach.pk, review_id=review.pk, reason="other", details="Rude.", by=as_grace
    )
    page = desk.get(desk_address(report)).text
    assert "Unchanged." in page
    assert "You &lt;fool&gt;." in page

    reply_to_review(review, body="Thank you.", by=as_ada)

    page = desk.get(desk_address(report)).text
    assert "Current version" in page
    assert "You &lt;fool&gt;." in page
    assert "Thank you." in page


@pytest.mark.parametrize(("measure", "status"), [("dismiss", "dismissed"), ("resolve", "resolved")])
def test_measure_closes_a_report(
    desk: Client, report: Report, root: User, measure: str, status: str
):
    answer = take(desk, report, measure, "Looked at it.")

    assert answer.request["PATH_INFO"] == reverse(LIST)
    report.refresh_from_db()
    assert (report.status, report.resolution_notes, report.resolved_by_user_id) == (
        status,
        "Looked at it.",
        root.pk,
    )
    assert AuditLog.objects.get(action=f"report.{status}").door == "admin"
    assert "There is nothing to decide" not in desk.get(desk_address(report)).text


def is_yanked() -> bool:
    return Version.objects.get().is_yanked


def is_withheld() -> bool:
    return VersionWithholding.objects.in_force().exists()


def is_delisted() -> bool:
    return Agent.objects.get().is_delisted


def is_suspended() -> bool:
    return Suspension.objects.in_force().exists()


@pytest.mark.parametrize(
    ("measure", "fields", "message"),
    [
        ("dismiss", {}, "Dismissed the report about @ada/coach@1.0.0"),
        ("yank", {"version": "1.0.0"}, "Yanked @ada/coach 1.0.0; author emailed"),
        (
            "withhold",
            {"version": "1.0.0", "cause": "malware", "close": "on"},
            "Withheld @ada/coach 1.0.0; author emailed; report resolved",
        ),
        ("delist", {}, "Delisted @ada/coach; author emailed"),
        ("suspend", {}, "Suspended @ada; person emailed"),
    ],
)
def test_message_names_the_measure_and_the_recipients(
    desk: Client, report: Report, ada: User, measure: str, fields: dict[str, str], message: str
):
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")

    assert f">{message}<" in take(desk, report, measure, **fields).text


def test_message_omits_recipients_who_switched_emails_off(desk: Client, coach: Agent, ada: User):
    User.objects.filter(pk=ada.pk).update(email="")
    assert ">Delisted @ada/coach; no email to the author<" in take(desk, coach, "delist").text

    User.objects.filter(pk=ada.pk).update(email="ada@example.org")
    set_notice_preferences(ada, {"review"}, by=Actor(user=ada))
    assert ">Relisted @ada/coach; no email to the author<" in take(desk, coach, "relist").text


def test_message_about_a_lifted_suspension_knows_that_the_account_is_open(
    desk: Client, grace: User
):
    User.objects.filter(pk=grace.pk).update(email="grace@example.org")

    assert ">Suspended @grace; person emailed<" in take(desk, grace, "suspend").text
    page = take(desk, grace, "lift").text
    assert ">Lifted the suspension of @grace; person emailed<" in page
    assert f'href="{desk_address(grace)}?measure=suspend#decision"' in page


@pytest.mark.parametrize(
    ("measure", "back", "fields", "is_done"),
    [
        ("yank", "unyank", {"version": "1.0.0"}, is_yanked),
        ("withhold", "lift", {"version": "1.0.0", "cause": "malware"}, is_withheld),
        ("delist", "relist", {}, is_delisted),
    ],
)
def test_measures_can_be_reversed(
    desk: Client,
    report: Report,
    measure: str,
    back: str,
    fields: dict[str, str],
    is_done: Callable[[], bool],
):
    answer = take(desk, report, measure, **fields)

    assert is_done()
    assert answer.request["PATH_INFO"] == desk_address(report)
    assert f'value="{measure}"' not in answer.text
    report.refresh_from_db()
    assert report.status == "open"

    take(desk, report, back, "A mistake.", **fields)
    assert not is_done()
    reasons = AuditLog.objects.filter(door="admin").values_list("details__reason", flat=True)
    assert set(reasons) >= {"Because.", "A mistake."}


def test_measure_and_closing_of_its_report_succeed_together(
    desk: Client, report: Report, as_root: Actor
):
    take(desk, report, "yank", version="1.0.0", close="on")
    report.refresh_from_db()
    assert (is_yanked(), report.status, report.resolution_notes) == (True, "resolved", "Because.")

    answer = desk.post(
        desk_address(report),
        {"measure": "delist", "reason": "More.", "close": "on", "confirmed": "yes"},
    )
    assert answer.status_code == 409
    assert "Another maintainer already decided" in answer.text
    assert not is_delisted()


def test_account_can_be_suspended_from_a_report(desk: Client, report: Report, ada: User):
    take(desk, report, "suspend")

    assert is_suspended()
    assert not User.objects.get(pk=ada.pk).is_active


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"measure": "yank", "version": "1.0.0", "reason": " "}, "Enter a reason."),
        ({"measure": "yank", "version": "", "reason": "Typed."}, "Select an option."),
        ({"measure": "withhold", "version": "1.0.0", "reason": "Typed."}, "Select an option."),
        ({"measure": "yank", "version": "9.9.9", "reason": "Typed."}, "Select a valid choice"),
        ({"measure": "explode", "reason": "Typed."}, "This action is not available here"),
        ({"reason": "Typed."}, "Select an action."),
        ({"measure": "delist", "reason": "x" * 2001}, "at most 2000"),
    ],
)
def test_invalid_measure_form_names_the_problem_and_keeps_the_input(
    desk: Client, report: Report, fields: dict[str, str], complaint: str
):
    answer = desk.post(desk_address(report), {**fields, "confirmed": "yes"})

    assert answer.status_code == 422
    assert complaint in answer.text
    assert fields["reason"].strip() in answer.text
    assert [is_yanked(), is_withheld(), is_delisted()] == [False] * 3


def test_back_button_of_the_confirmation_keeps_the_input(desk: Client, report: Report):
    answer = ask(desk, report, "delist", "Typed <words>.", back="yes")

    assert "Typed &lt;words&gt;." in answer.text
    assert re.search(r'value="delist"\s+id="measure-delist"[^>]*\schecked\s*>', answer.text)
    assert not is_delisted()


def test_maintainer_has_no_measures_about_their_own_agent(desk: Client, root: User):
    own = make_agent(root, "own")
    make_version(own)
    report = report_agent(own.pk, reason="spam", details="Look.", by=ANONYMOUS)

    for measure, fields in (("dismiss", {}), ("delist", {}), ("suspend", {})):
        answer = desk.post(
            desk_address(report),
            {"measure": measure, "reason": "Mine.", "confirmed": "yes", **fields},
        )
        assert answer.status_code == 403
        assert "Another maintainer must" in answer.text
        assert "Mine." in answer.text
    assert [is_delisted(), is_suspended()] == [False] * 2
    assert Report.objects.get().status == "open"


# --- The list --------------------------------------------------------------------------------


def names(answer: HttpResponse) -> list[str]:
    return [report.agent.name for report in answer.context["cl"].result_list]


def test_report_list_has_malware_first_and_then_the_oldest(desk: Client, ada: User):
    for number, name in enumerate(["new", "old", "oldest", "official", "malware"]):
        agent = make_agent(ada, name)
        make_version(agent, channel=Channel.OFFICIAL if name == "official" else "community")
        reason = "malicious" if name == "malware" else "spam"
        report_agent(agent.pk, reason=reason, details="Look.", by=ANONYMOUS)
        is_today = name in ("official", "malware")
        Report.objects.filter(agent=agent).update(
            created_at=now() - timedelta(hours=1 if is_today else 48 * number + 12)
        )

    assert names(desk.get(reverse(LIST))) == ["malware", "oldest", "old", "new", "official"]
    first, second = Report.objects.in_queue_order()[:2]
    assert next_report(first) == second.pk
    assert next_report(Report.objects.in_queue_order()[4]) == first.pk
    assert names(desk.get(reverse(LIST), {"channel": "official"})) == ["official"]
    assert names(desk.get(reverse(LIST), {"age": "days"})) == ["old"]
    assert names(desk.get(reverse(LIST), {"age": "week"})) == ["oldest"]
    assert names(desk.get(reverse(LIST), {"age": "day"})) == ["malware", "new", "official"]
    assert names(desk.get(reverse(LIST), {"q": "oldest"})) == ["oldest"]
    assert names(desk.get(reverse(LIST), {"reason__exact": "other"})) == []


def test_decided_reports_are_in_lists_of_their_own(desk: Client, report: Report, as_root: Actor):
    resolve_report(report.pk, status="dismissed", by=as_root)

    assert names(desk.get(reverse(LIST))) == []
    assert names(desk.get(reverse(LIST), {"status": "dismissed"})) == ["coach"]
    assert names(desk.get(reverse(LIST), {"status": "all"})) == ["coach"]


def test_waiting_time_has_words_and_a_state():
    def clock(**age: float) -> tuple[str, str]:
        clock_row = waiting_time_of(Report(created_at=now() - timedelta(**age)))
        return clock_row.in_words, clock_row.state

    assert clock(minutes=5, seconds=5) == ("5 min", "fresh")
    assert clock(hours=5, minutes=7, seconds=1) == ("5 h 7 min", "fresh")
    assert clock(days=2, hours=3, minutes=1) == ("2 d 3 h", "waiting")
    assert clock(days=40, minutes=1) == ("40 d 0 h", "late")


def test_front_page_counts_open_reports_and_appeals(
    desk: Client, report: Report, ada: User, as_root: Actor
):
    delist_agent(report.agent, reason="Spam.", by=as_root)
    post_appeal(decisions_about(ada)[0].event.pk, text="No.", by=Actor(user=ada))

    page = " ".join(desk.get(reverse("admin:index")).text.split())

    assert "<b>1</b> open report <" in page
    assert "<b>1</b> open appeal <" in page


# --- Other rows ------------------------------------------------------------------------------


def test_agent_and_version_pages_offer_their_measures(desk: Client, coach: Agent):
    version = coach.versions.get()

    take(desk, version, "withhold", cause="court")
    assert is_withheld()
    take(desk, version, "lift")
    take(desk, version, "yank")
    assert (is_withheld(), is_yanked()) == (False, True)
    take(desk, version, "unyank")
    take(desk, coach, "delist")
    assert (is_yanked(), is_delisted()) == (False, True)
    take(desk, coach, "relist")
    assert not is_delisted()


def test_user_page_suspends_and_grants_roles(desk: Client, grace: User):
    take(desk, grace, "suspend")
    assert is_suspended()
    take(desk, grace, "lift")
    assert not is_suspended()
    take(desk, grace, "make_official", "They work here.")
    assert Group.objects.get(name="Official publishers").user_set.get() == grace
    take(desk, grace, "make_maintainer")
    assert User.objects.get(pk=grace.pk).is_staff
    take(desk, grace, "end_maintainer")
    take(desk, grace, "end_official")
    assert not User.objects.get(pk=grace.pk).is_staff
    grants = AuditLog.objects.filter(action="role.granted", door="admin")
    assert {event.details["reason"] for event in grants} == {"They work here.", "Because."}


def test_maintainer_may_not_grant_a_role_to_themselves(desk: Client, root: User):
    answer = desk.post(
        desk_address(root), {"measure": "make_official", "reason": "Me.", "confirmed": "yes"}
    )

    assert answer.status_code == 403
    assert "You can&#x27;t decide about your own account" in answer.text
    assert not User.objects.get(pk=root.pk).has_role("official")


def test_appeal_is_decided_by_another_maintainer(
    desk: Client, coach: Agent, ada: User, as_root: Actor
):
    rita = Actor(user=make_user("rita", maintainer=True))
    delist_agent(coach, reason="Spam.", by=rita)
    appeal = post_appeal(
        decisions_about(ada)[0].event.pk, text="It is <i>not</i>.", by=Actor(user=ada)
    )
    assert "It is &lt;i&gt;not&lt;/i&gt;." in desk.get(desk_address(appeal)).text

    take(desk, appeal, "uphold", "True.")

    assert not is_delisted()
    appeal.refresh_from_db()
    assert (appeal.status, appeal.decision_notes) == ("upheld", "True.")


def test_maintainer_has_no_measures_against_an_appeal_of_their_decision(
    desk: Client, coach: Agent, ada: User, as_root: Actor
):
    make_user("rita", maintainer=True)
    delist_agent(coach, reason="Spam.", by=as_root)
    appeal = post_appeal(decisions_about(ada)[0].event.pk, text="No.", by=Actor(user=ada))

    assert "The appeal is against your own decision." in desk.get(desk_address(appeal)).text
    answer = desk.post(
        desk_address(appeal), {"measure": "reject", "reason": "No.", "confirmed": "yes"}
    )
    assert answer.status_code == 403
    assert Appeal.objects.get().status == "open"


def test_category_edit_is_recorded(desk: Client):
    page = reverse("admin:registry_category_change", args=["other"])

    sentence = Category.objects.get(pk="other").sentence
    fields = {"name": "Rest", "icon": "box", "sort_order": 99, "sentence": sentence}
    answer = desk.post(page, fields)

    assert answer.status_code == 302
    assert Category.objects.get(pk="other").name == "Rest"
    event = AuditLog.objects.get(action="category.curated")
    assert (event.entity_id, event.details) == ("other", {"fields": ["name"]})
    delete = reverse("admin:registry_category_delete", args=["other"])
    assert desk.post(delete, {"post": "yes"}).status_code == 403


# --- And nothing else ------------------------------------------------------------------------


def ours() -> list[str]:
    own = {"accounts", "audit", "jobs", "registry", "reviews", "moderation"}
    hits = []
    for model in apps.get_models():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if model._meta.app_label in own:
            try:
                reverse(f"admin:{name}_changelist")
            except NoReverseMatch:
                continue
            hits.append(name)
    return hits


def test_maintainer_opens_every_list_and_adds_or_deletes_no_row(
    desk: Client, report: Report, as_root: Actor, ada: User
):
    withhold_version(report.agent, "1.0.0", reason="court", text="An order.", by=as_root)
    take(desk, ada, "suspend")
    names = ours()
    assert len(names) == 16

    for name in names:
        assert desk.get(reverse(f"admin:{name}_changelist")).status_code == 200, name
        if name != "registry_category":
            assert desk.get(reverse(f"admin:{name}_add")).status_code == 403, name
        rows = apps.get_model(name.replace("_", ".", 1)).objects
        # The desk shows the texts that were taken down, and no others.
        row = rows.exclude(held_at=None).first() if "heldtext" in name else rows.first()
        if row is not None:
            assert desk.get(desk_address(row)).status_code == 200, name
            delete = reverse(f"admin:{name}_delete", args=[row.pk])
            assert desk.post(delete, {"post": "yes"}).status_code == 403, name


def test_no_field_of_a_row_can_be_edited(desk: Client, grace: User, coach: Agent):
    before = (grace.is_superuser, grace.email)
    form = {"is_superuser": "on", "email": "x@example.org", "username": "boss", "_save": "Save"}

    assert desk.post(desk_address(grace), form).status_code == 422
    assert desk.post(desk_address(coach), {"name": "mine"}).status_code == 422
    event = AuditLog.objects.first()
    assert event
    assert desk.post(desk_address(event), {"action": "nothing"}).status_code == 403

    row_again = User.objects.get(pk=grace.pk)
    assert (row_again.is_superuser, row_again.email, row_again.username) == (*before, "grace")
    assert Agent.objects.get().name == "coach"


def test_measure_needs_the_csrf_token(root: User, report: Report):
    strict = Client(enforce_csrf_checks=True)
    grant_role(root, "maintainer", by=ANONYMOUS)
    strict.force_login(root)
    form = {"measure": "dismiss", "reason": "x", "confirmed": "yes"}
    assert strict.post(desk_address(report), form).status_code == 403

    html = strict.get(desk_address(report)).text
    token_match = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert token_match
    token = {"csrfmiddlewaretoken": token_match[1]}
    confirmation = strict.post(desk_address(report), {**token, "measure": "dismiss", "reason": "x"})
    assert 'name="csrfmiddlewaretoken"' in confirmation.text
    assert strict.post(desk_address(report), {**token, **form}).status_code == 302
    report.refresh_from_db()
    assert report.status == "dismissed"


def test_staff_with_view_permission_have_no_measures(desk: Client, report: Report):
    Group.objects.get(name="Maintainers").permissions.remove(
        Permission.objects.get(codename="change_report")
    )

    assert 'name="measure"' not in desk.get(desk_address(report)).text
    answer = desk.post(
        desk_address(report), {"measure": "dismiss", "reason": "x", "confirmed": "yes"}
    )
    assert answer.status_code == 403
    assert Report.objects.get().status == "open"


def test_other_users_are_sent_away_from_the_desk(client: Client, report: Report, grace: User):
    for login in (None, grace):
        if login:
            client.force_login(login)
        assert client.get(desk_address(report)).status_code == 302
        assert client.post(desk_address(report), {"measure": "dismiss"}).status_code == 302


def test_unknown_report_has_no_page(desk: Client):
    for wrong in ("garbage", "00000000-0000-0000-0000-000000000000"):
        address = reverse("admin:moderation_report_change", args=[wrong])
        assert desk.get(address).status_code == 302


@pytest.mark.parametrize("many", [1, 6])
def test_evidence_takes_a_constant_number_of_queries(
    desk: Client, report: Report, ada: User, many: int, django_assert_max_num_queries: Any
):
    coach = report.agent
    for number in range(many):
        make_version(coach, f"1.{number + 1}.0")
        post_review(coach, rating=3, by=Actor(user=make_user(f"user-{number}")))
        other = make_agent(ada, f"other-{number}")
        report_agent(other.pk, reason="other", details="Look.", by=ANONYMOUS)
    yank_version(coach, "1.1.0", reason="Old.", by=Actor(user=ada))

    with django_assert_max_num_queries(20):
        assert desk.get(desk_address(report)).status_code == 200
    with django_assert_max_num_queries(12):
        assert desk.get(reverse(LIST)).status_code == 200


def test_desk_has_the_strict_content_security_policy(desk: Client, report: Report):
    answer = desk.get(desk_address(report))

    assert "unsafe" not in answer["Content-Security-Policy"]
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
    assert "onclick" not in answer.text


# --- Picks -----------------------------------------------------------------------------------


def test_agent_is_picked_and_unpicked(desk: Client, coach: Agent, root: User):
    assert "Remove pick" not in desk.get(desk_address(coach)).text

    take(desk, coach, "pick", "Reads well.")

    assert (coach.pick.reason, coach.pick.picked_by_user_id) == ("Reads well.", root.pk)
    listing = desk.get(reverse("admin:registry_agentpick_changelist")).text
    assert "Reads well." in listing
    assert desk.get(desk_address(coach.pick)).status_code == 200

    take(desk, coach, "unpick", "")

    assert not AgentPick.objects.exists()
    events = AuditLog.objects.filter(entity_id=coach.full_id, action__contains="picked")
    assert sorted(events.values_list("action", flat=True)) == ["agent.picked", "agent.unpicked"]


def test_pick_with_an_invalid_reason_is_refused_on_the_page(desk: Client, coach: Agent):
    assert "Enter a reason." in ask(desk, coach, "pick", " ").text
    form = {"measure": "pick", "reason": "x" * 201, "confirmed": "yes"}
    assert "at most 200 characters" in desk.post(desk_address(coach), form).text
    assert not AgentPick.objects.exists()
