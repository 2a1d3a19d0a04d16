"""The versions that headings of a changelog are about, or only mention."""

import unicodedata

from foundation.text.expressions import compile_text

_SUFFIX = r"[0-9A-Za-z.-]*[0-9A-Za-z]"
_NUMBER = rf"\d+\.\d+(?:\.(?:\d+|x))?(?:-{_SUFFIX})?(?:\+{_SUFFIX})?"
_FULL_NUMBER = compile_text(rf"\d+\.\d+\.\d+(?:-{_SUFFIX})?(?:\+{_SUFFIX})?")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}\.?"
_DATE = (
    r"(?:\d{4}[-/.]\d\d?[-/.]\d\d?(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?|\d\d?[-/.]\d\d?[-/.]\d{4}"
    rf"|{_MONTH}\s+\d\d?(?:st|nd|rd|th)?,?\s+\d{{4}}|\d\d?(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+\d{{4}})"
)
_WORDS = (
    r"(?:(?:the|version|versión|versione|wersja|release|ver|rel|of|版本|バージョン|버전)[\s.:]*)*"
)
_BEFORE = r"[\s\[(*_`~–—-]*"  # noqa: RUF001
# A dot and a digit would go on with the number.
_AFTER = r"(?:$|[\s\])*_`~,:;|/（–—]|[.-](?:\s|$))"  # noqa: RUF001
_VERSION_HEADING = compile_text(
    rf"^{_BEFORE}(?:{_DATE}[\s:,|/\])*_–—-]*)?{_BEFORE}"  # noqa: RUF001
    rf"{_WORDS}{_BEFORE}(?:v\.?)?\s?({_NUMBER}){_AFTER}",
    ignore_case=True,
)
_DATES = compile_text(_DATE, ignore_case=True)
_ANY_VERSION = compile_text(r"(?:^|[\s\[(v])\d+\.\d+\.\d+")
_LINK_TARGET = compile_text(r"\]\((?:[^()]|\([^()]*\))*\)")
_TAG = compile_text(r"</?[a-zA-Z][^<>]*>")
_SHORTCODE = compile_text(r":[a-z0-9_+-]{2,40}:")


def version_of(heading: str) -> str:
    """The version that a heading is about; "" if it has none or only mentions one.

    The version comes first, or after a date, a symbol, or a word such as *Version* or *Release*.
    """
    match = _VERSION_HEADING.match(_plain(heading))
    return match[1] if match else ""


def has_version(text: str) -> bool:
    """Whether a text has a number of three parts that may be a version."""
    return bool(_ANY_VERSION.search(text))


def is_same_version(number: str, version: str) -> bool:
    """Whether a heading means the version: 1.2 is 1.2.0."""
    return number == version or (number.count(".") == 1 and f"{number}.0" == version)


def prefix_before(heading: str, version: str) -> str | None:
    """The words before the version in a heading, or None if it does not have it.

    1.2.0 is mentioned neither by 1.2.0-beta.1 nor by 11.2.0.
    """
    # A comparison link's target (`…/compare/1.1.0...1.2.0`) also names the previous version.
    text = _plain(heading)
    position = text.find(version)
    while position != -1:
        before, after = text[:position], text[position + len(version) :]
        if _may_precede(before) and _may_follow(after):
            return _shape(before)
        position = text.find(version, position + 1)
    return None


def version_behind(heading: str, prefix: str) -> str:
    """The version that follows the words ``prefix`` in a heading; "" if there is none."""
    text = _plain(heading)
    match = _FULL_NUMBER.search(_DATES.sub(lambda date: " " * len(date[0]), text))
    return match[0] if match and _shape(text[: match.start()]) == prefix else ""


def _shape(before: str) -> str:
    words = _DATES.sub(" ", before).rstrip("vV").casefold()
    return "".join(c if c.isalnum() or c in "@/-" else " " for c in words).strip(" -")


def _plain(heading: str) -> str:
    """A heading without addresses, tags and symbols."""
    text = _TAG.sub("", _LINK_TARGET.sub("]", heading))
    text = _SHORTCODE.sub("", text)
    return text if text.isascii() else "".join(c for c in text if not _is_symbol(c))


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Cf", "Mn")


def _may_precede(text: str) -> bool:
    """Whether a text before a number leaves the number a version."""
    last = text[-2:].rstrip("vV")[-1:] if text.endswith(("v", "V")) else text[-1:]
    if last in ("-", "_"):
        # Of a tag such as coach-v1.2.0, not of a number such as 2.0-1.2.0.
        return not any(character.isdigit() for character in text)
    return not (last.isalnum() or last in tuple(".+"))


def _may_follow(text: str) -> bool:
    """Whether a text behind a number leaves the number a version."""
    first, second = text[:1], text[1:2]
    if first in tuple(".-"):
        return not (second.isalnum() or second == "_")
    return not (first.isalnum() or first in tuple("_+"))
