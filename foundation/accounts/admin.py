"""Accounts at the desk.

The project registers `UserAdmin` with the measures of its apps.
"""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Suspension, User
from foundation.desk.admin import DeskAdmin, ReadOnlyAdmin
from foundation.desk.states import Tone, state_mark


class UserAdmin(DeskAdmin):
    list_display = ("username", "name", "state", "role", "created_at")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("username", "name", "email")
    ordering = ("-created_at", "id")
    measure_permission = "accounts.change_suspension"
    fact_fields = ("username", "name", "email", "state", "last_login", "created_at")

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, user: User) -> str:
        if user.is_active:
            return state_mark(gettext("active"), Tone.GOOD)
        # An account is closed by a suspension or by its owner.
        if user.is_former:
            return state_mark(gettext("deleted"), Tone.QUIET)
        return state_mark(gettext("suspended"), Tone.BAD)

    @admin.display(description=_("role"), ordering="is_staff")
    def role(self, user: User) -> str:
        return gettext("maintainer") if user.is_staff else "—"

    def heading(self, row: User) -> str:
        return f"@{row.username}"

    def audit_name(self, row: User) -> str:
        return f"@{row.username}"


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = ("user", "state", "reason", "suspended_at", "suspended_by_user", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "suspended_at")
    search_fields = ("user__username", "reason")
    list_select_related = ("user", "suspended_by_user")
    ordering = ("-suspended_at", "id")

    @admin.display(description=_("state"), ordering="lifted_at")
    def state(self, suspension: Suspension) -> str:
        if suspension.lifted_at is None:
            return state_mark(gettext("in force"), Tone.BAD)
        return state_mark(gettext("lifted"), Tone.QUIET)

    def heading(self, row: Suspension) -> str:
        return f"@{row.user.username}"

    def audit_name(self, row: Suspension) -> str:
        return f"@{row.user.username}"
