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
        "properties": dict.fromkeys(localization.supported, inner),
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

    requested: str
    fallback: str | None
    default: str
    localized: int = 0
    resolved: int = 0
    from_fallback: int = 0
    unresolved: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "requestedLocale": self.requested,
            "fallbackLocale": self.fallback,
            "defaultLocale": self.default,
            "localizedFieldCount": self.localized,
            "resolvedFieldCount": self.resolved,
            "fallbackFieldCount": self.from_fallback,
            "unresolvedFields": self.unresolved,
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
    resolved = _Resolver(schema, resolution).resolve([schema], document, "")
    return resolved, resolution


_MISSING = object()


class _Resolver:
    def __init__(self, root: dict[str, Any], resolution: LocaleResolution) -> None:
        self.root = root
        self.resolution = resolution

    def resolve(self, parts: list[Any], value: Any, place: str) -> Any:
        """Return a value in one language; ``parts`` are the schemas that apply to it."""
        applied = applied_schemas(self.root, parts, value)
        if isinstance(value, dict):
            if any(part.get(LOCALIZED) is True for part in applied):
                return _choose(value, self.resolution, place)
            return self._resolve_object(applied, value, place)
        if isinstance(value, list):
            items = [part["items"] for part in applied if "items" in part]
            return self._present(
                self.resolve(items, entry, f"{place}.{index}") for index, entry in enumerate(value)
            )
        return value

    def _resolve_object(
        self, applied: list[dict[str, Any]], value: dict[str, Any], place: str
    ) -> dict[str, Any]:
        result = {}
        for key, child in value.items():
            parts = [
                part["properties"][key] for part in applied if key in part.get("properties", ())
            ]
            translation = self.resolve(parts, child, f"{place}.{key}" if place else key)
            if translation is not _MISSING:
                result[key] = translation
        return result

    @staticmethod
    def _present(entries: Iterable[Any]) -> list[Any]:
        return [entry for entry in entries if entry is not _MISSING]


def _choose(translations: dict[str, Any], into: LocaleResolution, place: str) -> Any:
    into.localized += 1
    # Each language once, or the counts of the resolution would be wrong.
    for locale in dict.fromkeys((into.requested, into.fallback, into.default)):
        if locale is not None and locale in translations:
            into.resolved += 1
            if locale != into.requested:
                into.from_fallback += 1
            return translations[locale]
    # Left out instead of null, because the schema of one language may not allow null.
    into.unresolved.append(place)
    return _MISSING
