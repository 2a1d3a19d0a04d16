"""Accounts at the desk.

The project registers `UserAdmin` with the measures of its apps.
"""

from django.contrib import admin

from foundation.accounts.models import Suspension
from foundation.desk.admin import DeskAdmin, ReadOnlyAdmin


class UserAdmin(DeskAdmin):
    list_display = ("username", "name", "is_staff", "is_active", "created_at")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("username", "name", "email")
    ordering = ("-created_at", "id")
    measure_permission = "accounts.change_suspension"
    fact_fields = ("username", "name", "email", "is_active", "is_staff", "last_login", "created_at")


@admin.register(Suspension)
class SuspensionAdmin(ReadOnlyAdmin):
    list_display = ("user", "suspended_at", "suspended_by_user", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "suspended_at")
    search_fields = ("user__username", "reason")
    list_select_related = ("user", "suspended_by_user")
    ordering = ("-suspended_at", "id")
