"""The languages of a reader, and links to the languages of a text."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info, gettext

from foundation.text.language_tags import choose_language, standard_tag, without_region
from foundation.web.page_cache import Variation

MAX_PREFERENCES = 3
"""Languages of a reader that are looked at. Each list of them is a page in the cache."""
MAX_HEADER = 200
PARAMETER = "lang"
ORIGINAL = "original"
"""In the address, for the text as its author wrote it, whatever languages there are."""


@lru_cache(maxsize=4096)
def read_preferences(header: str) -> tuple[str, ...]:
    """Return the languages of an Accept-Language header, the preferred first.

    They are at most three, without regions that make no difference. The list ends with the language
    of the instance, in which every text is.
    """
    weighted_tags: list[tuple[float, int, str]] = []
    for index, part in enumerate(header[:MAX_HEADER].split(",")):
        tag, _, parameters = part.strip().partition(";")
        quality = _read_quality(parameters)
        if quality > 0 and (language := standard_tag(tag)):
            weighted_tags.append((-quality, index, without_region(language)))
    preferences = list(dict.fromkeys(language for _, _, language in sorted(weighted_tags)))
    own = settings.LANGUAGE_CODE
    if own in preferences:
        preferences = preferences[: preferences.index(own) + 1]
    return tuple(preferences[:MAX_PREFERENCES])


def _read_quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0


def preferences_of(request: HttpRequest) -> tuple[str, ...]:
    """Return the languages that a request prefers."""
    return read_preferences(request.headers.get("Accept-Language", ""))


LANGUAGES = Variation("Accept-Language", preferences_of)
"""For pages whose texts are in the reader's language."""


def languages_of(request: HttpRequest) -> tuple[str, ...]:
    """Return the languages that a request asks for; that of the address comes first.

    There are none for a reader who asks for the original.
    """
    if request.GET.get(PARAMETER) == ORIGINAL:
        return ()
    choice = standard_tag(request.GET.get(PARAMETER, "")[:MAX_HEADER])
    return tuple(dict.fromkeys([*([choice] if choice else []), *preferences_of(request)]))


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

    @property
    def tag(self) -> str:
        """The language tag; blank for the original, whose language is not known."""
        return "" if self.code == ORIGINAL else self.code


def language_links(available: Collection[str], current: str) -> list[LanguageLink]:
    """Return the languages of a text by their codes; [] if there is one alone."""
    if len(available) < 2:
        return []
    # The original comes first: its code is no language.
    codes = sorted(available, key=lambda code: (code != ORIGINAL, code))
    return [LanguageLink(code, name_of(code), code == current) for code in codes]


def name_of(language: str) -> str:
    """Return the name of a language in that language, or its code."""
    if language == ORIGINAL:
        return gettext("Original")
    try:
        name: str = get_language_info(language.lower())["name_local"]
    except KeyError:
        return language
    return name[:1].upper() + name[1:]
