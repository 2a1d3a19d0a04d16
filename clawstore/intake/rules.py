"""Permissions on requests to the maintainers."""

DESK_PERMISSIONS = ("intake.view_storerequest", "intake.change_storerequest")
