"""Template tags about agents."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from urllib.parse import quote, urlencode

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from registry.agents.addresses import icon_address
from registry.agents.detail import AgentHeader, AgentVersionDetail
from registry.agents.moves import is_newly_moved
from registry.agents.rows import AgentRow
from registry.agents.similar import SimilarAgent
from registry.compare.queries import MAX_AGENTS
from registry.downloads.metrics import METRICS
from registry.embeds.identicon import Identicon, make_identicon
from registry.examiner.records import is_short_svg
from registry.models import Agent, Version, VersionAsset, VersionFile
from registry.rules.co_maintainers import is_of
from registry.rules.identifiers import scope_and_name

register = template.Library()

TENTH = Decimal("0.1")
BREAKS = str.maketrans({mark: f"{mark}<wbr>" for mark in "/_.@:-"})

RULES_IN_WORDS: dict[str, Promise] = {
    "not_utf8": gettext_lazy("Texts that are not UTF-8"),
    "apple_double": gettext_lazy("Files of macOS"),
    "broken_reference": gettext_lazy("Links to missing files"),
    "unknown_extension": gettext_lazy("Unknown file types"),
    "text_file_large": gettext_lazy("Very long text files"),
    "too_many_findings": gettext_lazy("Findings beyond the limit"),
}


@register.filter
def identicon(text: str) -> Identicon:
    """The identicon of an id: ``{% with identicon="@ada/coach"|identicon %}``."""
    return make_identicon(text)


@register.simple_tag
def number_name(key: str, *, asks: bool = False) -> SafeString:
    """The linked name of a metric: ``{% number_name "downloads-30d" %}``.

    ``asks=True`` shows it as a question, beside a heading with the name.
    """
    return _number_name(key, asks, get_language())


# An agent's page has eight, which are the same on every page.
@cache
def _number_name(key: str, asks: bool, language: str) -> SafeString:
    context = {"metric": METRICS[key], "asks": asks}
    return render_to_string("components/number_name.html", context)


@register.simple_tag
def belongs_to(agent: Agent, user: User | AnonymousUser) -> bool:
    """Whether a reader owns or co-maintains an agent; a query if they are not owner."""
    return user.is_authenticated and is_of(agent, user.pk)


@register.filter
def agent_path(full_id: str) -> str:
    """The page of an agent by its id: ``{{ "@ada/coach"|agent_path }}``."""
    return reverse("agent", args=scope_and_name(full_id))


@register.simple_tag
def version_deprecation(agent: Agent, version: Version) -> dict[str, str] | None:
    """The reason and time of a version's own deprecation: ``{% ... as entry %}``."""
    entry: dict[str, str] | None = agent.deprecated_versions.get(version.version)
    return entry


@register.simple_tag
def newly_moved(agent: Agent) -> bool:
    """Whether an agent has a new publisher: ``{% newly_moved agent as is_new %}``."""
    return is_newly_moved(agent)


@register.simple_tag
def rating(agent: Agent | AgentRow) -> SafeString:
    """Average stars with the number of reviews: ``{% rating agent %}``."""
    average = agent.avg_rating
    # As the template rounds it: there are few different ones.
    shown_average = (
        None if average is None else Decimal(str(average)).quantize(TENTH, ROUND_HALF_UP)
    )
    return _rating(shown_average, agent.review_count, get_language())


# A page shows it twice, and a list twenty times.
@lru_cache(maxsize=4096)
def _rating(average: Decimal | None, count: int, language: str) -> SafeString:
    context = {"average": average, "count": count}
    return render_to_string("components/rating.html", context)


@dataclass(frozen=True, slots=True)
class AgentTab:
    """A tab of an agent's pages; without a ``count`` none is shown."""

    name: str
    text: str
    url: str
    is_current: bool
    count: int | None = None


TAB = '<a id="tab-{}" href="{}"{}>{}{}</a>'
TAB_COUNT = ' <span class="count">{:,}</span>'
CURRENT_PAGE = ' aria-current="page"'


@register.simple_tag
def agent_tabs(
    header: AgentHeader | AgentVersionDetail, current: str, is_pinned: bool
) -> SafeString:
    """Links to the tabs of an agent; with ``is_pinned`` of a page about one version.

    Joined in Python: they would take a template a tenth of the page's time.
    """
    tabs = _list_tabs(header, current, is_pinned=is_pinned)
    return mark_safe("\n".join(map(_tab_link, tabs)))


def _tab_link(tab: AgentTab) -> str:
    count = "" if tab.count is None else TAB_COUNT.format(tab.count)
    current = CURRENT_PAGE if tab.is_current else ""
    return TAB.format(tab.name, escape(tab.url), current, escape(tab.text), count)


def _list_tabs(
    header: AgentHeader | AgentVersionDetail, current: str, *, is_pinned: bool
) -> Iterator[AgentTab]:
    agent, number = header.agent, header.version.version
    address_of_agent = reverse("agent", args=[agent.scope, agent.name])

    def tab(name: str, text: str, route: str, *address: str, count: int | None = None) -> AgentTab:
        if address:
            url = reverse(route, args=[agent.scope, agent.name, *address])
        else:
            url = address_of_agent + _path_below_agent(route)
        return AgentTab(name, text, url, name == current, count)

    overview = tab("overview", _("Overview"), "agent")
    yield replace(overview, is_current=overview.is_current and not is_pinned)
    if is_pinned:
        version = tab("version", _("Version %(number)s") % {"number": number}, "version", number)
        yield replace(version, is_current=overview.is_current)
    if not header.withholding and is_pinned:
        yield tab("files", _("Files"), "version_files", number)
    elif not header.withholding:
        yield tab("files", _("Files"), "files")
    yield tab("versions", _("Versions"), "versions", count=header.version_count)
    if header.version_count > 1 and not header.withholding:
        yield tab("changes", _("Changes"), "latest_changes")
    if agent.guide_count:
        yield tab("guides", _("Guides"), "agent_guides", count=agent.guide_count)
    yield tab("downloads", _("Downloads"), "downloads", count=agent.downloads_30d)
    yield tab("reviews", _("Reviews"), "reviews", count=agent.review_count)


@cache
def _path_below_agent(route: str) -> str:
    """The path of a route behind that of the agent, which is the same for all."""
    of_agent = ("scope", "name")
    return reverse(route, args=of_agent).removeprefix(reverse("agent", args=of_agent))


@register.simple_tag
def tarball_address(agent: Agent, version: Version) -> str:
    return f"{_address(agent, version)}/tarball"


@register.simple_tag
def asset_address(agent: Agent, version: Version, asset: VersionAsset) -> str:
    # A draft's picture is served to its owner alone, elsewhere.
    return getattr(asset, "address", "") or f"{_address(agent, version)}/assets/{asset.pk}"


@register.simple_tag
def icon_address_of(agent: Agent) -> str:
    """The address of the icon in lists; blank without one, and for a delisted agent."""
    return "" if agent.is_delisted else icon_address(agent.scope, agent.name, agent.row_facts)


@register.simple_tag
def small_address(agent: Agent, version: Version, asset: VersionAsset) -> str:
    """The address of the small copy of an image, or of the image if it has none."""
    if not asset.small_sha256 or is_short_svg(asset.content_type, asset.size_bytes):
        return asset_address(agent, version, asset)
    return reverse("small_image", args=[asset.small_sha256])


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
def version_options(numbers: Iterable[str], selected_number: str) -> SafeString:
    """Version numbers as options of a form.

    Joined in Python, because a template is slow for a thousand of them.
    """
    separator = "</option><option>"
    options = f"<option>{separator.join(escape(' '.join(numbers)).split(' '))}</option>"
    option = f"<option>{escape(selected_number)}</option>"
    return mark_safe(options.replace(option, option.replace(">", " selected>", 1), 1))


@register.simple_tag
def comparison(agent: Agent, similar: Sequence[SimilarAgent]) -> str:
    """The query of the page that compares an agent with similar ones."""
    full_ids = [
        agent.full_id,
        *(similar_agent.full_id for similar_agent in similar[: MAX_AGENTS - 1]),
    ]
    return urlencode([("id", full_id) for full_id in full_ids])


@register.filter
def breakable(text: str) -> SafeString:
    """A path, host or name that breaks behind a separator if it must break."""
    return mark_safe(escape(text).translate(BREAKS))


@register.filter
def file_name(path: str) -> str:
    """The part behind the last slash."""
    return path.rpartition("/")[2]
