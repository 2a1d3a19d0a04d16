"""Template tags for rows of lists."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from foundation.caching.values import cached_values
from foundation.clock import today
from foundation.web import dates
from foundation.web.parts import slot_function
from registry.agents.rendered_rows import render_rows
from registry.agents.rows import AgentRow
from registry.agents.trust import RowTrust
from registry.downloads.metrics import METRICS
from registry.templatetags.agents import rating

CACHE = "rows"

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
    "published": _("since"),
    "expanded": _("more access"),
    "deprecated": _("Deprecated"),
    "archived": _("Archived"),
}
# Name in the template → the metric whose definition it shows.
DEFINITIONS = {
    "of_downloads": "downloads-30d",
    "of_age": "agent-age",
    "of_networks": "networks-30d",
    "of_growth": "last-growth",
}


@register.simple_tag
def agent_rows(rows: Sequence[AgentRow], heading: str = "h2") -> list[SafeString]:
    """The HTML of each row: ``{% agent_rows rows heading="h3" as rendered_rows %}``.

    Lists share most of their rows, and reading one takes far less than filling its stored part.
    """
    # A row says how many days ago the agent was updated.
    shared_key = (heading, today(), get_language())
    # By all that it shows, so a cached row is never outdated.
    keys = [("agent row", row, *shared_key) for row in rows]

    def render(indexes: Sequence[int]) -> list[str]:
        return render_rows([rows[index] for index in indexes], heading, get_language())

    return [mark_safe(html) for html in cached_values(CACHE, keys, render)]


@register.simple_tag
def agent_row(row: AgentRow, heading: str = "h2") -> SafeString:
    """The HTML of one row: ``{% agent_row row heading="h3" %}``."""
    (html,) = agent_rows([row], heading)
    return html


@register.simple_tag
def label_brief(row: AgentRow) -> SafeString:
    """The short label of a row, cached like the row: ``{% label_brief row %}``."""
    key = ("label in brief", row, get_language())

    def render(_indexes: Sequence[int]) -> list[str]:
        return [render_to_string("components/label_brief.html", {"row": row})]

    return mark_safe(cached_values(CACHE, [key], render)[0])


@register.simple_tag
def row_words() -> dict[str, str]:
    """The words of a row in the reader's language: ``{% row_words as words %}``."""
    return _row_words(get_language())


# To look them up takes as long as the rest of a row.
@lru_cache(maxsize=16)
def _row_words(language: str) -> dict[str, str]:
    definitions = {word: METRICS[key].definition for word, key in DEFINITIONS.items()}
    return {word: str(text) for word, text in (WORDS | definitions).items()}


COUNTED: dict[str, Callable[[int], str]] = {
    "files": lambda n: ngettext("%(n)s file", "%(n)s files", n),
    "networks": lambda n: ngettext("≈ %(n)s network", "≈ %(n)s networks", n),
}


@register.simple_tag
def counted(noun: str, count: int) -> str:
    """A number with its noun: ``{% counted "files" 3 %}``."""
    return _counted(noun, count, get_language())


@lru_cache(maxsize=1024)
def _counted(noun: str, count: int, language: str) -> str:
    return COUNTED[noun](count) % {"n": f"{count:,}"}


# --- Slots of a stored row --------------------------------------------------------------------

STATE = '{}\n<span class="mono row-wide">v{}</span>\n<span>{}</span>'
RETIRED = '<span class="channel channel-retired">{}</span>\n'
DOWNLOADS = """<div class="strip-downloads">
  <dt title="{0}">{1}</dt>
  <dd title="{0}">{2} <span class="quiet">{3}</span></dd>
</div>"""
TRUST = '<p class="trust-row">\n{}\n</p>'
TRUST_FACT = '<span class="trust-fact{}" title="{}">{}</span>'


@slot_function("row state")
def row_state(context: Mapping[str, Any]) -> str:
    """Rating, version and last change of an agent. Needs: row."""
    row: AgentRow = context["row"]
    stars = rating(row) if row.review_count else ""
    words = _escaped_words(get_language())
    if row.is_deprecated or row.is_archived:
        word = words["deprecated"] if row.is_deprecated else words["archived"]
        stars = RETIRED.format(word) + stars
    return STATE.format(stars, escape(row.version), dates.when(row.updated_at))


@slot_function("row downloads")
def row_downloads(context: Mapping[str, Any]) -> str:
    """Downloads in 30 days. Needs: downloads."""
    downloads: int = context["downloads"]
    return _downloads(downloads, get_language()) if downloads else ""


@lru_cache(maxsize=1024)
def _downloads(downloads: int, _language: str) -> str:
    words = _escaped_words(_language)
    return DOWNLOADS.format(
        words["of_downloads"], words["downloads"], intcomma(downloads), words["in_30_days"]
    )


@slot_function("row trust")
def row_trust(context: Mapping[str, Any]) -> str:
    """The trust line of a list: nothing where nothing stands out. Needs: trust."""
    trust: RowTrust = context["trust"]
    words, facts = _escaped_words(get_language()), []
    if trust.grew_lately and trust.grew_at:
        text = f"{words['expanded']} {dates.when(trust.grew_at)}"
        facts.append(TRUST_FACT.format(" trust-growth", words["of_growth"], text))
    if trust.has_history:
        text = f"{words['published']} {dates.month(trust.first_published_at)}"
        facts.append(TRUST_FACT.format("", words["of_age"], text))
    if trust.networks_30d:
        text = escape(counted("networks", trust.networks_30d))
        facts.append(TRUST_FACT.format("", words["of_networks"], text))
    return TRUST.format("\n".join(facts)) if facts else ""


@lru_cache(maxsize=16)
def _escaped_words(_language: str) -> dict[str, str]:
    return {name: escape(text) for name, text in row_words().items()}
