"""What templates ask of agents beyond their columns."""

from datetime import date
from functools import lru_cache
from urllib.parse import quote

from django import template
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from foundation.clock import today
from registry.definitions import NUMBERS, Number, Words
from registry.models import Agent, Version, VersionAsset, VersionFile
from registry.seals import Seal, seal_of
from registry.sheets import Row

# Some four kilobytes each.
ROWS_KEPT = 1024

register = template.Library()

RULES_IN_WORDS: dict[str, Promise] = {
    "broken_reference": _("Links that lead to no file"),
    "unknown_extension": _("Files of an unknown kind"),
    "text_file_large": _("Very long texts"),
    "too_many_findings": _("Lists cut because they were too long"),
}


@register.filter
def seal(text: str) -> Seal:
    """The seal of an id: ``{% with mark="@ada/coach"|seal %}``."""
    return seal_of(text)


@register.simple_tag
def agent_row(row: Row, heading: str = "h2") -> SafeString:
    """One agent in a list: ``{% agent_row row heading="h3" %}``. Rows that are equal look the same,
    on one day and in one language; so each is made once, and kept for a while."""
    return _row(row, heading, today(), get_language())


@lru_cache(maxsize=ROWS_KEPT)
def _row(row: Row, heading: str, day: date, language: str) -> SafeString:
    return render_to_string("components/row.html", {"row": row, "heading": heading})


@register.inclusion_tag("components/number_name.html")
def number_name(key: str, *, asks: bool = False) -> dict[str, Number | bool]:
    """The name of a number, which leads to what it means: ``{% number_name "downloads-30d" %}``;
    with ``asks=True`` as a question, for beside a heading that bears the name already."""
    return {"number": NUMBERS[key], "asks": asks}


@register.simple_tag
def number_means(key: str) -> Words:
    """What a number means, for where it is named in other words: ``title="{% number_means "cadence"
    %}"``."""
    return NUMBERS[key].means


@register.simple_tag
def tarball_address(agent: Agent, version: Version) -> str:
    return f"{_address(agent, version)}/tarball"


@register.simple_tag
def asset_address(agent: Agent, version: Version, asset: VersionAsset) -> str:
    # A draft's picture is served to its owner alone, elsewhere.
    return getattr(asset, "address", "") or f"{_address(agent, version)}/assets/{asset.pk}"


def _address(agent: Agent, version: Version) -> str:
    # Bytes are served by the JSON door alone; its addresses are a public promise.
    return f"/v1/agents/{agent.scope}/{agent.name}/versions/{version.version}"


@register.simple_tag
def file_bytes_address(agent: Agent, version: Version, file: VersionFile) -> str:
    return f"{_address(agent, version)}/files/{quote(file.path)}"


@register.filter
def rule_in_words(code: str) -> Promise | str:
    """What a rule of the package check warns of; a rule of former days goes by its code."""
    return RULES_IN_WORDS.get(code, code)


@register.filter
def file_name(path: str) -> str:
    """The part behind the last slash."""
    return path.rpartition("/")[2]
