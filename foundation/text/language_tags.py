"""Language tags (BCP 47), and which of several languages fits a reader."""

from collections.abc import Collection, Iterable

# Languages whose variants are texts of their own.
WITH_VARIANTS = frozenset({"pt", "zh"})
CHINESE = {
    **dict.fromkeys(("zh", "zh-CN", "zh-SG"), "zh-Hans"),
    **dict.fromkeys(("zh-TW", "zh-HK", "zh-MO"), "zh-Hant"),
}


def standard_tag(tag: str) -> str:
    """Return a language tag in its usual letter case; "" if it is no such tag."""
    parts = tag.strip().split("-")
    if not 2 <= len(parts[0]) <= 3 or not all(p.isascii() and p.isalnum() for p in parts[:3]):
        return ""
    tag_parts = [parts[0].lower()]
    for part in parts[1:3]:
        tag_parts.append(part.title() if len(part) == 4 else part.upper())
    return "-".join(tag_parts)


def primary_of(language: str) -> str:
    """Return the first part of a tag: ``pt`` of ``pt-BR``."""
    return language.partition("-")[0]


def without_region(language: str) -> str:
    """Drop the region of a tag, unless it makes another text."""
    if language in CHINESE:
        return CHINESE[language]
    primary = primary_of(language)
    return language if primary in WITH_VARIANTS else primary


def choose_language(languages: Iterable[str], available: Collection[str]) -> str | None:
    """Return the available language that fits best, or None if no language fits.

    A tag fits itself, then its primary language, then any variant of it.
    """
    for language in languages:
        if language in available:
            return language
        primary = primary_of(language)
        for candidate in sorted(available):
            if primary_of(candidate) == primary:
                return candidate
    return None
