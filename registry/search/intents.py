"""Parts of a text that are filters: "without api keys", "auf Deutsch"."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from foundation.text.normalise import fold

LOCAL_PROVIDERS = ("ollama", "lmstudio", "lm-studio", "llamacpp", "llama.cpp", "vllm", "local")
LANGUAGE_NAMES = {
    "de": ("german", "deutsch", "aleman", "allemand"),
    "en": ("english", "englisch", "ingles", "anglais"),
    "es": ("spanish", "spanisch", "espanol", "castellano"),
    "fr": ("french", "franzosisch", "francais", "frances"),
    "it": ("italian", "italienisch", "italiano"),
    "pt": ("portuguese", "portugiesisch", "portugues"),
    "nl": ("dutch", "niederlandisch", "nederlands"),
    "ja": ("japanese", "japanisch", "japones"),
    "zh": ("chinese", "chinesisch", "chino"),
    "ko": ("korean", "koreanisch", "coreano"),
    "ru": ("russian", "russisch", "ruso"),
}
_LANGUAGE_OF_NAME = {name: code for code, names in LANGUAGE_NAMES.items() for name in names}
# What a licence's name begins with, by how people write it. "MIT" is a German word too, so it
# needs its capitals or the word licence.
LICENSES = {
    "apache": "Apache-",
    "agpl": "AGPL-",
    "lgpl": "LGPL-",
    "gpl": "GPL-",
    "bsd": "BSD-",
    "mpl": "MPL-",
    "cc0": "CC0-",
    "public domain": "CC0-",
    "cc by": "CC-BY-4",
    "cc-by": "CC-BY-4",
    "creative commons": "CC",
    "unlicense": "Unlicense",
    "isc": "ISC",
}


@dataclass(frozen=True, slots=True)
class Intent:
    """A filter that was read from a text; ``text`` has its words.

    Kinds: "secrets" (value "none"), "provider" (values joined by a comma), "license" (what its name
    begins with), "language" (a code), "free" (without a price).
    """

    kind: str
    value: str
    text: str

    def removed_from(self, text: str) -> str:
        """A folded text without the words of this filter."""
        for part in self.text.split(JOINT):
            text = text.replace(part, " ", 1)
        return " ".join(text.split())

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self.value.split(","))


_KEY_PATTERN = (
    r"(?:(?:an?|any|extra|paid|einen?|eigenen?|una?)\s+)?(?:api[ -]?keys?|keys?|"
    r"secrets?|passwords?|credentials?|tokens?|(?:api[ -]?)?schlussel|"
    r"geheimnisse|passworter|passwort|zugangsdaten|"
    r"claves?(?: (?:de )?api)?|contrasenas?)"
)
_LICENSED_PATTERN = r"(?:\s+|-)(?:licen[sc]ed?|lizenz|licencia)"
_LICENSE_PATTERN = "|".join(map(re.escape, sorted(LICENSES, key=len, reverse=True)))
_LANGUAGE_PATTERN = "|".join(sorted(_LANGUAGE_OF_NAME))
_RULES: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(
            r"\b(?:(?:with)?out (?:needing |using )?|(?:(?:needs|requires) )?no (?:required )?"
            r"|w/o |ohne |keine? |sin )"
            rf"{_KEY_PATTERN}\b"
            r"|\bkeyless\b|api ?キー(?:は|が)?(?:なし(?:で|の)?|不要(?:で|の)?)"
        ),
        "secrets",
        lambda _: "none",
    ),
    (
        re.compile(
            r"\b(?:(?:works?|working|runs?|running|use|used|using|that|which|and|with|mit|con|via|"
            r"on|it|is|a) )*(?:"
            r"ollama|offline|local(?:ly)?(?:[ -](?:model|models|llm|llms|ai|only))?|lokal|"
            r"self[ -]hosted|on[ -]device|on (?:my|your|our|their) (?:own )?"
            r"(?:machine|computer|laptop|pc|device)|"
            r"auf (?:meinem|dem) (?:eigenen )?(?:rechner|computer|laptop|pc|gerat)|"
            r"en mi (?:propio )?(?:ordenador|computadora|equipo|portatil)|"
            r"without (?:(?:the|a) )?(?:cloud|internet)|ohne (?:die )?(?:cloud|internet)|"
            r"sin (?:la )?(?:nube|internet|conexion)|lokale[nsmr]? (?:modell|modelle|ki)|"
            r"without sending (?:\w+ ){0,3}to (?:the )?(?:cloud|internet))\b"
        ),
        "provider",
        lambda match: "ollama" if "ollama" in match.group() else ",".join(LOCAL_PROVIDERS),
    ),
    (
        re.compile(
            r"\b(?:(?:with|under|an?|the|unter|mit|bajo|con) )*"
            rf"(?:(?P<name>{_LICENSE_PATTERN})(?:[ -]v?\d(?:\.\d)?)?"
            rf"(?:{_LICENSED_PATTERN})?"
            rf"|mit{_LICENSED_PATTERN})\b"
        ),
        "license",
        lambda match: LICENSES.get(match.group("name") or "", "MIT"),
    ),
    (
        re.compile(
            rf"\b(?:auf|in|en|speaks?|spricht|habla) (?P<language>{_LANGUAGE_PATTERN})"
            r"(?:er sprache)?\b"
        ),
        "language",
        lambda match: _LANGUAGE_OF_NAME[match.group("language")],
    ),
    (re.compile(r"日本語(?:で|の)"), "language", lambda _: "ja"),
    (
        re.compile(r"オフライン(?:で|の)?|ローカル(?:で|の)?"),
        "provider",
        lambda _: ",".join(LOCAL_PROVIDERS),
    ),
    (
        re.compile(
            r"\b(?:for free|free of charge|kostenlos(?:e[rsnm]?)?|gratis|free)\b|無料(?:で|の)?"
        ),
        "free",
        lambda _: "",
    ),
)
# Between parts of a text that make one intent together.
JOINT = " … "
_QUOTED = re.compile(r'"[^"]*"')
# Stands for a quoted part, and is in no folded text.
_PLACE = "\x1f"
_MIT = re.compile(r"\bMIT\b(?![ -][Ll]icen)")


def folded_with_licence(text: str) -> str:
    """The folded text, in which the licence MIT differs from the German word."""
    # In a text that is all in capitals, they say nothing.
    return fold(_MIT.sub("MIT licence", text) if text != text.upper() else text)


def read_intents(text: str) -> tuple[str, tuple[Intent, ...]]:
    """The folded text without its intents, and the intents.

    A quoted part is only text.
    """
    remainder = folded_with_licence(text)
    quoted_texts = _QUOTED.findall(remainder)
    remainder = _QUOTED.sub(_PLACE, remainder)
    intents: list[Intent] = []
    for pattern, kind, value_of in _RULES:
        matches = list(pattern.finditer(remainder))
        if matches:
            value = min((value_of(match) for match in matches), key=len)
            words = JOINT.join(match.group().strip() for match in matches)
            intents.append(Intent(kind, value, words))
            remainder = pattern.sub(" ", remainder)
    for part in quoted_texts:
        remainder = remainder.replace(_PLACE, part, 1)
    return " ".join(remainder.split()), tuple(intents)
