"""Appeals: one per decision, decided by another maintainer, reversed if upheld."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from foundation.accounts.models import User
from foundation.accounts.rules import suspended_token
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope, Refusal, Unauthenticated
from moderation.actions import decide_appeal, post_appeal, suspend_account
from moderation.errors import (
    AlreadyAppealed,
    AppealDecided,
    AppealNotFound,
    DecisionNotFound,
    DecisionNotInForce,
    InvalidAppeal,
    InvalidNotes,
    OwnDecision,
)
from moderation.models import Appeal
from registry.agents.actions import (
    delist_agent,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.errors import NotMaintainer, OwnAgent
from registry.models import Agent, Version, VersionWithholding
from tests.support.audit import last_audit_row
from tests.support.factories import make_agent, make_user, make_version
from tests.support.races import run_at_once

pytestmark = pytest.mark.once


@pytest.fixture
def as_rita(db: None) -> Actor:
    """Another maintainer."""
    return Actor(user=make_user("rita", maintainer=True), door="admin")


def yank(coach: Agent, by: Actor) -> AuditLog:
    yank_version(coach, "1.0.0", reason="It lies.", by=by)
    return last_audit_row("version.yanked")


def delist(coach: Agent, by: Actor) -> AuditLog:
    delist_agent(coach, reason="Spam.", by=by)
    return last_audit_row("agent.delisted")


def withhold(coach: Agent, by: Actor) -> AuditLog:
    withhold_version(coach, "1.0.0", reason="malware", text="Bad.", by=by)
    return last_audit_row("version.withheld")


def suspend(coach: Agent, by: Actor) -> AuditLog:
    suspend_account(coach.owner_user, reason="Spam.", by=by)
    return last_audit_row("account.suspended")


def appeal(decision: AuditLog, by: Actor, text: str = "It does not lie.") -> Appeal:
    return post_appeal(str(decision.pk), text=text, by=by)


def is_undone(coach: Agent) -> bool:
    agent = Agent.objects.select_related("owner_user").get(pk=coach.pk)
    return (
        not agent.is_delisted
        and not Version.objects.get().is_yanked
        and not VersionWithholding.objects.in_force().exists()
        and agent.owner_user.is_active
        and agent.is_listed
    )


@pytest.mark.parametrize("act", [yank, delist, withhold, suspend])
def test_upheld_appeal_reverses_the_decision(
    coach: Agent, as_ada: Actor, as_root: Actor, as_rita: Actor, act: Callable[..., AuditLog]
):
    report = appeal(act(coach, as_root), as_ada)
    assert (report.status, report.text, is_undone(coach)) == ("open", "It does not lie.", False)

    decide_appeal(report.pk, uphold=True, notes="You are right.", by=as_rita)

    assert is_undone(coach)
    report.refresh_from_db()
    assert (report.status, report.decision_notes, report.decided_by_user_id) == (
        "upheld",
        "You are right.",
        as_rita.user_id,
    )
    assert last_audit_row("appeal.upheld").entity_id == str(report.pk)
    assert last_audit_row("appeal.filed").details == {
        "about": report.decision.entity_id,
        "against": report.decision.action,
    }


def test_rejected_appeal_leaves_the_decision(
    coach: Agent, as_ada: Actor, as_root: Actor, as_rita: Actor
):
    report = appeal(yank(coach, as_root), as_ada)

    decide_appeal(str(report.pk), uphold=False, notes="It does lie.", by=as_rita)

    report.refresh_from_db()
    assert (report.status, is_undone(coach)) == ("rejected", False)
    with pytest.raises(AppealDecided):
        decide_appeal(report.pk, uphold=True, notes="Or not.", by=as_rita)


def test_decision_is_appealed_once_and_only_while_it_is_in_force(
    coach: Agent, as_ada: Actor, as_root: Actor, as_rita: Actor
):
    first = yank(coach, as_root)
    appeal(first, as_ada)
    with pytest.raises(AlreadyAppealed):
        appeal(first, as_ada)

    unyank_version(coach, "1.0.0", by=as_root)
    delisting = delist(coach, as_root)
    relist_agent(coach, by=as_rita)
    with pytest.raises(DecisionNotInForce):
        appeal(delisting, as_ada)

    second_result = yank(coach, as_root)
    assert appeal(second_result, as_ada).decision_id == second_result.pk
    assert Appeal.objects.count() == 2


def test_decision_about_another_owner_is_not_found(
    coach: Agent, ada: User, as_ada: Actor, as_grace: Actor, as_root: Actor
):
    publish_event = AuditLog.objects.filter(entity_type="user").first()
    decision = yank(coach, as_root)
    own = make_agent(ada, "own")
    make_version(own, "1.0.0")
    yank_version(own, "1.0.0", reason="Mine.", by=as_ada)
    own_yank = last_audit_row("version.yanked")
    attempts: list[tuple[Any, Actor, type[Refusal]]] = [
        (decision.pk, as_grace, DecisionNotFound),
        (own_yank.pk, as_ada, DecisionNotFound),
        (publish_event and publish_event.pk, as_ada, DecisionNotFound),
        (uuid4(), as_ada, DecisionNotFound),
        ("garbage", as_ada, DecisionNotFound),
        (decision.pk, ANONYMOUS, Unauthenticated),
        (decision.pk, Actor(user=ada, scopes=frozenset({"read"})), InsufficientScope),
    ]

    for event_id, by, refusal in attempts:
        with pytest.raises(refusal):
            post_appeal(event_id, text="Please.", by=by)
    assert Appeal.objects.count() == 0


@pytest.mark.parametrize("text", ["", "  \n", None, "x" * 4001, "a\0b"])
def test_appeal_text_is_neither_empty_nor_too_long(
    coach: Agent, as_ada: Actor, as_root: Actor, text: str | None
):
    decision = yank(coach, as_root)

    with pytest.raises(InvalidAppeal):
        post_appeal(decision.pk, text=text, by=as_ada)


def test_another_maintainer_decides_an_appeal_if_there_is_one(
    coach: Agent, as_ada: Actor, as_grace: Actor, as_root: Actor
):
    report = appeal(yank(coach, as_root), as_ada)
    rita = make_user("rita", maintainer=True)

    with pytest.raises(OwnDecision):
        decide_appeal(report.pk, uphold=True, notes="Sorry.", by=as_root)

    suspend_account(rita, reason="Gone.", by=as_root)
    decide_appeal(report.pk, uphold=True, notes="Sorry.", by=as_root)
    assert is_undone(coach)


def test_user_who_may_not_decide_an_appeal_is_refused(
    coach: Agent, ada: User, as_ada: Actor, as_grace: Actor, as_root: Actor, as_rita: Actor
):
    from clawstore.roles import grant_role

    report = appeal(yank(coach, as_root), as_ada)
    refusals: list[tuple[Any, dict[str, Any], type[Refusal]]] = [
        (ANONYMOUS, {}, Unauthenticated),
        (as_grace, {}, NotMaintainer),
        (as_rita, {"notes": " "}, InvalidNotes),
        (as_rita, {"notes": "x" * 2001}, InvalidNotes),
        (as_rita, {"appeal_id": uuid4()}, AppealNotFound),
        (as_rita, {"appeal_id": "garbage"}, AppealNotFound),
    ]
    for by, reason, refusal in refusals:
        with pytest.raises(refusal):
            decide_appeal(
                **({"appeal_id": report.pk, "uphold": True, "notes": "x"} | reason), by=by
            )

    grant_role(ada, "maintainer", by=as_root)
    with pytest.raises(OwnAgent):
        decide_appeal(report.pk, uphold=True, notes="Mine.", by=Actor(user=ada))
    report.refresh_from_db()
    assert report.status == "open"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_concurrent_appeals_and_decisions_count_once():
    coach = make_agent(make_user("ada"))
    make_version(coach, "1.0.0")
    as_ada, as_root = Actor(user=coach.owner_user), Actor(user=make_user("root", maintainer=True))
    decision = yank(coach, as_root)

    outcomes = run_at_once([lambda: appeal(decision, as_ada)] * 3)
    assert sorted(type(row).__name__ for row in outcomes) == ["AlreadyAppealed"] * 2 + ["Appeal"]

    report = Appeal.objects.get()
    judges = [
        lambda uphold=uphold: decide_appeal(report.pk, uphold=uphold, notes="So.", by=as_root)
        for uphold in (True, False)
    ]
    decisions = run_at_once(judges)
    assert sorted(type(row).__name__ for row in decisions) == ["Appeal", "AppealDecided"]
    report.refresh_from_db()
    assert is_undone(coach) is (report.status == "upheld")
    connection.close()


# --- The pages -------------------------------------------------------------------------------


def test_author_sees_appeals_and_their_outcome(
    coach: Agent, ada: User, client: Client, as_root: Actor, as_rita: Actor
):
    decision = yank(coach, as_root)
    client.force_login(ada)
    address = f"/appeals/new?decision={decision.pk}"

    listing = client.get("/appeals").text
    assert "@ada/coach@1.0.0 was yanked" in listing
    assert address in listing
    assert "It lies." in client.get(address).text

    page = client.post(address, {"text": "It does not."}, follow=True)
    assert "Appeal sent." in page.text
    assert "It does not." in page.text
    assert address not in page.text

    second_answer = client.post(address, {"text": "It really does not."})
    assert (second_answer.status_code, Appeal.objects.count()) == (409, 1)
    assert "already appealed against this decision" in second_answer.text

    decide_appeal(Appeal.objects.get().pk, uphold=False, notes="It does.", by=as_rita)
    assert "Appeal rejected: the decision stands." in client.get("/appeals").text


def test_refused_appeal_form_keeps_the_text(
    coach: Agent, ada: User, client: Client, as_root: Actor
):
    decision = yank(coach, as_root)
    client.force_login(ada)

    answer = client.post(f"/appeals/new?decision={decision.pk}", {"text": "<b>" + "x" * 4000})

    assert answer.status_code == 422
    assert "&lt;b&gt;xxxx" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_requests_of_others_and_refused_forms_use_up_no_appeal(
    coach: Agent, ada: User, client: Client, as_root: Actor, limits_on: None
):
    for number in range(10):
        fields = {"reason": "spam", "details": f"No. {number}"}
        assert client.post("/agents/@ada/coach/report", fields).status_code == 302
    assert client.post("/agents/@ada/coach/report", fields).status_code == 429
    decision = yank(coach, as_root)
    client.force_login(ada)
    for _ in range(10):
        client.post(f"/appeals/new?decision={decision.pk}", {"text": ""})

    client.post(f"/appeals/new?decision={decision.pk}", {"text": "It does not lie."})

    assert Appeal.objects.get().text == "It does not lie."


def test_rate_limited_appeal_form_keeps_the_text_and_names_the_wait(
    coach: Agent, ada: User, client: Client, as_root: Actor, limits_on: None
):
    decision = yank(coach, as_root)
    client.force_login(ada)
    for _ in range(10):
        client.post(f"/appeals/new?decision={decision.pk}", {"text": "It does not."})

    answer = client.post(f"/appeals/new?decision={decision.pk}", {"text": "Once more."})

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_suspended_user_appeals_by_a_link_that_allows_nothing_else(
    coach: Agent, ada: User, client: Client, as_root: Actor, as_rita: Actor
):
    decision = suspend(coach, as_root)
    link = f"for={suspended_token(ada)}"

    assert f"{link}" in client.get(f"/suspended?{link}").text.replace("%3A", ":")
    page = client.post(
        f"/appeals/new?decision={decision.pk}&{link}", {"text": "It was my cat."}, follow=True
    )
    assert "It was my cat." in page.text
    assert client.get("/v1/me").status_code == 401
    event = last_audit_row("appeal.filed")
    assert (event.user_id, event.door) == (ada.pk, "link")

    decide_appeal(Appeal.objects.get().pk, uphold=True, notes="A cat it was.", by=as_rita)
    assert client.get(f"/appeals?{link}").status_code == 302


@pytest.mark.parametrize("path", ["/appeals", "/appeals/new?decision=x", "/appeals?for=garbage"])
def test_appeal_pages_need_a_session_or_a_link(client: Client, db: None, path: str):
    answer = client.get(path)

    assert (answer.status_code, answer["Location"][:7]) == (302, "/signin")


def test_page_of_another_users_decision_is_not_found(
    coach: Agent, grace: User, client: Client, as_root: Actor
):
    decision = yank(coach, as_root)
    client.force_login(grace)

    assert client.get(f"/appeals/new?decision={decision.pk}").status_code == 404
    assert client.get("/appeals/new?decision=garbage").status_code == 404
    assert "No decisions." in client.get("/appeals").text


@pytest.mark.parametrize("many", [1, 12])
def test_list_of_decisions_takes_a_constant_number_of_queries(
    ada: User, client: Client, as_root: Actor, many: int, django_assert_max_num_queries: Any
):
    for number in range(many):
        delist_agent(make_agent(ada, f"agent-{number}"), reason="Spam.", by=as_root)
    client.force_login(ada)

    with django_assert_max_num_queries(8):
        page = client.get("/appeals").text
    assert page.count("was delisted</h2>") == many
