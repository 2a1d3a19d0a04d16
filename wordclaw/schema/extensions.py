"""The extensions of JSON Schema that content types use.

- ``x-wordclaw-localization`` on the schema: ``supportedLocales`` and ``defaultLocale``.
- ``x-wordclaw-localized: true`` on a property: its schema is that of one language's value, and
  documents hold a map from language to value.
- ``x-wordclaw-field-kind`` on a property: how it is edited, and whether it is a reference.
- ``allowedContentTypeSlugs`` beside the kind of a reference.
- ``x-wordclaw-indexed: true`` on a property at the top: lists are often sorted by it. The
  values of numbers and texts are stored in the order of the list.
- ``premium: true`` on a property: only paying readers see it while there is an offer.
"""

from dataclasses import dataclass
from typing import Any

import langcodes

from wordclaw.schema.cost import subschemas
from wordclaw.schema.errors import SchemaError

LOCALIZATION = "x-wordclaw-localization"
LOCALIZED = "x-wordclaw-localized"
FIELD_KIND = "x-wordclaw-field-kind"
ALLOWED_TYPES = "allowedContentTypeSlugs"
INDEXED = "x-wordclaw-indexed"
PREMIUM = "premium"
FIELD_KINDS = frozenset(
    {
        *("text", "textarea", "markdown", "number", "checkbox", "date", "select"),
        *("asset", "asset-list", "content-ref", "content-ref-list", "agent-ref"),
        *("agent-ref-list", "group", "array", "block-set"),
    }
)
# The validator has a copy of each localized field for each language.
MAX_LOCALES = 50
# RFC 5646 asks programs to provide for 35 characters.
MAX_TAG_LENGTH = 35
MAX_COPIES = 10_000
"""Schemas of localized fields times languages."""


@dataclass(frozen=True, slots=True)
class Localization:
    """The languages of a content type, as standard tags (BCP 47)."""

    supported_tags: tuple[str, ...]
    default: str


def read_localization(schema: dict[str, Any]) -> Localization | None:
    """Return the languages that a schema declares, or None. Raises SchemaError."""
    declaration = schema.get(LOCALIZATION)
    if declaration is None:
        return None
    place = f"/{LOCALIZATION}"
    if not isinstance(declaration, dict):
        raise SchemaError("The localization must be an object.", place)
    locales, default = declaration.get("supportedLocales"), declaration.get("defaultLocale")
    if not isinstance(locales, list) or not 1 <= len(locales) <= MAX_LOCALES:
        raise SchemaError(f"List 1 to {MAX_LOCALES} languages.", f"{place}/supportedLocales")
    for index, locale in enumerate(locales):
        if not is_language_tag(locale):
            raise SchemaError(
                "This is not a language tag in its standard form, such as en or pt-BR.",
                f"{place}/supportedLocales/{index}",
            )
    if len(set(locales)) != len(locales):
        raise SchemaError("A language is listed twice.", f"{place}/supportedLocales")
    # The default is the last fallback, and required in each document.
    if default not in locales:
        raise SchemaError(
            "The default language must be one of the supported ones.", f"{place}/defaultLocale"
        )
    return Localization(tuple(locales), str(default))


def is_language_tag(text: Any) -> bool:
    """Return whether a value is a language tag in its standard spelling."""
    if not isinstance(text, str) or len(text) > MAX_TAG_LENGTH:
        return False
    try:
        # One spelling only, because languages are keys of stored maps and are compared as texts.
        return langcodes.standardize_tag(text) == text
    except ValueError:
        return False


def require_valid_extensions(schema: dict[str, Any]) -> None:
    """Raise SchemaError for an extension that is not used as documented."""
    localization = read_localization(schema)
    copy_count = 0
    for place, part in subschemas(schema):
        kind = part.get(FIELD_KIND)
        if kind is not None and (not isinstance(kind, str) or kind not in FIELD_KINDS):
            raise SchemaError(f"{kind!r} is not a kind of field.", f"{place}/{FIELD_KIND}")
        # Not checked for existence: a content type may be made after the one that refers to it.
        slugs = part.get(ALLOWED_TYPES)
        if slugs is not None and not _is_list_of_texts(slugs):
            raise SchemaError("List the slugs of content types.", f"{place}/{ALLOWED_TYPES}")
        for flag in (LOCALIZED, INDEXED, PREMIUM):
            # A text such as "false" would count as true.
            if flag in part and not isinstance(part[flag], bool):
                raise SchemaError("This must be true or false.", f"{place}/{flag}")
        if part.get(LOCALIZED) and localization is None:
            raise SchemaError(
                f"A localized field needs {LOCALIZATION} on the schema.", f"{place}/{LOCALIZED}"
            )
        if part.get(LOCALIZED) and localization:
            # The validator has a copy of it for each language.
            inner = [child for _, child in subschemas({**part, LOCALIZED: False})]
            # A map of languages inside of another has no meaning for a reader of one language.
            if any(child.get(LOCALIZED) for child in inner):
                raise SchemaError("A localized field contains another one.", f"{place}/{LOCALIZED}")
            copy_count += len(inner) * len(localization.supported_tags)
    if copy_count > MAX_COPIES:
        raise SchemaError(
            f"The localized fields have more than {MAX_COPIES:,} parts and languages."
        )


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
