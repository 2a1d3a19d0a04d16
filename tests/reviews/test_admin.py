"""Reviews at the desk: maintainers read them and delete them by the action."""

from django.test import Client
from django.urls import reverse

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.models import Agent
from reviews.actions import post_review
from reviews.models import Review
from tests.support.factories import make_agent
from tests.support.page import desk_address

DELETE = {"measure": "delete", "reason": "It sells shoes."}


def test_maintainer_reads_reviews_and_edits_none(desk: Client, review: Review):
    assert "Good" in desk.get(reverse("admin:reviews_review_changelist")).text
    assert desk.get(desk_address(review)).status_code == 200
    assert desk.post(desk_address(review), {"rating": 5}).status_code == 422
    assert Review.objects.get().rating == 4
    assert desk.get(reverse("admin:reviews_review_add")).status_code == 403
    delete = reverse("admin:reviews_review_delete", args=[review.pk])
    assert desk.post(delete, {"post": "yes"}).status_code == 403


def test_deletion_is_confirmed_and_calls_the_action(desk: Client, review: Review, root: User):
    assert "Delete the review?" in desk.post(desk_address(review), DELETE).text
    assert Review.objects.count() == 1

    assert desk.post(desk_address(review), {**DELETE, "confirmed": "yes"}).status_code == 302

    assert Review.objects.count() == 0
    assert Agent.objects.get().review_count == 0
    event = AuditLog.objects.get(action="review.deleted")
    assert (event.user_id, event.door) == (root.pk, "admin")
    assert (event.details["moderated"], event.details["reason"]) == (True, "It sells shoes.")


def test_maintainer_may_not_delete_a_review_of_their_own_agent(
    desk: Client, root: User, as_grace: Actor
):
    review = post_review(make_agent(root, "own"), rating=1, title="Bad", by=as_grace)

    page = desk.post(desk_address(review), {**DELETE, "confirmed": "yes"})

    assert page.status_code == 403
    assert "It sells shoes." in page.text
    assert Review.objects.count() == 1


def test_bulk_deletion_is_not_available(desk: Client, review: Review):
    form = {"action": "delete_selected", "_selected_action": [str(review.pk)], "post": "yes"}
    desk.post(reverse("admin:reviews_review_changelist"), form)

    assert Review.objects.count() == 1
