"""Users in the admin: looked at. Roles are given by `grant_role`."""

from django.contrib import admin

from foundation.accounts.models import User
from foundation.events.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("username", "name", "is_staff", "is_active", "created_at")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("username", "name", "email")
    ordering = ("-created_at",)
    exclude = ("password",)
