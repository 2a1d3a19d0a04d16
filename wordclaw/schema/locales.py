"""Localized fields: the schema of their maps, and the value for a reader."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wordclaw.schema.extensions import LOCALIZED, Localization
from wordclaw.schema.values import applied_schemas


def stored_schema(schema: dict[str, Any], localization: Localization | None) -> dict[str, Any]:
    """Return the schema of stored documents.

    A localized property holds a map of languages. The default language is required wherever the
    property is present.
    """
    if localization is None:
        return schema
    document_schema: dict[str, Any] = _with_maps(schema, localization)
    return document_schema


def _with_maps(part: Any, localization: Localization) -> Any:
    # The depth is bounded by the shape of the schema.
    if isinstance(part, list):
        return [_with_maps(entry, localization) for entry in part]
    if not isinstance(part, dict):
        return part
    inner = {key: _with_maps(value, localization) for key, value in part.items()}
    if part.get(LOCALIZED) is not True:
        return inner
    # The copy is the schema of one language; with the mark it would be wrapped again.
    del inner[LOCALIZED]
    return {
        "type": "object",
        "properties": dict.fromkeys(localization.supported_tags, inner),
        "required": [localization.default],
        # A value in a language that the type does not declare could never be read.
        "additionalProperties": False,
    }


def schema_of_one_language(part: Any) -> Any:
    """Return the schema of documents as `resolve_locale` returns them."""
    if isinstance(part, list):
        return [schema_of_one_language(entry) for entry in part]
    if not isinstance(part, dict):
        return part
    return {key: schema_of_one_language(value) for key, value in part.items() if key != LOCALIZED}


@dataclass(slots=True)
class LocaleResolution:
    """How the localized fields of one document were resolved."""

    requested_tag: str
    fallback: str | None
    default: str
    localized_count: int = 0
    resolved_count: int = 0
    from_fallback: int = 0
    unresolved_places: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "requestedLocale": self.requested_tag,
            "fallbackLocale": self.fallback,
            "defaultLocale": self.default,
            "localizedFieldCount": self.localized_count,
            "resolvedFieldCount": self.resolved_count,
            "fallbackFieldCount": self.from_fallback,
            "unresolvedFields": self.unresolved_places,
        }


def resolve_locale(
    schema: dict[str, Any],
    document: dict[str, Any],
    localization: Localization,
    *,
    locale: str,
    fallback: str | None = None,
) -> tuple[dict[str, Any], LocaleResolution]:
    """Return a document in one language, and how its localized fields were resolved.

    A value is taken in ``locale``, else in ``fallback``, else in the default language. A field
    without any of them is left out.
    """
    resolution = LocaleResolution(locale, fallback, localization.default)
    # With the author's schema, which has the marks; the stored schema has maps in their place.
    resolved_document = _Resolver(schema, resolution).resolve([schema], document, "")
    return resolved_document, resolution


_MISSING = object()


class _Resolver:
    def __init__(self, root: dict[str, Any], resolution: LocaleResolution) -> None:
        self.root = root
        self.resolution = resolution

    def resolve(self, parts: list[Any], value: Any, place: str) -> Any:
        """Return a value in one language; ``parts`` are the schemas that apply to it."""
        schemas = applied_schemas(self.root, parts, value)
        if isinstance(value, dict):
            if any(part.get(LOCALIZED) is True for part in schemas):
                return _choose(value, self.resolution, place)
            return self._resolve_object(schemas, value, place)
        if isinstance(value, list):
            items = [part["items"] for part in schemas if "items" in part]
            return self._present(
                self.resolve(items, entry, f"{place}.{index}") for index, entry in enumerate(value)
            )
        return value

    def _resolve_object(
        self, schemas: list[dict[str, Any]], value: dict[str, Any], place: str
    ) -> dict[str, Any]:
        result = {}
        for key, child in value.items():
            parts = [
                part["properties"][key] for part in schemas if key in part.get("properties", ())
            ]
            translation = self.resolve(parts, child, f"{place}.{key}" if place else key)
            if translation is not _MISSING:
                result[key] = translation
        return result

    @staticmethod
    def _present(entries: Iterable[Any]) -> list[Any]:
        return [entry for entry in entries if entry is not _MISSING]


def _choose(translations: dict[str, Any], target: LocaleResolution, place: str) -> Any:
    target.localized_count += 1
    # Each language once, or the counts of the resolution would be wrong.
    for locale in dict.fromkeys((target.requested_tag, target.fallback, target.default)):
        if locale is not None and locale in translations:
            target.resolved_count += 1
            if locale != target.requested_tag:
                target.from_fallback += 1
            return translations[locale]
    # Left out instead of null, because the schema of one language may not allow null.
    target.unresolved_places.append(place)
    return _MISSING
