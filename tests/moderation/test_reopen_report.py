"""Reopening a closed report."""

import pytest

from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope, NotAllowed, Refusal, Unauthenticated
from moderation.actions import reopen_report, report_agent, resolve_report
from moderation.errors import InvalidNotes, NotClosed, OwnReport, ReportNotFound
from moderation.models import Report
from registry.models import Agent
from tests.support.factories import make_report, make_user


@pytest.fixture
def closed_report(coach: Agent, as_root: Actor) -> Report:
    report = make_report(coach)
    resolve_report(report.pk, status="dismissed", notes="Nothing.", by=as_root)
    return report


@pytest.mark.once
def test_reopened_report_waits_again_and_the_log_keeps_the_decision(
    closed_report: Report, as_root: Actor
):
    created_at = closed_report.created_at

    report = reopen_report(closed_report.pk, reason="A mistake.", by=as_root)

    report.refresh_from_db()
    decision = (report.status, report.resolved_at, report.resolved_by_user, report.resolution_notes)
    assert decision == ("open", None, None, None)
    assert report.created_at == created_at
    event = AuditLog.objects.get(action="report.reopened")
    assert event.details == {
        "agent": "@ada/coach",
        "reason": "A mistake.",
        "undone": {"status": "dismissed", "notes": "Nothing."},
    }
    assert resolve_report(report.pk, status="resolved", by=as_root).status == "resolved"


@pytest.mark.once
@pytest.mark.parametrize("reason", [None, "  ", "x" * 2001])
def test_reopening_needs_a_reason(closed_report: Report, as_root: Actor, reason: str | None):
    with pytest.raises(InvalidNotes):
        reopen_report(closed_report.pk, reason=reason, by=as_root)

    closed_report.refresh_from_db()
    assert closed_report.status == "dismissed"


@pytest.mark.once
def test_open_and_unknown_reports_are_not_reopened(coach: Agent, as_root: Actor):
    report = make_report(coach)

    with pytest.raises(NotClosed):
        reopen_report(report.pk, reason="Again.", by=as_root)
    with pytest.raises(ReportNotFound):
        reopen_report("nothing", reason="Again.", by=as_root)
    assert not AuditLog.objects.filter(action="report.reopened").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("actor", "refusal"),
    [("nobody", Unauthenticated), ("grace", NotAllowed), ("key", InsufficientScope)],
)
def test_only_maintainers_reopen(
    closed_report: Report, as_root: Actor, as_grace: Actor, actor: str, refusal: type[Refusal]
):
    key = Actor(user=as_root.user, scopes=frozenset({"agents:yank"}))
    by = {"nobody": ANONYMOUS, "grace": as_grace, "key": key}[actor]

    with pytest.raises(refusal):
        reopen_report(closed_report.pk, reason="Again.", by=by)

    closed_report.refresh_from_db()
    assert closed_report.status == "dismissed"


@pytest.mark.once
def test_reporter_does_not_reopen_their_own_report(coach: Agent, as_root: Actor):
    judge = Actor(user=make_user("judy", maintainer=True))
    report = report_agent(coach.pk, reason="spam", details="Look.", by=as_root)
    resolve_report(report.pk, status="dismissed", by=judge)

    with pytest.raises(OwnReport):
        reopen_report(report.pk, reason="Again.", by=as_root)
