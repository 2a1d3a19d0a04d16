"""Template tags about agents."""

from collections.abc import Iterable
from urllib.parse import quote

from django import template
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from registry.downloads.metrics import METRICS, Metric
from registry.embeds.identicon import Identicon, make_identicon
from registry.models import Agent, Version, VersionAsset, VersionFile

register = template.Library()

RULES_IN_WORDS: dict[str, Promise] = {
    "broken_reference": _("Links to missing files"),
    "unknown_extension": _("Unknown file types"),
    "text_file_large": _("Very long text files"),
    "too_many_findings": _("Findings beyond the limit"),
}


@register.filter
def identicon(text: str) -> Identicon:
    """The identicon of an id: ``{% with identicon="@ada/coach"|identicon %}``."""
    return make_identicon(text)


@register.inclusion_tag("components/number_name.html")
def number_name(key: str, *, asks: bool = False) -> dict[str, Metric | bool]:
    """The linked name of a metric: ``{% number_name "downloads-30d" %}``.

    ``asks=True`` shows it as a question, beside a heading with the name.
    """
    return {"metric": METRICS[key], "asks": asks}


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
    """The explanation of a check rule, or its code if the rule is no longer known."""
    return RULES_IN_WORDS.get(code, code)


@register.simple_tag
def version_options(numbers: Iterable[str], selected: str) -> SafeString:
    """Version numbers as options of a form.

    Joined in Python, because a template is slow for a thousand of them.
    """
    between = "</option><option>"
    options = f"<option>{between.join(escape(' '.join(numbers)).split(' '))}</option>"
    option = f"<option>{escape(selected)}</option>"
    return mark_safe(options.replace(option, option.replace(">", " selected>", 1), 1))


@register.filter
def file_name(path: str) -> str:
    """The part behind the last slash."""
    return path.rpartition("/")[2]
