"""JSON endpoints of reviews: /v1/agents/{scope}/{name}/reviews."""

import re
import uuid
from collections.abc import Callable

import pytest

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import iso, now
from registry.models import Agent
from reviews.actions import post_review
from reviews.models import Review
from tests.support.factories import make_agent
from tests.support.http import Api, status_and_code
from tests.support.reviews import post_reviews

PATH = "/v1/agents/ada/coach/reviews"
Mint = Callable[..., str]


@pytest.fixture
def key(grace: User, key_for: Mint) -> str:
    return key_for(grace, "reviews:write")


# --- GET ---------------------------------------------------------------------------------------


@pytest.mark.once
def test_list_has_all_fields_of_a_review(api: Api, coach: Agent, grace: User, as_grace: Actor):
    review = post_review(coach, rating=4, title="Good", by=as_grace)

    response = api.get(PATH)

    assert response.status_code == 200
    assert response.json() == {
        "items": [
            {
                "id": str(review.pk),
                "rating": 4,
                "title": "Good",
                "body": None,
                "createdAt": iso(review.created_at),
                "updatedAt": iso(review.updated_at),
                "reviewer": {
                    "githubLogin": "grace",
                    "displayName": "Grace Hopper",
                    "avatarUrl": None,
                },
                "reply": None,
            }
        ],
        "avgRating": 4.0,
        "reviewCount": 1,
    }
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", response.json()["items"][0]["createdAt"]
    )


@pytest.mark.once
def test_agent_without_reviews_has_a_null_average(api: Api, coach: Agent):
    assert api.get(PATH).json() == {"items": [], "avgRating": None, "reviewCount": 0}


@pytest.mark.once
def test_scope_and_name_match_in_any_case(api: Api, coach: Agent):
    assert api.get("/v1/agents/ADA/Coach/reviews").status_code == 200
    assert api.get("/v1/agents/@ada/coach/reviews").status_code == 200


def test_pages_are_newest_first_and_visit_each_review_once(api: Api, coach: Agent):
    reviews = post_reviews(coach, 5)
    moment = now()
    Review.objects.filter(pk__in=[reviews[1].pk, reviews[2].pk]).update(created_at=moment)

    ids, path = [], f"{PATH}?limit=2"
    while path:
        page = api.get(path).json()
        ids += [item["id"] for item in page["items"]]
        path = "nextCursor" in page and f"{PATH}?limit=2&cursor={page['nextCursor']}"

    reviews_of_one_moment = sorted([reviews[1], reviews[2]], key=lambda review: review.pk.hex)
    assert ids == [
        str(review.pk) for review in [*reviews_of_one_moment, reviews[4], reviews[3], reviews[0]]
    ]


@pytest.mark.once
@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_two_queries_for_any_number_of_reviews(
    api: Api, coach: Agent, count: int, django_assert_num_queries: Callable
):
    post_reviews(coach, count)

    with django_assert_num_queries(2):
        assert len(api.get(PATH).json()["items"]) == count


@pytest.mark.once
@pytest.mark.parametrize(
    "query", ["limit=1.5", "limit=0", "limit=x", "cursor=forged", "cursor=%00"]
)
def test_invalid_list_parameter_is_refused(api: Api, coach: Agent, query: str):
    assert status_and_code(api.get(f"{PATH}?{query}")) == (400, "invalid_parameter")


@pytest.mark.once
def test_reviews_of_an_unknown_agent_are_not_found(api: Api, coach: Agent):
    assert status_and_code(api.get("/v1/agents/ada/nobody/reviews")) == (404, "agent_not_found")


@pytest.mark.once
def test_reviews_of_a_delisted_agent_are_410(api: Api, coach: Agent, root: User, key_for: Mint):
    Agent.objects.filter(pk=coach.pk).update(delisted_at=now(), delisted_reason="malicious")

    response = api.get(PATH)
    assert status_and_code(response) == (410, "agent_delisted")
    assert response.json()["error"]["details"] == {"reason": "malicious"}
    assert api.get(PATH, key=key_for(root, "read")).status_code == 200


@pytest.mark.once
def test_invalid_key_reads_anonymously(api: Api, coach: Agent):
    assert api.get(PATH, key="claw_dead").status_code == 200


@pytest.mark.once
def test_reviewer_without_a_profile_has_the_username(api: Api, coach: Agent):
    user = User.objects.create_user("operator")
    post_review(coach, rating=5, by=Actor(user=user))

    assert api.get(PATH).json()["items"][0]["reviewer"] == {
        "githubLogin": "operator",
        "displayName": None,
        "avatarUrl": None,
    }


# --- POST --------------------------------------------------------------------------------------


def test_posted_review_is_201_with_its_id(api: Api, coach: Agent, grace: User, key: str):
    response = api.post(PATH, {"rating": 5, "title": None, "body": "", "mood": "fine"}, key=key)

    review = Review.objects.get()
    assert (response.status_code, response.json()) == (201, {"id": str(review.pk)})
    assert (review.reviewer_user_id, review.title, review.body) == (grace.pk, None, None)


@pytest.mark.once
@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"rating": 6}, (400, "invalid_rating")),
        ({"rating": 4.5}, (400, "invalid_rating")),
        ({"rating": "5"}, (400, "invalid_rating")),
        ({"rating": True}, (400, "invalid_rating")),
        ({"rating": 10**100}, (400, "invalid_rating")),
        ({"rating": {"stars": 5}}, (400, "invalid_rating")),
        ({}, (400, "invalid_rating")),
        (b'{"rating": NaN}', (400, "invalid_json")),
        ({"rating": 5, "title": "t" * 121}, (422, "invalid_body")),
        ({"rating": 5, "body": "b" * 2001}, (422, "invalid_body")),
        ({"rating": 5, "title": 7}, (422, "invalid_body")),
        ({"rating": 5, "body": ["x"]}, (422, "invalid_body")),
        ({"rating": 5, "title": "a\0b"}, (422, "invalid_body")),
        (b'{"rating": 5, "title": "\\ud800"}', (400, "invalid_json")),
        ([], (422, "invalid_body")),
        (b"null", (422, "invalid_body")),
        (b"", (422, "invalid_body")),
        (b"{", (400, "invalid_json")),
        (b"\xff", (400, "invalid_json")),
        (b"[" * 10_000, (400, "invalid_json")),
    ],
)
def test_invalid_review_is_refused_with_its_code(
    api: Api, coach: Agent, key: str, body: object, refusal: tuple[int, str]
):
    response = api.post(PATH, body, key=key)

    assert status_and_code(response) == refusal
    if refusal[0] == 422:
        assert response.json()["error"]["details"]["errors"][0]["message"]
    assert Review.objects.count() == 0


@pytest.mark.once
def test_review_without_permission_is_refused_with_its_code(
    api: Api, coach: Agent, ada: User, grace: User, key: str, key_for: Mint
):
    five = {"rating": 5}
    assert status_and_code(api.post(PATH, five)) == (401, "unauthorized")
    assert status_and_code(api.post(PATH, five, key="claw_dead")) == (401, "unauthorized")
    weak = key_for(grace, "read")
    assert status_and_code(api.post(PATH, five, key=weak)) == (403, "insufficient_scope")
    owner = key_for(ada, "reviews:write")
    assert status_and_code(api.post(PATH, five, key=owner)) == (403, "self_review")
    bound = key_for(grace, "reviews:write", bound_to="@ada/other")
    assert status_and_code(api.post(PATH, five, key=bound)) == (403, "insufficient_scope")
    assert status_and_code(api.post("/v1/agents/ada/no/reviews", five, key=key)) == (
        404,
        "agent_not_found",
    )
    assert Review.objects.count() == 0


@pytest.mark.once
def test_second_review_is_a_conflict(api: Api, coach: Agent, key: str):
    api.post(PATH, {"rating": 5}, key=key)

    assert status_and_code(api.post(PATH, {"rating": 1}, key=key)) == (409, "already_reviewed")
    assert api.get(PATH).json()["avgRating"] == 5.0


@pytest.mark.once
def test_session_without_its_csrf_token_may_not_review(api: Api, coach: Agent, grace: User):
    api.client.force_login(grace)

    assert status_and_code(api.post(PATH, {"rating": 5})) == (403, "csrf_failed")
    assert Review.objects.count() == 0


@pytest.mark.once
def test_session_with_its_csrf_token_may_review(api: Api, coach: Agent, grace: User):
    api.client.force_login(grace)
    api.client.cookies["csrftoken"] = "t" * 32

    assert api.post(PATH, {"rating": 5}, X_CSRFToken="t" * 32).status_code == 201


@pytest.mark.once
@pytest.mark.usefixtures("limits_on")
def test_review_writes_are_limited_to_30_an_hour(api: Api, coach: Agent, key: str):
    for _ in range(30):
        assert api.post(PATH, {"rating": 0}, key=key).status_code == 400

    assert status_and_code(api.post(PATH, {"rating": 5}, key=key)) == (429, "rate_limited")
    assert Review.objects.count() == 0


# --- PUT and DELETE ----------------------------------------------------------------------------


def test_edit_keeps_absent_fields_and_clears_null(api: Api, coach: Agent, review: Review, key: str):
    response = api.put(f"{PATH}/{review.pk}", {"rating": 2, "title": None}, key=key)

    assert (response.status_code, response.json()) == (200, {"ok": True})
    review.refresh_from_db()
    assert (review.rating, review.title, review.body) == (2, None, "It works.")
    assert api.get(PATH).json()["avgRating"] == 2.0

    assert api.put(f"{PATH}/{review.pk}", {}, key=key).json() == {"ok": True}


@pytest.mark.once
def test_invalid_edit_is_refused(api: Api, review: Review, key: str):
    path = f"{PATH}/{review.pk}"

    assert status_and_code(api.put(path, {"rating": 9}, key=key)) == (400, "invalid_rating")
    assert status_and_code(api.put(path, {"title": "t" * 121}, key=key)) == (422, "invalid_body")
    assert status_and_code(api.put(path, {"body": 1}, key=key)) == (422, "invalid_body")
    review.refresh_from_db()
    assert (review.rating, review.title) == (4, "Good")


@pytest.mark.once
def test_only_the_author_may_edit(api: Api, review: Review, ada: User, root: User, key_for: Mint):
    path = f"{PATH}/{review.pk}"
    assert status_and_code(api.put(path, {"rating": 1})) == (401, "unauthorized")
    for user in (ada, root):
        other = key_for(user, "reviews:write", "reports:moderate")
        assert status_and_code(api.put(path, {"rating": 1}, key=other)) == (403, "forbidden")


@pytest.mark.once
def test_author_and_maintainer_may_delete(
    api: Api, coach: Agent, review: Review, ada: User, root: User, key: str, key_for: Mint
):
    path = f"{PATH}/{review.pk}"
    assert status_and_code(api.delete(path)) == (401, "unauthorized")
    owner = key_for(ada, "reviews:write")
    assert status_and_code(api.delete(path, key=owner)) == (403, "forbidden")
    weak = key_for(root, "reviews:write")
    assert status_and_code(api.delete(path, key=weak)) == (403, "insufficient_scope")
    assert Review.objects.count() == 1

    moderating = key_for(root, "reports:moderate")
    assert api.delete(path, key=moderating).json() == {"ok": True}
    assert status_and_code(api.delete(path, key=key)) == (404, "review_not_found")
    assert api.get(PATH).json() == {"items": [], "avgRating": None, "reviewCount": 0}

    second_answer = api.post(PATH, {"rating": 1}, key=key).json()["id"]
    assert api.delete(f"{PATH}/{second_answer}", key=key).json() == {"ok": True}


@pytest.mark.once
@pytest.mark.parametrize("name", [str(uuid.UUID(int=7)), "garbage", "1", "🦞", "x" * 4000])
def test_unknown_review_is_not_found(api: Api, coach: Agent, key: str, name: str):
    assert status_and_code(api.put(f"{PATH}/{name}", {"rating": 1}, key=key)) == (
        404,
        "review_not_found",
    )
    assert status_and_code(api.delete(f"{PATH}/{name}", key=key)) == (404, "review_not_found")


@pytest.mark.once
def test_review_of_another_agent_is_not_found(api: Api, ada: User, review: Review, key: str):
    make_agent(ada, "other")
    other_address = f"/v1/agents/ada/other/reviews/{review.pk}"

    assert status_and_code(api.put(other_address, {"rating": 1}, key=key)) == (
        404,
        "review_not_found",
    )
    assert status_and_code(api.delete(other_address, key=key)) == (404, "review_not_found")
    review.refresh_from_db()
    assert review.rating == 4
