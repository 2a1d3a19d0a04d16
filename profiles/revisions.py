"""Revisions of people: what marks the pages that show a person as changed."""

from collections.abc import Callable
from uuid import UUID

from foundation.caching.actions import bump_revision

BumpPages = Callable[[UUID], None]

# Registered from above: profiles must not import the apps that show names.
_pages_with_names: list[BumpPages] = []


def revision_of_person(user_id: UUID) -> str:
    """The name of the revision of a person's own page."""
    return f"person:{user_id}"


def bump_person(user_id: UUID) -> None:
    """Mark a person's own page as changed."""
    bump_revision(revision_of_person(user_id))


def register_pages_with_names(bump: BumpPages) -> None:
    """Register a function that marks pages with a person's name as changed."""
    _pages_with_names.append(bump)


def bump_pages_with_name(user_id: UUID) -> None:
    """Mark all pages that show a person's name as changed."""
    for bump in _pages_with_names:
        bump(user_id)
    bump_person(user_id)
