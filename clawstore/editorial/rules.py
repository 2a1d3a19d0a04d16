"""Permissions on pages of content."""

DESK_PERMISSIONS = ("editorial.view_contentpage", "editorial.change_contentpage")
