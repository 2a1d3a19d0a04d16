"""Which language of a text a reader gets, and which others there are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info

MAX_PREFERENCES = 3
"""Languages of a reader that are looked at. Each list of them is a page in the cache."""
MAX_HEADER = 200
PARAMETER = "lang"
# Languages whose variants are texts of their own.
WITH_VARIANTS = frozenset({"pt", "zh"})
CHINESE = {
    **dict.fromkeys(("zh", "zh-CN", "zh-SG"), "zh-Hans"),
    **dict.fromkeys(("zh-TW", "zh-HK", "zh-MO"), "zh-Hant"),
}


@lru_cache(maxsize=4096)
def read_preferences(header: str) -> tuple[str, ...]:
    """Return the languages of an Accept-Language header, the preferred first.

    They are at most three, without regions that make no difference. The list ends with the language
    of the instance, in which every text is.
    """
    weighted: list[tuple[float, int, str]] = []
    for index, part in enumerate(header[:MAX_HEADER].split(",")):
        tag, _, parameters = part.strip().partition(";")
        quality = _read_quality(parameters)
        if quality > 0 and (language := standard_tag(tag)):
            weighted.append((-quality, index, _without_region(language)))
    preferences = list(dict.fromkeys(language for _, _, language in sorted(weighted)))
    own = settings.LANGUAGE_CODE
    if own in preferences:
        preferences = preferences[: preferences.index(own) + 1]
    return tuple(preferences[:MAX_PREFERENCES])


def _without_region(language: str) -> str:
    """Drop the region, so that readers of a language share their pages in the cache."""
    if language in CHINESE:
        return CHINESE[language]
    primary = primary_of(language)
    return language if primary in WITH_VARIANTS else primary


def _read_quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0


def standard_tag(tag: str) -> str:
    """Return a language tag in its usual letter case; "" for what is none."""
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


def preferences_of(request: HttpRequest) -> tuple[str, ...]:
    """Return the languages that a request prefers, for `Vary: Accept-Language`."""
    return read_preferences(request.headers.get("Accept-Language", ""))


def languages_of(request: HttpRequest) -> tuple[str, ...]:
    """Return the languages that a request asks for; one in the address comes first."""
    choice = standard_tag(request.GET.get(PARAMETER, "")[:MAX_HEADER])
    return tuple(dict.fromkeys([*([choice] if choice else []), *preferences_of(request)]))


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


def choose_or_default(languages: Iterable[str], available: Collection[str]) -> str:
    """Return the language that fits best, else that of the instance, else the first."""
    own = settings.LANGUAGE_CODE
    best = choose_language(languages, available)
    return best or (own if own in available else min(available, default=own))


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A language in which a text can be read, by its own name."""

    code: str
    name: str
    is_current: bool


def language_links(available: Collection[str], current: str) -> list[LanguageLink]:
    """Return the languages of a text by their codes; [] if there is one alone."""
    if len(available) < 2:
        return []
    return [LanguageLink(code, name_of(code), code == current) for code in sorted(available)]


@lru_cache(maxsize=256)
def name_of(language: str) -> str:
    """Return the name of a language in that language, or its code."""
    try:
        name: str = get_language_info(language.lower())["name_local"]
    except KeyError:
        return language
    return name[:1].upper() + name[1:]
