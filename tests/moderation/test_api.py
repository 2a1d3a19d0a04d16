"""JSON endpoints of reports: /v1/reports."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from foundation.access.address import hash_address
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import iso, now
from moderation.actions import report_agent, resolve_report
from moderation.models import Report
from registry.models import Agent
from reviews.actions import post_review
from tests.support.factories import make_agent, make_report
from tests.support.http import Api, status_and_code

PATH = "/v1/reports"
Mint = Callable[..., str]


@pytest.fixture
def key(root: User, key_for: Mint) -> str:
    """A maintainer's key."""
    return key_for(root, "reports:moderate")


def claim(coach: Agent, **fields: object) -> dict[str, object]:
    return {"agentId": str(coach.pk), "reason": "spam", "details": "Look."} | fields


def filed(coach: Agent, count: int) -> list[Report]:
    """Reports, a day apart, the oldest first."""
    reports = [make_report(coach, f"No. {n}") for n in range(count)]
    for n, report in enumerate(reports):
        moment = now() - timedelta(days=count - n)
        Report.objects.filter(pk=report.pk).update(created_at=moment)
    return [Report.objects.get(pk=report.pk) for report in reports]


# --- Filing ------------------------------------------------------------------------------------


@pytest.mark.once
def test_anonymous_visitor_may_report(api: Api, coach: Agent):
    response = api.post(PATH, claim(coach, versionId=None, reviewId=None))

    report = Report.objects.get()
    assert (response.status_code, response.json()) == (201, {"id": str(report.pk)})
    assert report.reporter_user_id is None
    assert report.reporter_ip_hash == hash_address("127.0.0.1")
    assert "127.0.0.1" not in str(Report.objects.values().get())


@pytest.mark.once
def test_key_names_the_reporter(api: Api, coach: Agent, grace: User, key_for: Mint):
    assert api.post(PATH, claim(coach), key=key_for(grace, "reports:write")).status_code == 201
    assert Report.objects.get().reporter_user_id == grace.pk


@pytest.mark.once
def test_report_with_an_invalid_key_is_refused(api: Api, coach: Agent):
    assert status_and_code(api.post(PATH, claim(coach), key="claw_dead")) == (401, "unauthorized")
    assert Report.objects.count() == 0


@pytest.mark.once
def test_report_with_a_session_needs_its_csrf_token(api: Api, coach: Agent, grace: User):
    api.client.force_login(grace)
    assert status_and_code(api.post(PATH, claim(coach))) == (403, "csrf_failed")
    assert Report.objects.count() == 0

    api.client.cookies["csrftoken"] = "t" * 32
    assert api.post(PATH, claim(coach), X_CSRFToken="t" * 32).status_code == 201
    assert Report.objects.get().reporter_user_id == grace.pk


def test_report_names_a_version_and_a_review(api: Api, coach: Agent, as_grace: Actor):
    version, review = coach.versions.get(), post_review(coach, rating=1, by=as_grace)

    api.post(PATH, claim(coach, versionId=str(version.pk), reviewId=str(review.pk)))

    report = Report.objects.get()
    assert (report.version_id, report.review_id) == (version.pk, review.pk)


@pytest.mark.once
@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reason": None}, (400, "missing_fields")),
        ({"details": ""}, (400, "missing_fields")),
        ({"agentId": ""}, (400, "missing_fields")),
        ({"reason": "rude"}, (400, "invalid_reason")),
        ({"details": "d" * 2001}, (400, "details_too_long")),
        ({"agentId": "garbage"}, (404, "agent_not_found")),
        ({"agentId": str(uuid.UUID(int=7))}, (404, "agent_not_found")),
        ({"versionId": "garbage"}, (404, "version_not_found")),
        ({"reviewId": "garbage"}, (404, "review_not_found")),
        ({"agentId": 7}, (422, "invalid_body")),
        ({"reason": ["spam"]}, (422, "invalid_body")),
        ({"details": {"a": 1}}, (422, "invalid_body")),
        ({"versionId": True}, (422, "invalid_body")),
        ({"details": "a\0b"}, (422, "invalid_body")),
    ],
)
def test_invalid_report_is_refused_with_its_code(
    api: Api, coach: Agent, change: dict, refusal: tuple[int, str]
):
    assert status_and_code(api.post(PATH, claim(coach, **change))) == refusal
    assert Report.objects.count() == 0


@pytest.mark.once
def test_body_that_is_not_an_object_is_refused(api: Api, db: None):
    assert status_and_code(api.post(PATH, {})) == (400, "missing_fields")
    assert status_and_code(api.post(PATH, [])) == (422, "invalid_body")
    assert status_and_code(api.post(PATH, b"null")) == (422, "invalid_body")
    assert status_and_code(api.post(PATH, b"")) == (422, "invalid_body")


@pytest.mark.once
@pytest.mark.usefixtures("limits_on")
def test_address_may_report_ten_times_an_hour(api: Api, coach: Agent, grace: User, key_for: Mint):
    for _ in range(10):
        assert api.post(PATH, claim(coach)).status_code == 201

    refusal = api.post(PATH, claim(coach), key=key_for(grace, "read"))
    assert status_and_code(refusal) == (429, "rate_limited")
    assert int(refusal["Retry-After"]) > 0
    assert Report.objects.count() == 10


# --- The queue ---------------------------------------------------------------------------------


@pytest.mark.once
def test_queue_item_has_all_fields(api: Api, coach: Agent, as_grace: Actor, grace: User, key: str):
    review = post_review(coach, rating=1, by=as_grace)
    by = Actor(user=grace, address_hash="b" * 64)
    report = report_agent(coach.pk, review_id=review.pk, reason="spam", details="Look.", by=by)

    response = api.get(PATH, key=key)

    assert response.status_code == 200
    assert response.json() == {
        "items": [
            {
                "id": str(report.pk),
                "agentId": str(coach.pk),
                "versionId": None,
                "reviewId": str(review.pk),
                "reviewSnapshot": report.review_snapshot,
                "reporterUserId": str(grace.pk),
                "reporterIpHash": "b" * 64,
                "reason": "spam",
                "details": "Look.",
                "status": "open",
                "resolvedByUserId": None,
                "resolvedAt": None,
                "resolutionNotes": None,
                "createdAt": iso(report.created_at),
            }
        ]
    }


@pytest.mark.once
def test_queue_needs_a_maintainer_with_the_moderation_scope(
    api: Api, coach: Agent, grace: User, root: User, key_for: Mint
):
    assert status_and_code(api.get(PATH)) == (401, "unauthorized")
    assert status_and_code(api.get(PATH, key="claw_dead")) == (401, "unauthorized")
    for scope in ("read", "reports:moderate"):
        assert status_and_code(api.get(PATH, key=key_for(grace, scope))) == (403, "forbidden")
    weak = key_for(root, "read", "reviews:write")
    assert status_and_code(api.get(PATH, key=weak)) == (403, "insufficient_scope")
    bound = key_for(root, "reports:moderate", bound_to="@ada/coach")
    assert status_and_code(api.get(PATH, key=bound)) == (403, "insufficient_scope")


def test_queue_pages_are_oldest_first_with_each_report_once(api: Api, coach: Agent, key: str):
    reports = filed(coach, 5)

    ids, path = [], f"{PATH}?limit=2"
    while path:
        page = api.get(path, key=key).json()
        ids += [item["id"] for item in page["items"]]
        path = "nextCursor" in page and f"{PATH}?limit=2&cursor={page['nextCursor']}"

    assert ids == [str(report.pk) for report in reports]


@pytest.mark.once
def test_queue_can_be_filtered_by_status(api: Api, coach: Agent, as_root: Actor, key: str):
    first, second, third = filed(coach, 3)
    resolve_report(first.pk, status="resolved", notes="Gone.", by=as_root)
    resolve_report(second.pk, status="dismissed", by=as_root)

    def ids(query: str) -> list[str]:
        return [item["id"] for item in api.get(PATH + query, key=key).json()["items"]]

    assert ids("") == ids("?status=open") == [str(third.pk)]
    assert ids("?status=dismissed") == [str(second.pk)]
    assert ids("?status=resolved") == [str(first.pk)]
    item = api.get(f"{PATH}?status=resolved", key=key).json()["items"][0]
    first.refresh_from_db()
    assert (item["resolvedByUserId"], item["resolvedAt"], item["resolutionNotes"]) == (
        str(as_root.user_id),
        iso(first.resolved_at),
        "Gone.",
    )


@pytest.mark.once
@pytest.mark.parametrize("query", ["status=", "status=all", "status=Open", "limit=0", "cursor=x"])
def test_invalid_queue_parameter_is_refused(api: Api, key: str, query: str):
    assert status_and_code(api.get(f"{PATH}?{query}", key=key)) == (400, "invalid_parameter")


@pytest.mark.once
@pytest.mark.parametrize("count", [1, 3])
def test_queue_takes_a_constant_number_of_queries(
    api: Api, coach: Agent, key: str, count: int, django_assert_num_queries: Callable
):
    filed(coach, count)
    api.get(PATH, key=key)  # The first use of a key is recorded.

    with django_assert_num_queries(4):  # key, roles, co-maintained scopes, reports
        assert len(api.get(PATH, key=key).json()["items"]) == count


# --- Deciding ----------------------------------------------------------------------------------


def test_report_is_closed_once(api: Api, coach: Agent, key: str):
    [report] = filed(coach, 1)
    path = f"{PATH}/{report.pk}/resolve"

    response = api.post(path, {"status": "dismissed", "notes": "Fine."}, key=key)

    assert (response.status_code, response.json()) == (200, {"ok": True})
    second_answer = api.post(path, {"status": "resolved"}, key=key)
    assert status_and_code(second_answer) == (409, "already_resolved")
    report.refresh_from_db()
    assert (report.status, report.resolution_notes) == ("dismissed", "Fine.")


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "invalid_status")),
        ({"status": "open"}, (400, "invalid_status")),
        ({"status": None}, (400, "invalid_status")),
        ({"status": 1}, (422, "invalid_body")),
        ({"status": "resolved", "notes": 1}, (422, "invalid_body")),
        ({"status": "resolved", "notes": "n" * 2001}, (422, "invalid_body")),
        ([], (422, "invalid_body")),
    ],
)
def test_invalid_decision_is_refused_with_its_code(
    api: Api, coach: Agent, key: str, body: object, refusal: tuple[int, str]
):
    [report] = filed(coach, 1)

    assert status_and_code(api.post(f"{PATH}/{report.pk}/resolve", body, key=key)) == refusal
    report.refresh_from_db()
    assert report.status == "open"


@pytest.mark.once
@pytest.mark.parametrize("report_id", [str(uuid.UUID(int=7)), "garbage", "x" * 4000])
def test_unknown_report_is_not_found(api: Api, key: str, report_id: str):
    path = f"{PATH}/{report_id}/resolve"

    assert status_and_code(api.post(path, {"status": "resolved"}, key=key)) == (
        404,
        "report_not_found",
    )


@pytest.mark.once
def test_decision_without_permission_is_refused_with_its_code(
    api: Api, coach: Agent, grace: User, root: User, key: str, key_for: Mint
):
    [report] = filed(coach, 1)
    [own] = filed(make_agent(root, "own"), 1)
    decision = {"status": "resolved"}

    path = f"{PATH}/{report.pk}/resolve"
    assert status_and_code(api.post(path, decision)) == (401, "unauthorized")
    stranger = key_for(grace, "reports:moderate")
    assert status_and_code(api.post(path, decision, key=stranger)) == (403, "forbidden")
    weak = key_for(root, "read")
    assert status_and_code(api.post(path, decision, key=weak)) == (403, "insufficient_scope")
    assert status_and_code(api.post(f"{PATH}/{own.pk}/resolve", decision, key=key)) == (
        403,
        "own_agent",
    )
    assert Report.objects.still_open().count() == 2
