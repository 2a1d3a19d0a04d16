"""The audit log at the desk.

The project registers the class, with the keys that a search may name.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.audit.models import AuditLog
from foundation.audit.search import audit_condition
from foundation.audit.sentences import desk_link, sentence_of
from foundation.desk.admin import ReadOnlyAdmin, list_url


class ViaFilter(admin.AllValuesFieldListFilter):
    """The interface of an action: page, API, command or desk."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = str(_("via"))


class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "sentence", "reason", "via")
    list_filter = (("door", ViaFilter), "entity_type", "created_at")
    # Any name turns the search on; the terms are read by `audit_condition`.
    search_fields = ("entity_id",)
    search_help_text = _(
        "Words, or a field: key:claw_ab12 reason:malware address:9f3c actor:ada "
        "object:@ada/coach request:4bf1 action:withheld via:api"
    )
    list_select_related = ("user",)
    ordering = ("-created_at", "id")
    fact_fields = ("created_at", "action", "reason", "via", "address_hash", "request_id", "details")
    # Ordering is part of an index; other columns would sort the whole log.
    sortable_by = ("created_at",)

    def keys_of(self, text: str) -> Collection[UUID]:
        """Return the ids of the API keys that a text names."""
        return ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditLog], search_term: str
    ) -> tuple[QuerySet[AuditLog], bool]:
        condition = audit_condition(search_term, keys_of=self.keys_of)
        return queryset.filter(condition), False

    @admin.display(description=_("what happened"))
    def sentence(self, event: AuditLog) -> str:
        return sentence_of(event)

    @admin.display(description=_("reason"))
    def reason(self, event: AuditLog) -> str:
        return event.details.get("reason") or ""

    @admin.display(description=_("via"))
    def via(self, event: AuditLog) -> str:
        return event.door

    def heading(self, row: AuditLog) -> str:
        return f"{row.action}: {row.entity_id}"

    def audit_name(self, row: AuditLog) -> str:
        return ""

    def evidence(self, request: HttpRequest, row: AuditLog) -> dict[str, Any]:
        """The facts of an event, and the searches that go on from it."""
        searches = {
            _("All of this request"): row.request_id and f"request:{row.request_id}",
            _("All from this address"): row.address_hash and f"address:{row.address_hash}",
            _("All with this API key"): row.api_key_id and f"key:{row.api_key_id}",
            _("All by this person"): row.user and f"actor:{row.user.username}",
            _("All about this object"): f'object:"{row.entity_id}"',
        }
        links = [
            (words, list_url("audit_auditlog", q=query))
            for words, query in searches.items()
            if query
        ]
        key = row.api_key_id and desk_link(str(row.api_key_id), f"api_key:{row.api_key_id}")
        facts = [(_("what happened"), sentence_of(row)), *super().evidence(request, row)["facts"]]
        return {"facts": [*facts, (_("API key"), key or "—")], "links": links}
