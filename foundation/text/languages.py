"""Which languages a text is written in, by its function words and scripts."""

from collections import Counter, defaultdict
from collections.abc import Iterable

# Words that are common in one of these languages and rare in the others.
_FUNCTION_WORDS = {
    "en": "the and of to is that it for with you are this what your from not which they have be",
    "de": "und der die das ist nicht ein eine mit fur auf sich den dem zu von wird sie es auch "
    "was wie oder bei dein deine",
    "es": "el los las una que con para por del su lo como mas pero sus tu cada y se tus",
    "fr": "le les des une et est que pour dans vous sur avec pas ce qui votre vos au aux du",
    "it": "il gli di una che per con non della sono nel alla dei delle piu tuo tua anche",
    "pt": "os uma que nao com para por mais dos das seu sua ou em voce ao pelo",
    "nl": "het een van en niet dat zijn voor met aan je wat ook naar maar bij uw jouw",
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _FUNCTION_WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)
_SCRIPTS = (
    ("\u3041", "\u30ff", "ja"),
    ("\uac00", "\ud7af", "ko"),
    ("\u4e00", "\u9fff", "zh"),
    ("\u0400", "\u04ff", "ru"),
    ("\u0600", "\u06ff", "ar"),
    ("\u0900", "\u097f", "hi"),
    ("\u0370", "\u03ff", "el"),
    ("\u0590", "\u05ff", "he"),
    ("\u0e00", "\u0e7f", "th"),
)
NAMES = {
    "ar": "العربية",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "he": "עברית",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "pt": "Português",
    "ru": "Русский",
    "th": "ไทย",
    "zh": "中文",
}
"""Of each language that is told apart, its own name."""

# Of all signs of a language, and at least this many.
MIN_SHARE, MIN_SIGNS = 0.2, 2


def languages_of(words: Iterable[str]) -> tuple[str, ...]:
    """The languages of a text by its folded words, the main one first."""
    signs: dict[str, float] = defaultdict(float)
    for word, count in Counter(words).items():
        if word.isascii():
            for language in (languages := _LANGUAGES_OF.get(word, ())):
                signs[language] += count / len(languages)
        elif language := _language_of_script(word):
            signs[language] += count
    if "ja" in signs:
        # Japanese has Chinese characters too.
        signs["ja"] += signs.pop("zh", 0)
    total = sum(signs.values())
    minimum = max(MIN_SIGNS, total * MIN_SHARE)
    by_count = sorted(signs.items(), key=lambda item: -item[1])
    return tuple(language for language, count in by_count if count >= minimum)


def _language_of_script(word: str) -> str:
    for first, last, language in _SCRIPTS:
        if any(first <= character <= last for character in word):
            return language
    return ""
