"""API keys and the audit log at the desk."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clawstore.desk.lookup import events_shown_to, keys_named
from foundation.access.models import ApiKey
from foundation.audit.admin import AuditLogAdmin
from foundation.audit.models import AuditLog
from foundation.desk.admin import DeskAdmin, Link, desk_actor, list_url, row_url
from foundation.desk.forms import MeasureForm
from foundation.desk.states import Tone, state_mark
from moderation.measures import REVOKE_KEY


class ProjectAuditLogAdmin(AuditLogAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLog]:
        return events_shown_to(desk_actor(request).user_id, super().get_queryset(request))

    def keys_of(self, text: str) -> Collection[UUID]:
        return keys_named(text)


class ApiKeyAdmin(DeskAdmin):
    """Keys of all people; a key itself is stored nowhere."""

    list_display = ("key_prefix", "created_by", "name", "state", "last_used_at", "created_at")
    list_filter = ("from_device", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("created_by__username", "name")
    search_help_text = _("The first characters of a key, a whole key, its ID, its name or owner")
    list_select_related = ("created_by",)
    ordering = ("-created_at", "id")
    measures = (REVOKE_KEY,)
    measure_permission = "access.change_apikey"
    fact_fields = (
        "key_prefix",
        "name",
        "created_by",
        "state",
        "scopes_in_words",
        "bound_to",
        "from_device",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = super().get_queryset(request)
        return keys.select_related("created_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiKey], search_term: str
    ) -> tuple[QuerySet[ApiKey], bool]:
        keys = queryset.filter(pk__in=keys_named(search_term.strip()))
        if search_term and keys:
            return keys, False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("state"))
    def state(self, key: ApiKey) -> str:
        if key.revoked_at is not None:
            return state_mark(gettext("revoked"), Tone.QUIET)
        if key.is_expired:
            return state_mark(gettext("expired"), Tone.QUIET)
        return state_mark(gettext("active"), Tone.GOOD)

    @admin.display(description=_("scopes"))
    def scopes_in_words(self, key: ApiKey) -> str:
        return key.scopes_in_words

    def matter(self, row: ApiKey) -> object:
        return row.created_by

    def heading(self, row: ApiKey) -> str:
        return f"{row.key_prefix}…, @{row.created_by.username}"

    def evidence(self, request: HttpRequest, row: ApiKey) -> dict[str, Any]:
        return super().evidence(request, row) | {
            "links": [
                (_("Owner"), row_url(row.created_by)),
                (_("Done with this key"), list_url("audit_auditlog", q=f"key:{row.pk}")),
            ],
        }

    def url_after(self, row: ApiKey) -> str:
        return row_url(row.created_by)

    def ways_on(self, request: HttpRequest, row: ApiKey, form: MeasureForm) -> Iterable[Link]:
        """A link to the uses of the key; nothing makes a revoked key valid again."""
        yield gettext("Done with this key"), list_url("audit_auditlog", q=f"key:{row.pk}")
