"""Titles of items, which the runtime itself does not have."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from wordclaw.content.models import ContentType
from wordclaw.content.rules import compiled_schema
from wordclaw.schema.compiled import CompiledSchema

TITLE_NAMES = ("title", "name", "label", "heading", "headline", "question", "subject", "slug")
MAX_LENGTH = 120


def title_of(content_type: ContentType, data: Any, item_id: UUID | None = None) -> str:
    """Return the title of an item's data: of its title field, else of its first text."""
    schema = compiled_schema(content_type)
    values = data if isinstance(data, dict) else {}
    names = [name for name in TITLE_NAMES if name in schema.properties]
    # Types are made by publishers, so a title is guessed by name and then by order.
    names += [name for name in schema.properties if name not in names]
    for name in names:
        text = _text_of(schema, name, values.get(name))
        if text:
            return f"{text[:MAX_LENGTH]}…" if len(text) > MAX_LENGTH else text
    if content_type.is_singleton:
        return content_type.name
    return _("Untitled") + (f" {str(item_id)[:8]}" if item_id else "")


def _text_of(schema: CompiledSchema, name: str, value: Any) -> str:
    if schema.is_localized(name) and isinstance(value, dict) and schema.localization:
        translations = [value.get(schema.localization.default), *value.values()]
        value = next(
            (
                translation
                for translation in translations
                if isinstance(translation, str) and translation
            ),
            "",
        )
    return " ".join(value.split()) if isinstance(value, str) else ""
