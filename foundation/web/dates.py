"""Dates on pages, in the reader's language, with the exact time as a title."""

from datetime import date, datetime
from functools import lru_cache

from django.utils.dates import MONTHS, MONTHS_3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from foundation.clock import iso, now

RELATIVE_DAYS = 30
EXACT_DAYS = 60


def when(moment: datetime) -> SafeString:
    """A relative date (*3 days ago*), or a date after 30 days, with the exact time."""
    # The day is an argument, so that a cached text is not shown the next day.
    return _in_words(moment, localdate(now()), get_language())


def when_exactly(moment: datetime) -> SafeString:
    """A relative date with the time, for rows that follow each other within minutes."""
    return _in_words_with_time(moment, localdate(now()), get_language())


def day(moment: datetime) -> SafeString:
    """A date, for columns that are compared from row to row."""
    return _as_a_date(moment, get_language())


def month(moment: datetime) -> SafeString:
    """A date, or only its month after 60 days, for narrow places."""
    is_young = (localdate(now()) - localdate(moment)).days < EXACT_DAYS
    return _as_a_date(moment, get_language()) if is_young else _as_a_month(moment, get_language())


# Lists contain many dates.
@lru_cache(maxsize=4096)
def _in_words(moment: datetime, today: date, language: str) -> SafeString:
    days = (today - localdate(moment)).days
    return _time_element(moment, _words_for(days, moment, language), language)


@lru_cache(maxsize=4096)
def _in_words_with_time(moment: datetime, today: date, language: str) -> SafeString:
    days = (today - localdate(moment)).days
    words = f"{_words_for(days, moment, language)}, {moment.hour:02}:{moment.minute:02} UTC"
    return _time_element(moment, words, language)


@lru_cache(maxsize=4096)
def _as_a_date(moment: datetime, language: str) -> SafeString:
    return _time_element(moment, _short_date(moment, language), language)


@lru_cache(maxsize=4096)
def _as_a_month(moment: datetime, language: str) -> SafeString:
    text = f"{_short_month_names(language)[moment.month]} {moment.year}"
    return _time_element(moment, text, language)


def _time_element(moment: datetime, text: str, language: str) -> SafeString:
    month = _month_names(language)[moment.month]
    # `strftime` takes as long as the rest.
    time = f"{moment.hour:02}:{moment.minute:02}"
    exact = f"{moment.day} {month} {moment.year}, {time} UTC"
    return mark_safe(f'<time datetime="{iso(moment)}" title="{exact}">{text}</time>')


@lru_cache(maxsize=16)
def _month_names(language: str) -> dict[int, str]:
    return {number: escape(name) for number, name in MONTHS.items()}


@lru_cache(maxsize=16)
def _short_month_names(language: str) -> dict[int, str]:
    return {number: escape(name).title() for number, name in MONTHS_3.items()}


def _short_date(moment: datetime, language: str) -> str:
    """For example ``3 Nov 2026``. Django's function takes ten times as long."""
    return f"{moment.day} {_short_month_names(language)[moment.month]} {moment.year}"


def _words_for(days: int, moment: datetime, language: str) -> str:
    if days == 0:
        return escape(_("today"))
    if days == 1:
        return escape(_("yesterday"))
    if 0 < days < RELATIVE_DAYS:
        return escape(ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days})
    return _short_date(moment, language)
