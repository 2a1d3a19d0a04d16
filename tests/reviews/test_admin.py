"""The maintainers' desk: reviews are read there, and deleted through the action."""

import pytest
from django.test import Client
from django.urls import reverse

from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import NOBODY, Actor
from foundation.events.models import AuditLog
from registry.models import Agent
from reviews.actions import delete_review, post_review
from reviews.models import Review
from tests.factories import make_agent


@pytest.fixture
def review(ada: User, as_grace: Actor) -> Review:
    return post_review(make_agent(ada, "coach"), rating=1, title="Buy shoes", by=as_grace)


@pytest.fixture
def desk(root: User, client: Client) -> Client:
    """Where a maintainer sits, with a maintainer's permissions and no more."""
    grant_role(root, "maintainer", by=NOBODY)
    client.force_login(root)
    return client


def test_a_maintainer_reads_reviews_and_changes_none(desk: Client, review: Review):
    assert "Buy shoes" in desk.get(reverse("admin:reviews_review_changelist")).text
    page = reverse("admin:reviews_review_change", args=[review.pk])
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"rating": 5}).status_code == 403
    assert desk.get(reverse("admin:reviews_review_add")).status_code == 403


def test_a_deletion_goes_through_the_action(desk: Client, review: Review, root: User):
    page = reverse("admin:reviews_review_delete", args=[review.pk])
    assert desk.get(page).status_code == 200

    assert desk.post(page, {"post": "yes"}).status_code == 302

    assert Review.objects.count() == 0
    assert Agent.objects.get().review_count == 0
    event = AuditLog.objects.get(action="review.deleted")
    assert (event.user_id, event.door, event.details["moderated"]) == (root.pk, "admin", True)


def test_a_refusal_is_shown_as_a_message(
    desk: Client, review: Review, monkeypatch: pytest.MonkeyPatch
):
    def deleted_meanwhile(obj: Review, *, by: Actor) -> None:
        delete_review(obj, by=by)
        delete_review(obj, by=by)

    monkeypatch.setattr("reviews.admin.delete_review", deleted_meanwhile)
    page = reverse("admin:reviews_review_delete", args=[review.pk])

    shown = desk.post(page, {"post": "yes"}, follow=True)

    assert "This agent has no such review." in shown.text
    assert Review.objects.count() == 1


def test_the_bulk_deletion_is_not_offered(desk: Client, review: Review):
    asked = {"action": "delete_selected", "_selected_action": [str(review.pk)], "post": "yes"}
    desk.post(reverse("admin:reviews_review_changelist"), asked)

    assert Review.objects.count() == 1
