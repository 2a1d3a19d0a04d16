"""Template tags for all pages: dates, sizes, page numbers, cached templates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.frame import get_frame
from foundation.clock import iso, now

register = template.Library()


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """Content on every page, in the language of the page.

    ``links`` are the policies and static pages, for the footer.
    """

    links: SafeString
    notice: SafeString | None
    notice_language: str
    is_important: bool


@register.simple_tag
def page_frame() -> ShownFrame:
    """The notice and the footer's links: ``{% page_frame as frame %}``."""
    frame = get_frame()
    language = get_language() or settings.LANGUAGE_CODE
    notice_language, notice = frame.notice_in([language]) or ("", None)
    chapters = (*frame.policies_in([language]), *STATIC_PAGES.items())
    links = format_html_join(
        "\n",
        '<a href="{}">{}</a>',
        ((reverse("about", args=[slug]), title) for slug, title in chapters),
    )
    return ShownFrame(links, notice, notice_language, frame.is_important)


CLIENT = "npx clawstore@0.1.7"
"""Runs the only version of the client that there is, without installing it."""


@dataclass(frozen=True, slots=True)
class ClientCommands:
    """Commands for a terminal; `install` is followed by an agent id."""

    set_registry: str
    run: str
    install: str
    # On a private site the client cannot install: it sends no key for the package.
    is_private: bool


@register.simple_tag
def client() -> ClientCommands:
    """The commands by which a terminal uses this instance."""
    return ClientCommands(
        set_registry=f"export CLAWSTORE_API_URL={settings.BASE_URL}/v1",
        run=f"{CLIENT} ",
        install=f"{CLIENT} install ",
        is_private=settings.SIGN_IN_TO_READ,
    )


@register.simple_tag
def download_with_key(scope: str, name: str, version: str) -> str:
    """The command that unpacks a package of a private site into its workspace."""
    package = f"{settings.BASE_URL}/v1/agents/{scope}/{name}/versions/{version}/tarball"
    folder = f"~/.openclaw/workspace-{name}"
    fetch = f'curl -fsH "Authorization: Bearer $CLAWSTORE_KEY" {package}'
    return f"mkdir -p {folder} && {fetch} | tar -xz -C {folder}"


@register.simple_tag
def add_to_openclaw(name: str) -> str:
    """The command that registers an installed agent, as the client prints it."""
    return f"openclaw agents add {name} --workspace ~/.openclaw/workspace-{name}"


RELATIVE_DAYS = 30
EXACT_DAYS = 60
KILO, UNITS = 1000, ("B", "kB", "MB", "GB")


@register.simple_tag
def when(moment: datetime) -> SafeString:
    """A relative date (*3 days ago*), or a date after 30 days, with the exact time."""
    # The day is an argument, so that a cached text is not shown the next day.
    return _in_words(moment, localdate(now()), get_language())


@register.simple_tag
def day(moment: datetime) -> SafeString:
    """A date, for columns that are compared from row to row."""
    return _as_a_date(moment, get_language())


@register.simple_tag
def month(moment: datetime) -> SafeString:
    """A date, or only its month after 60 days, for narrow places."""
    is_young = (localdate(now()) - localdate(moment)).days < EXACT_DAYS
    return _as_a_date(moment, get_language()) if is_young else _as_a_month(moment, get_language())


# Formatting a date takes 0.1 ms, and lists contain many.
@lru_cache(maxsize=4096)
def _in_words(moment: datetime, today: date, language: str) -> SafeString:
    return _time_element(moment, _words_for((today - localdate(moment)).days, moment))


@lru_cache(maxsize=4096)
def _as_a_date(moment: datetime, language: str) -> SafeString:
    return _time_element(moment, date_format(moment, "j M Y"))


@lru_cache(maxsize=4096)
def _as_a_month(moment: datetime, language: str) -> SafeString:
    return _time_element(moment, date_format(moment, "M Y"))


def _time_element(moment: datetime, text: str) -> SafeString:
    exact = f"{date_format(moment, 'j F Y, H:i')} UTC"
    return format_html('<time datetime="{}" title="{}">{}</time>', iso(moment), exact, text)


def _words_for(days: int, moment: datetime) -> str:
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if 0 < days < RELATIVE_DAYS:
        return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    return date_format(moment, "j M Y")


@register.filter
def size(count: int | None) -> str:
    """A number of bytes as text: ``112 kB``, ``3.4 MB``."""
    amount = float(count or 0)
    for unit in UNITS:
        if amount < KILO or unit == UNITS[-1]:
            break
        amount /= KILO
    exact = unit == "B" or amount >= 10
    return f"{amount:.0f} {unit}" if exact else f"{amount:.1f} {unit}"


@register.simple_tag
def once(name: str, **needs: str) -> SafeString:
    """Render a template once per process, language and arguments.

    ``{% once "components/footer.html" instance_name=instance_name %}``. The template gets only the
    named arguments.
    """
    return _once(name, get_language(), tuple(sorted(needs.items())))


@lru_cache(maxsize=64)
def _once(name: str, language: str, needs: tuple[tuple[str, str], ...]) -> SafeString:
    return render_to_string(name, dict(needs))


@register.filter
def page_numbers(page: Page) -> Iterator[int | str]:
    """Page numbers for a pagination, with gaps."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
