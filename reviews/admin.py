"""Reviews at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin
from foundation.desk.measures import Measure
from reviews.actions import delete_review
from reviews.models import Review


@admin.register(Review)
class ReviewAdmin(DeskAdmin):
    list_display = ("agent", "reviewer_user", "rating", "title", "created_at")
    list_filter = ("rating", "created_at")
    list_select_related = ("agent", "reviewer_user")
    search_fields = ("agent__scope", "agent__name", "reviewer_user__username", "title", "body")
    ordering = ("-created_at", "id")
    measure_permission = "reviews.delete_review"
    fact_fields = ("agent", "reviewer_user", "rating", "title", "body", "created_at", "updated_at")
    measures = (
        Measure(
            name="delete",
            label=_("Delete the review"),
            consequence=_("The review is deleted permanently and the rating is recalculated."),
            readers=_("The reason is stored in the audit log."),
            run=lambda review, form, by: delete_review(review, reason=form["words"], by=by),
            done=lambda review, form, by: (
                gettext("Deleted the review by @%s") % review.reviewer_user.username
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        reviews: QuerySet[Review] = super().get_queryset(request)
        return reviews.select_related("agent", "reviewer_user")

    def evidence(self, request: HttpRequest, row: Review) -> dict[str, Any]:
        # Links, because a decision needs the agent and the other reviews of the person.
        agent, person = row.agent, row.reviewer_user_id
        return super().evidence(request, row) | {
            "links": [
                (_("Agent"), reverse("admin:registry_agent_change", args=[agent.pk])),
                (_("Reviewer"), reverse("admin:accounts_user_change", args=[person])),
            ],
        }

    def heading(self, row: Review) -> str:
        return f"{row.agent.full_id}: {row.rating} ★, @{row.reviewer_user.username}"

    def url_after(self, row: Review) -> str:
        return reverse("admin:reviews_review_changelist")
