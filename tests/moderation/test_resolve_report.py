import uuid

import pytest
from django.db import connection

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope, Unauthenticated
from moderation.actions import resolve_report
from moderation.errors import AlreadyResolved, InvalidNotes, InvalidStatus, ReportNotFound
from moderation.models import Report
from registry.errors import NotMaintainer, OwnAgent
from tests.support.factories import make_agent, make_report, make_user
from tests.support.races import run_at_once

MODERATION = frozenset({"reports:moderate"})


@pytest.fixture
def report(ada: User) -> Report:
    return make_report(make_agent(ada))


def is_open(report: Report) -> bool:
    fresh = Report.objects.get(pk=report.pk)
    return (fresh.status, fresh.resolved_at, fresh.resolved_by_user_id) == ("open", None, None)


@pytest.mark.once
@pytest.mark.parametrize("status", ["resolved", "dismissed"])
def test_maintainer_resolves_a_report(report: Report, root: User, as_root: Actor, status: str):
    resolve_report(str(report.pk), status=status, notes=" Looked at it. ", by=as_root)

    stored_row = Report.objects.get(pk=report.pk)
    assert (stored_row.status, stored_row.resolution_notes) == (status, "Looked at it.")
    assert stored_row.resolved_by_user_id == root.pk
    assert stored_row.resolved_at >= stored_row.created_at
    event = AuditLog.objects.get(action=f"report.{status}")
    assert (event.entity_id, event.user_id) == (str(report.pk), root.pk)
    assert event.details == {"agent": "@ada/coach"}


@pytest.mark.once
def test_key_with_the_moderation_scope_resolves_a_report(report: Report, root: User):
    decided_report = resolve_report(
        report.pk, status="resolved", by=Actor(user=root, scopes=MODERATION)
    )

    assert decided_report.resolution_notes is None


@pytest.mark.once
def test_user_who_may_not_moderate_is_refused(report: Report, ada: User, grace: User, root: User):
    refusals = [
        (ANONYMOUS, Unauthenticated),
        (Actor(user=grace), NotMaintainer),
        (Actor(user=ada), NotMaintainer),
        (Actor(user=grace, scopes=MODERATION), NotMaintainer),
        (Actor(user=root, scopes=frozenset({"read"})), InsufficientScope),
        (Actor(user=root, scopes=MODERATION, bound_to="@ada/other"), InsufficientScope),
    ]

    for by, refusal in refusals:
        with pytest.raises(refusal):
            resolve_report(report.pk, status="resolved", by=by)
    assert is_open(report)


@pytest.mark.once
def test_owner_may_not_decide_a_report_about_their_agent(root: User, as_root: Actor):
    own = make_report(make_agent(root, "own"))

    with pytest.raises(OwnAgent) as refusal:
        resolve_report(own.pk, status="dismissed", by=as_root)

    assert refusal.value.code == "own_agent"
    assert is_open(own)


@pytest.mark.once
@pytest.mark.parametrize("status", ["open", "closed", "", None, "RESOLVED"])
def test_report_is_resolved_or_dismissed_and_nothing_else(
    report: Report, as_root: Actor, status: str | None
):
    with pytest.raises(InvalidStatus):
        resolve_report(report.pk, status=status, by=as_root)

    assert is_open(report)


def test_notes_have_a_maximum_length(report: Report, as_root: Actor):
    with pytest.raises(InvalidNotes) as refusal:
        resolve_report(report.pk, status="resolved", notes="n" * 2001, by=as_root)

    assert refusal.value.details == {
        "errors": [{"path": "notes", "message": "Up to 2000 characters."}]
    }
    assert is_open(report)


@pytest.mark.once
@pytest.mark.parametrize("report_id", ["garbage", "", str(uuid.UUID(int=7)), uuid.UUID(int=7)])
def test_unknown_report_is_not_found(as_root: Actor, report_id: object):
    with pytest.raises(ReportNotFound):
        resolve_report(report_id, status="resolved", by=as_root)


def test_decided_report_is_not_decided_again(report: Report, as_root: Actor):
    resolve_report(report.pk, status="dismissed", notes="Fine.", by=as_root)

    with pytest.raises(AlreadyResolved):
        resolve_report(report.pk, status="resolved", notes="Not fine.", by=as_root)

    stored_row = Report.objects.get(pk=report.pk)
    assert (stored_row.status, stored_row.resolution_notes) == ("dismissed", "Fine.")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_decisions_succeeds():
    report = make_report(make_agent(make_user("ada")))
    judges = [Actor(user=make_user(name, maintainer=True)) for name in ("root", "rita")]
    statuses = ("resolved", "dismissed")

    outcomes = run_at_once(
        [
            lambda by=by, status=status: resolve_report(report.pk, status=status, by=by)
            for by, status in zip(judges, statuses, strict=True)
        ]
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyResolved", "Report"]
    winner = next(n for n, outcome in enumerate(outcomes) if isinstance(outcome, Report))
    report.refresh_from_db()
    assert (report.status, report.resolved_by_user_id) == (
        statuses[winner],
        judges[winner].user_id,
    )
    assert AuditLog.objects.filter(entity_type="report").count() == 2
    connection.close()
