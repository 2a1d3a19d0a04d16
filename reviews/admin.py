"""Reviews at the maintainers' desk: read, and deleted through the same action as everywhere."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from foundation.refusals import Refusal
from reviews.actions import delete_review
from reviews.models import Review


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ("agent", "reviewer_user", "rating", "title", "created_at")
    list_filter = ("rating", "created_at")
    list_select_related = ("agent", "reviewer_user")
    search_fields = ("agent__scope", "agent__name", "reviewer_user__username", "title", "body")
    ordering = ("-created_at", "id")
    fields = ("agent", "reviewer_user", "rating", "title", "body", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Review | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # The bulk deletion writes past the action; reviews are deleted one by one.
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_model(self, request: HttpRequest, obj: Review) -> None:
        delete_review(obj, by=request.actor.through("admin"))  # type: ignore[attr-defined]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:reviews_review_changelist"))
