"""Maintainers do not decide about own matters: every measure, relation and door."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from foundation.access.actions import create_key
from foundation.access.models import ApiKey
from foundation.accounts.errors import OwnAccount
from foundation.accounts.models import Suspension, User
from foundation.actor import Actor
from foundation.own_matters import OwnMatter, own_matter_of
from moderation.actions import (
    decide_appeal,
    post_appeal,
    report_agent,
    resolve_report,
    suspend_account,
)
from moderation.errors import OwnDecision, OwnReport, OwnReview
from moderation.measures import ACCOUNT_MEASURES, REPORT_MEASURES
from moderation.models import Appeal, Report
from moderation.queries import decisions_about
from registry.agents.actions import delist_agent, pick_agent, withhold_version, yank_version
from registry.errors import OwnAgent
from registry.models import Agent, AgentPick, Version, VersionWithholding
from reviews.actions import post_review
from reviews.models import Review
from tests.support.factories import make_agent, make_user, make_version
from tests.support.http import Api
from tests.support.page import desk_address
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation, invite_member

pytestmark = pytest.mark.once

REFUSALS = (OwnMatter, OwnAgent, OwnAccount, OwnReview, OwnReport, OwnDecision)
MESSAGES = [str(refusal.message) for refusal in REFUSALS]
CODES = {refusal.code for refusal in REFUSALS}


@dataclass
class Scene:
    """A report about a review of an agent, and Root, who tries to decide about it."""

    root: User
    judge: Actor
    desk: Client
    key: str
    agent: Agent
    review: Review
    report: Report

    @property
    def author(self) -> User:
        return self.agent.owner_user

    @property
    def reviewer(self) -> User:
        return self.review.reviewer_user

    def state(self) -> list[object]:
        """All columns that a measure changes."""
        return [
            list(model.objects.order_by("pk").values_list(*columns))
            for model, *columns in (
                (Report, "status", "resolved_by_user"),
                (Appeal, "status", "decided_by_user"),
                (Agent, "delisted_at", "is_listed"),
                (Version, "yanked_at"),
                (VersionWithholding, "lifted_at"),
                (AgentPick, "agent"),
                (ApiKey, "revoked_at"),
                (Review, "rating"),
                (User, "username", "is_active", "is_staff", "groups"),
                (Suspension, "user", "lifted_at"),
            )
        ]


RELATIONS = {
    # relation: owner of the agent, writer of the review, reporter
    "none": ("ada", "grace", "hedy"),
    "owner": ("root", "grace", "hedy"),
    "writer": ("ada", "root", "hedy"),
    "reporter": ("ada", "grace", "root"),
    # Root is a co-maintainer of the agent.
    "member": ("ada", "grace", "hedy"),
}


@pytest.fixture(params=RELATIONS)
def relation(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def scene(relation: str, client: Client, root: User) -> Scene:
    judge = Actor(user=make_user("judy", maintainer=True), door="admin")
    people = {"root": root} | {name: make_user(name) for name in ("ada", "grace", "hedy")}
    owner, writer, reporter = (people[name] for name in RELATIONS[relation])
    if relation == "member":
        by_owner = Actor(user=owner)
        domain = find_domain(owner.username, by_owner)
        invite_member(domain, login="root", role="editor", by=by_owner)
        accept_invitation(domain, by=Actor(user=root))
    agent = make_agent(owner)
    for number in ("1.0.0", "1.1.0"):
        make_version(agent, number)
    review = post_review(agent, rating=1, by=Actor(user=writer))
    report = report_agent(
        agent.pk, review_id=review.pk, reason="spam", details="Bad.", by=Actor(user=reporter)
    )
    client.force_login(root)
    key = create_key(root, name="key", scopes=["reports:moderate", "reviews:write"], by=judge)[1]
    return Scene(root, judge, client, key, agent, review, report)


# --- Doors: each returns the refusal's code or message, or "" ---------------------------------


def on_page(response: HttpResponse) -> str:
    text = response.text
    return next((message for message in MESSAGES if escape(message) in text), "")


def at_desk(scene: Scene, row: Any, measure: str, **fields: str) -> str:
    opts = row._meta
    page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    form = {"measure": measure, "reason": "Because.", "confirmed": "yes", **fields}
    return on_page(scene.desk.post(page, form))


def in_bulk(scene: Scene, action: str) -> str:
    form = {"action": action, "reason": "Because.", "_selected_action": [str(scene.report.pk)]}
    form["confirmed"] = "yes"
    return on_page(
        scene.desk.post(reverse("admin:moderation_report_changelist"), form, follow=True)
    )


def by_api(scene: Scene, method: str, path: str, body: object = None) -> str:
    agent = f"/v1/agents/{scene.agent.scope}/coach"
    path = path.format(agent=agent, report=scene.report.pk, review=scene.review.pk)
    api = Api(scene.desk)
    response = (
        api.delete(path, key=scene.key)
        if method == "delete"
        else api.post(path, body, key=scene.key)
    )
    code: str = response.json().get("error", {}).get("code", "")
    return code


def by_page(scene: Scene, path: str, **fields: str) -> str:
    path = path.format(agent=f"/agents/@{scene.agent.scope}/coach", review=scene.review.pk)
    return on_page(scene.desk.post(path, fields))


def by_command(scene: Scene, *arguments: str) -> str:
    try:
        call_command("delist_agent", scene.agent.full_id, "--by", "root", *arguments)
    except CommandError as error:
        return str(error)
    return ""


# --- States before a measure that reverses another, made by a maintainer without a relation ---


def yanked(scene: Scene) -> None:
    yank_version(scene.agent, "1.0.0", reason="Bad.", by=scene.judge)


def withheld(scene: Scene) -> None:
    withhold_version(scene.agent, "1.0.0", reason="malware", text="Bad.", by=scene.judge)


def delisted(scene: Scene) -> None:
    delist_agent(scene.agent, reason="Bad.", by=scene.judge)


def picked(scene: Scene) -> None:
    pick_agent(scene.agent, reason="Good.", by=scene.judge)


def suspended(scene: Scene) -> None:
    suspend_account(scene.reviewer, reason="Bad.", by=scene.judge)


def appealed(scene: Scene) -> None:
    delisted(scene)
    decision = decisions_about(scene.author)[0].event
    post_appeal(decision.pk, text="No.", by=Actor(user=scene.author))


def appealed_suspension(scene: Scene) -> None:
    suspended(scene)
    decision = decisions_about(scene.reviewer)[0].event
    post_appeal(decision.pk, text="No.", by=Actor(user=scene.reviewer))


def closed(scene: Scene) -> None:
    resolve_report(scene.report.pk, status="dismissed", by=scene.judge)


BEFORE: dict[str, Callable[[Scene], None]] = {
    "unyank": yanked,
    "lift": withheld,
    "relist": delisted,
    "unpick": picked,
    "reopen": closed,
}
Attempt = Callable[[Scene], str]
ONE_VERSION = {"version": "1.0.0", "cause": "malware"}


def report_page(measure: str, close: str) -> Attempt:
    return lambda scene: at_desk(scene, scene.report, measure, close=close, **ONE_VERSION)


def agent_page(measure: str) -> Attempt:
    return lambda scene: at_desk(scene, scene.agent, measure)


def version_page(measure: str) -> Attempt:
    return lambda scene: at_desk(
        scene, scene.agent.versions.get(version="1.0.0"), measure, cause="malware"
    )


def account_page(person: str, measure: str) -> Attempt:
    return lambda scene: at_desk(scene, getattr(scene, person), measure)


def appeal_page(measure: str) -> Attempt:
    return lambda scene: at_desk(scene, Appeal.objects.get(), measure)


def has_key(scene: Scene, person: str) -> None:
    create_key(getattr(scene, person), name="leak", scopes=["agents:yank"], by=scene.judge)


def key_page(person: str) -> Attempt:
    return lambda scene: at_desk(
        scene, ApiKey.objects.get(created_by=getattr(scene, person), name="leak"), "revoke"
    )


Row = tuple[str, Callable[[Scene], None] | None, Attempt]
ROLES = ("make_official", "make_maintainer")
ATTEMPTS: tuple[Row, ...] = (
    *(
        (f"report page: {m.name}, close={close}", BEFORE.get(m.name), report_page(m.name, close))
        for m in REPORT_MEASURES
        for close in ("", "on")
        if close or m.name in ("yank", "delete_review", "suspend_reviewer")
    ),
    *(
        (f"bulk action: {name}", None, partial(in_bulk, action=name))
        for name in ("resolve", "dismiss")
    ),
    *(
        (f"agent page: {name}", BEFORE.get(name), agent_page(name))
        for name in ("delist", "relist", "pick", "unpick")
    ),
    *(
        (f"version page: {name}", BEFORE.get(name), version_page(name))
        for name in ("yank", "unyank", "withhold", "lift")
    ),
    ("review page: delete", None, lambda scene: at_desk(scene, scene.review, "delete")),
    *(
        (
            f"account page of the {person}: {m.name}",
            suspended if m.name == "lift" else None,
            account_page(person, m.name),
        )
        for m in ACCOUNT_MEASURES
        for person in ("author", "reviewer")
        if (person, m.name) != ("author", "lift")
    ),
    *(
        (f"account page of the {person}: {role}", None, account_page(person, role))
        for role in ROLES
        for person in ("author", "reviewer")
    ),
    *(
        (f"key page of the {person}", partial(has_key, person=person), key_page(person))
        for person in ("author", "reviewer")
    ),
    ("appeal page: uphold", appealed, appeal_page("uphold")),
    ("appeal page: reject", appealed, appeal_page("reject")),
    ("appeal page: uphold a suspension", appealed_suspension, appeal_page("uphold")),
    (
        "API: resolve",
        None,
        lambda scene: by_api(scene, "post", "/v1/reports/{report}/resolve", {"status": "resolved"}),
    ),
    ("API: yank", None, lambda scene: by_api(scene, "post", "{agent}/versions/1.0.0/yank")),
    ("API: unyank", yanked, lambda scene: by_api(scene, "post", "{agent}/versions/1.0.0/unyank")),
    (
        "API: delete a review",
        None,
        lambda scene: by_api(scene, "delete", "{agent}/reviews/{review}"),
    ),
    (
        "page: yank",
        None,
        lambda scene: by_page(scene, "{agent}/versions/1.0.0/yank", reason="Bad."),
    ),
    (
        "page: delete a review",
        None,
        lambda scene: by_page(scene, "{agent}/reviews/{review}/delete"),
    ),
    ("command: delist", None, lambda scene: by_command(scene, "--reason", "Bad.")),
    ("command: relist", delisted, lambda scene: by_command(scene, "--relist")),
)

# Owners and co-maintainers yank their own versions and authors delete their own reviews.
RIGHTS = {
    ("owner", "version page: yank"),
    ("owner", "API: yank"),
    ("owner", "page: yank"),
    ("member", "version page: yank"),
    ("member", "API: yank"),
    ("member", "page: yank"),
    ("writer", "review page: delete"),
    ("writer", "page: delete a review"),
    ("writer", "API: delete a review"),
}
# The measure does not exist for this row, so the desk does not offer it.
NOT_OFFERED = {
    # Root has the role already.
    ("owner", "account page of the author: make_maintainer"),
    ("writer", "account page of the reviewer: make_maintainer"),
    # Suspended, Root has no session.
    ("writer", "account page of the reviewer: lift"),
    ("writer", "appeal page: uphold a suspension"),
}


def outcome_of(scene: Scene, prepare: Callable[[Scene], None] | None, attempt: Attempt) -> str:
    """ "done", "refused" or "unchanged"; everything is rolled back."""
    with transaction.atomic():
        if prepare is not None:
            prepare(scene)
        before = scene.state()
        refusal = attempt(scene)
        is_changed = scene.state() != before
        transaction.set_rollback(True)
    scene.agent.refresh_from_db()
    if is_changed:
        return "done"
    return "refused" if refusal in CODES or refusal in MESSAGES else f"unchanged ({refusal})"


# A rule of 60 measures that the database does not know.
def test_every_measure_is_refused_in_an_own_matter(scene: Scene, relation: str) -> None:
    outcomes = {
        name: outcome_of(scene, prepare, attempt)
        for name, prepare, attempt in ATTEMPTS
        if (relation, name) not in NOT_OFFERED
    }

    expectation = {
        name: "done" if relation == "none" or (relation, name) in RIGHTS else "refused"
        for name in outcomes
    }
    assert outcomes == expectation


@pytest.fixture
def filed_report(root: User, grace: User) -> Report:
    """Grace's report about Root's agent."""
    agent = make_agent(root, "own")
    return report_agent(agent.pk, reason="spam", details="Bad.", by=Actor(user=grace))


def test_the_accused_does_not_suspend_the_reporter(
    filed_report: Report, grace: User, as_root: Actor
) -> None:
    with pytest.raises(OwnMatter) as refusal:
        suspend_account(grace, reason="Spam.", by=as_root)

    assert refusal.value.code == "own_matter"
    assert not Suspension.objects.exists()

    judge = Actor(user=make_user("judy", maintainer=True))
    resolve_report(filed_report.pk, status="dismissed", by=judge)
    assert suspend_account(grace, reason="Spam.", by=as_root)


def test_the_author_of_a_deleted_review_does_not_decide_about_it(
    ada: User, root: User, as_root: Actor
) -> None:
    agent = make_agent(ada)
    review = post_review(agent, rating=1, by=as_root)
    report = report_agent(
        agent.pk, review_id=review.pk, reason="spam", details="Bad.", by=Actor(user=ada)
    )
    review.delete()

    for decide in (
        lambda: resolve_report(report.pk, status="dismissed", by=as_root),
        lambda: delist_agent(agent, reason="Revenge.", by=as_root),
        lambda: suspend_account(ada, reason="Revenge.", by=as_root),
    ):
        with pytest.raises(OwnMatter):
            decide()

    report.refresh_from_db()
    assert report.status == "open"


def test_the_only_judge_without_a_relation_may_decide_on_an_own_decision(
    ada: User, as_ada: Actor, root: User, as_root: Actor
) -> None:
    agent = make_agent(ada)
    make_version(agent)
    delist_agent(agent, reason="Bad.", by=as_root)
    post_appeal(decisions_about(ada)[0].event.pk, text="No.", by=as_ada)
    judy = make_user("judy", maintainer=True)

    with pytest.raises(OwnDecision):
        decide_appeal(Appeal.objects.get().pk, uphold=False, notes="Bad.", by=as_root)

    # Judy reported the agent, so no other maintainer can decide.
    report_agent(agent.pk, reason="spam", details="Bad.", by=Actor(user=judy))
    decide_appeal(Appeal.objects.get().pk, uphold=False, notes="Bad.", by=as_root)
    assert Appeal.objects.get().status == "rejected"


def test_the_reporter_does_not_decide_on_the_appeal(
    ada: User, as_ada: Actor, root: User, as_root: Actor
) -> None:
    agent = make_agent(ada)
    make_version(agent)
    judge = Actor(user=make_user("judy", maintainer=True))
    report = report_agent(agent.pk, reason="spam", details="Bad.", by=as_root)
    delist_agent(agent, reason="Bad.", by=judge)
    resolve_report(report.pk, status="resolved", by=judge)
    post_appeal(decisions_about(ada)[0].event.pk, text="No.", by=as_ada)

    with pytest.raises(OwnReport):
        decide_appeal(Appeal.objects.get().pk, uphold=False, notes="Bad.", by=as_root)

    assert Appeal.objects.get().status == "open"


def test_a_command_without_a_user_has_no_own_matters(ada: User, root: User) -> None:
    assert own_matter_of(make_agent(root), Actor(door="command")) is None
    assert isinstance(own_matter_of(root, Actor(user=root)), OwnAccount)


def test_the_rule_knows_every_matter(root: User) -> None:
    with pytest.raises(TypeError):
        own_matter_of("a text", Actor(user=root))


def test_accused_maintainer_does_not_learn_who_reported(
    desk: Client, filed_report: Report, root: User, grace: User, key_for: Any
) -> None:
    listing = desk.get(reverse("admin:moderation_report_changelist")).text
    assert "hidden from you" in listing
    assert "@grace" not in listing
    search = desk.get(reverse("admin:moderation_report_changelist"), {"q": "grace"})
    assert not search.context["cl"].result_list
    reports = reverse("admin:moderation_report_changelist")
    for filters in ({"reporter_user": grace.pk}, {"reporter_ip_hash__startswith": ""}):
        assert desk.get(reports, filters).status_code == 400
    second_reporter = Actor(user=make_user("ada"))
    second = report_agent(filed_report.agent_id, reason="spam", details="x", by=second_reporter)
    # The hidden names decide nothing about the order.
    for order in ("5", "-5"):
        rows = desk.get(reports, {"o": order}).context["cl"].result_list
        assert [row.pk for row in rows] == [filed_report.pk, second.pk]
    query = "actor:grace action:report.filed"
    assert desk.get("/admin/find", {"q": query}).status_code == 200

    page = desk.get(desk_address(filed_report)).text
    assert "This concerns you." in page
    assert "@grace" not in page
    assert 'name="measure"' not in page

    assert "@grace" not in desk.get("/admin/audit/auditlog/", {"q": "action:report"}).text
    resolve_report(
        filed_report.pk, status="dismissed", by=Actor(user=make_user("judy", maintainer=True))
    )
    assert str(filed_report.pk) not in desk.get(desk_address(grace)).text
    body = Api(desk).get("/v1/reports?status=dismissed", key=key_for(root, "reports:moderate"))
    (item,) = body.json()["items"]
    assert (item["reporterUserId"], item["reporterIpHash"]) == (None, "")


def test_accused_reviewer_does_not_find_the_reporter_in_the_audit_log(
    desk: Client, root: User, grace: User, ada: User
) -> None:
    review = post_review(make_agent(ada), rating=1, by=Actor(user=root))
    report_agent(
        review.agent_id, review_id=review.pk, reason="spam", details="x", by=Actor(user=grace)
    )

    assert "@grace" not in desk.get("/admin/audit/auditlog/", {"q": "action:report"}).text
    assert desk.get("/admin/find", {"q": "actor:grace action:report.filed"}).status_code == 200


def test_other_maintainers_learn_who_reported(filed_report: Report, client: Client) -> None:
    client.force_login(make_user("judy", maintainer=True))

    assert "@grace" in client.get(reverse("admin:moderation_report_changelist")).text
    assert "@grace" in client.get("/admin/audit/auditlog/", {"q": "action:report"}).text
