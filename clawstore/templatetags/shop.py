"""Small words that every page needs: moments, sizes, numbers."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

from django import template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from foundation.clock import iso, now

register = template.Library()

DAYS_IN_WORDS = 30
DAYS_TO_TELL = 60
KILO, UNITS = 1000, ("B", "kB", "MB", "GB")


@register.simple_tag
def when(moment: datetime) -> SafeString:
    """A moment as people say it when it is fresh, as a date later; the exact time is in it."""
    return _in_words(moment, localdate(now()), get_language())


@register.simple_tag
def day(moment: datetime) -> SafeString:
    """A moment as a date, whatever its age: for columns that are read downwards."""
    return _as_a_date(moment, get_language())


@register.simple_tag
def month(moment: datetime) -> SafeString:
    """For where there is little room: the month of what is long ago, the day of what is not."""
    is_young = (localdate(now()) - localdate(moment)).days < DAYS_TO_TELL
    return _as_a_date(moment, get_language()) if is_young else _as_a_month(moment, get_language())


# Lists are full of moments, and putting one into words takes a tenth of a millisecond.
@lru_cache(maxsize=4096)
def _in_words(moment: datetime, today: date, language: str) -> SafeString:
    return _marked(moment, _words_for((today - localdate(moment)).days, moment))


@lru_cache(maxsize=4096)
def _as_a_date(moment: datetime, language: str) -> SafeString:
    return _marked(moment, date_format(moment, "j M Y"))


@lru_cache(maxsize=4096)
def _as_a_month(moment: datetime, language: str) -> SafeString:
    return _marked(moment, date_format(moment, "M Y"))


def _marked(moment: datetime, shown: str) -> SafeString:
    exact = f"{date_format(moment, 'j F Y, H:i')} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', iso(moment), exact, shown)


def _words_for(days: int, moment: datetime) -> str:
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if 0 < days < DAYS_IN_WORDS:
        return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    return date_format(moment, "j M Y")


@register.filter
def size(count: int | None) -> str:
    """Bytes as a person reads them: ``112 kB``, ``3.4 MB``."""
    amount = float(count or 0)
    for unit in UNITS:
        if amount < KILO or unit == UNITS[-1]:
            break
        amount /= KILO
    exact = unit == "B" or amount >= 10
    return f"{amount:.0f} {unit}" if exact else f"{amount:.1f} {unit}"


@register.simple_tag
def once(name: str, **needs: str) -> SafeString:
    """A template that says the same on every page, made once in a process for each language:
    ``{% once "components/footer.html" instance_name=instance_name %}``. It gets nothing else."""
    return _once(name, get_language(), tuple(sorted(needs.items())))


@lru_cache(maxsize=64)
def _once(name: str, language: str, needs: tuple[tuple[str, str], ...]) -> SafeString:
    return render_to_string(name, dict(needs))


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """The numbers to show below a page, with a gap where many are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
