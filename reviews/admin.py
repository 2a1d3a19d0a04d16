"""Reviews at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin, list_url, row_url
from reviews.actions import label_of
from reviews.measures import DELETE
from reviews.models import Review


@admin.register(Review)
class ReviewAdmin(DeskAdmin):
    list_display = ("agent", "reviewer_user", "rating", "title", "created_at")
    list_filter = ("rating", "created_at")
    list_select_related = ("agent", "reviewer_user")
    search_fields = ("agent__scope", "agent__name", "reviewer_user__username", "title", "body")
    ordering = ("-created_at", "id")
    measure_permission = "reviews.delete_review"
    fact_fields = (
        *("agent", "reviewer_user", "rating", "title", "body", "reply"),
        *("created_at", "updated_at"),
    )
    measures = (DELETE,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        reviews: QuerySet[Review] = super().get_queryset(request)
        return reviews.select_related("agent", "reviewer_user")

    def matter(self, row: Review) -> object:
        return row

    def evidence(self, request: HttpRequest, row: Review) -> dict[str, Any]:
        # Links, because a decision needs the agent and the other reviews of the person.
        return super().evidence(request, row) | {
            "links": [
                (_("Agent"), row_url(row.agent)),
                (_("Reviewer"), row_url(row.reviewer_user)),
            ],
        }

    def heading(self, row: Review) -> str:
        return f"{row.agent.full_id}: {row.rating} ★, @{row.reviewer_user.username}"

    def audit_name(self, row: Review) -> str:
        return label_of(row)

    def url_after(self, row: Review) -> str:
        return list_url("reviews_review")
