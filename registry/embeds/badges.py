"""Badges: one fact of an agent as a small SVG image, for a README on another site."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.agents.detail import get_shown_version
from registry.models import Agent

BADGE_KINDS = ("version", "downloads", "rating")
# The SVG states the width of each text, so that it fits whatever font the reader has. This is the
# average width of a letter at 11 px, with room to spare.
LETTER_WIDTH = 6.4
PADDING = 8
BORDER = 1.5
MAX_VALUE_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Badge:
    """The two texts of a badge and their positions, in CSS pixels."""

    name: str
    value: str

    @property
    def name_text(self) -> int:
        return round(len(self.name) * LETTER_WIDTH)

    @property
    def value_text(self) -> int:
        return round(len(self.value) * LETTER_WIDTH)

    @property
    def name_width(self) -> int:
        return self.name_text + 2 * PADDING

    @property
    def value_at(self) -> int:
        return self.name_width + PADDING

    @property
    def width(self) -> int:
        return self.name_width + self.value_text + 2 * PADDING

    @property
    def inner_width(self) -> float:
        return self.width - BORDER


def make_badge(agent: Agent, kind: str) -> Badge:
    """The badge of a kind in ``BADGE_KINDS``. Raises `ValueError` for another kind."""
    if kind == "version":
        number = _version_value(agent)
        if len(number) > MAX_VALUE_LENGTH:
            number = f"{number[: MAX_VALUE_LENGTH - 1]}…"
        return Badge(_("version"), number)
    if kind == "downloads":
        count = f"{agent.downloads_30d:,}"
        return Badge(_("downloads"), _("%(count)s in 30 days") % {"count": count})
    if kind == "rating":
        if not agent.review_count or agent.avg_rating is None:
            return Badge(_("rating"), _("no reviews"))
        count = ngettext("%(n)s review", "%(n)s reviews", agent.review_count)
        reviews = count % {"n": f"{agent.review_count:,}"}
        return Badge(_("rating"), f"{agent.avg_rating:.1f} ★ · {reviews}")
    raise ValueError(kind)


def _version_value(agent: Agent) -> str:
    """The number that the agent's page shows, or why no version is available."""
    if agent.latest_version:
        return agent.latest_version.version
    version = get_shown_version(agent)
    if version.is_yanked:
        return _("yanked")
    return _("withheld") if version.is_withheld else version.version
