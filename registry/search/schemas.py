"""Shapes of the JSON door, and how rows become them. Names on the wire are camelCase."""

from typing import Any

from ninja import Schema

from registry.search import Suggestion


class SuggestionOut(Schema):
    """``exact`` is true of the one agent with this id or name."""

    id: str
    displayName: str
    tagline: str
    exact: bool


def suggestion_out(found: Suggestion) -> dict[str, Any]:
    return {
        "id": found.full_id,
        "displayName": found.display_name,
        "tagline": found.tagline,
        "exact": found.is_exact,
    }
