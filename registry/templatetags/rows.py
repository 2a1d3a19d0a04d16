"""Template tags for rows of lists.

A list has twenty rows with the same words, so rendered rows and words are memoised by their values.
"""

from datetime import date
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from foundation.clock import today
from registry.agents.rows import AgentRow
from registry.downloads.metrics import METRICS

# Each takes about four kilobytes.
ROWS_KEPT = 1024

register = template.Library()

WORDS = {
    "writes": _("Writes"),
    "secrets": _("Secrets"),
    "plugins": _("Plugins"),
    "skills": _("Skills"),
    "none": _("none"),
    "licence": _("Licence"),
    "on_the_list": _("Claimed by the author; on the SPDX list of licences."),
    "not_on_the_list": _("Claimed by the author; not on the SPDX list of licences."),
    "downloads": _("Downloads"),
    "in_30_days": _("/ 30 days"),
    "published": _("Published"),
    "verified_with": _("Verified with"),
    "author_since": _("author since"),
    "expanded": _("requested more access"),
}
# Name in the template → the metric whose definition it shows.
MEANINGS = {
    "of_downloads": "downloads-30d",
    "of_age": "agent-age",
    "of_author": "publisher-age",
    "of_cadence": "cadence",
    "of_networks": "networks-30d",
    "of_installs": "signed-in-installs",
    "of_growth": "last-growth",
}


@register.simple_tag
def agent_row(row: AgentRow, heading: str = "h2") -> SafeString:
    """One agent in a list: ``{% agent_row row heading="h3" %}``.

    Equal rows look the same on one day and in one language, so the HTML is memoised.
    """
    return _row(row, heading, today(), get_language())


@lru_cache(maxsize=ROWS_KEPT)
def _row(row: AgentRow, heading: str, day: date, language: str) -> SafeString:
    return render_to_string("components/row.html", {"row": row, "heading": heading})


@register.simple_tag
def row_words() -> dict[str, str]:
    """The words of a row in the reader's language: ``{% row_words as words %}``."""
    return _words(get_language())


@lru_cache(maxsize=64)
def _words(language: str) -> dict[str, str]:
    meanings = {word: METRICS[key].definition for word, key in MEANINGS.items()}
    return {word: str(text) for word, text in (WORDS | meanings).items()}


@register.simple_tag
def counted(noun: str, count: int) -> str:
    """A number with its noun: ``{% counted "files" 3 %}``."""
    return _counted(noun, count, get_language())


@lru_cache(maxsize=4096)
def _counted(noun: str, n: int, language: str) -> str:
    texts = {
        "files": ngettext("%(n)s file", "%(n)s files", n),
        "versions": ngettext("%(n)s version", "%(n)s versions", n),
        # Zero is exact; other numbers are estimates.
        "networks": ngettext("≈ %(n)s network", "≈ %(n)s networks", n)
        if n
        else _("no downloads in 30 days"),
        "installs": ngettext("%(n)s signed-in install", "%(n)s signed-in installs", n),
        "days apart": ngettext("usually 1 day apart", "usually %(n)s days apart", n),
    }
    return texts[noun] % {"n": f"{n:,}"}


@register.simple_tag
def row_identicon(full_id: str) -> SafeString:
    """The identicon in the row of an agent without an icon."""
    return _row_identicon(full_id)


@lru_cache(maxsize=ROWS_KEPT)
def _row_identicon(full_id: str) -> SafeString:
    return render_to_string("components/identicon.html", {"text": full_id, "size": 44})


@register.simple_tag
def rating_of(row: AgentRow) -> SafeString:
    return _rating(row.avg_rating, row.review_count, get_language())


@lru_cache(maxsize=4096)
def _rating(average: float, count: int, language: str) -> SafeString:
    agent = {"avg_rating": average, "review_count": count}
    return render_to_string("components/rating.html", {"agent": agent})
