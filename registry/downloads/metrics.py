"""The definition of every number on the site, and since when it applies.

The page /about/numbers shows all of them, and the name of a number links there. A change of what is
counted changes the definition here and adds a line to `COUNTING_CHANGES`, which charts mark.
The first line says how counting began, and is no change.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Metric:
    """A number of the site. ``key`` is its anchor on the page and never changes."""

    key: str
    name: str | Promise
    definition: str | Promise


@dataclass(frozen=True, slots=True)
class CountingChange:
    """A change of how downloads are counted, from a day (UTC) on."""

    day: date
    description: str | Promise


COUNTING_CHANGES: tuple[CountingChange, ...] = (
    CountingChange(
        date(2026, 11, 22),
        _(
            "Downloads are counted per version and day: one per signed-in user or "
            "network, without crawlers and our own checks."
        ),
    ),
)

DOWNLOAD_METRICS = (
    Metric(
        "downloads",
        _("Downloads"),
        _(
            "The first fetch of a version on a day (UTC) by a signed-in user, or by "
            "a network if nobody is signed in. Not counted: self-declared crawlers, "
            "our own checks, HEAD requests, range requests and “not modified” "
            "responses."
        ),
    ),
    Metric(
        "downloads-30d",
        _("Downloads, 30 days"),
        _("Downloads of all versions of an agent, today and the previous 29 days (UTC)."),
    ),
    Metric(
        "fetches",
        _("Fetches"),
        _(
            "The number of times the whole package of a version was sent, including "
            "crawlers and repeated requests. Easy to inflate."
        ),
    ),
    Metric(
        "all-fetches",
        _("All-time fetches"),
        _(
            "All GET requests for a package that were answered with its bytes, "
            "including range requests, since the version was published. The API "
            "calls it downloadCount."
        ),
    ),
    Metric(
        "networks",
        _("Networks"),
        _(
            "Distinct networks that downloaded a version on a day. A network is an "
            "IPv4 address, or the first 48 bits of an IPv6 address. It is stored as "
            "a salted hash, which is deleted when the day is over."
        ),
    ),
    Metric(
        "signed-in",
        _("Signed-in users"),
        _(
            "Distinct users who downloaded a version on a day while signed in, or "
            "whose client requested the version with their API key after downloading "
            "it from the same network."
        ),
    ),
)

HOME_METRICS = (
    Metric(
        "new",
        _("New"),
        _("The listed agents with the most recent first version."),
    ),
    Metric(
        "trending",
        _("Trending"),
        _(
            "The networks of the last seven full days (UTC), compared with the "
            "number expected from the 30 days before: (a + 20) ÷ (b + 20). Per day, "
            "only the version with the most networks counts, and each of the seven "
            "days counts at most three times the median day plus three, so that a "
            "single burst or a single network can't lift an agent. Shown from 1.25, "
            "with at least ten networks in the seven days, and only if there is a "
            "previous week to compare with."
        ),
    ),
    Metric(
        "picks",
        _("Picked by maintainers"),
        _(
            "A maintainer of this site selected the agent and says why. Maintainers "
            "can't pick their own agents, and picks can't be bought."
        ),
    ),
    Metric(
        "in-category",
        _("Agents in a category"),
        _("Listed agents: not delisted, and with a stable version that is not yanked."),
    ),
)

TRUST_METRICS = (
    Metric(
        "networks-30d",
        _("Networks, 30 days"),
        _(
            "The approximate number of distinct networks that downloaded any version "
            "of the agent, today and the 29 days before (UTC), accurate to about 5 "
            "%. Stored as a HyperLogLog sketch that does not reveal the networks. "
            "Measured here."
        ),
    ),
    Metric(
        "signed-in-installs",
        _("Signed-in installs, 30 days"),
        _(
            "The sum of the signed-in users of each version and day, today and the "
            "29 days before. Measured here."
        ),
    ),
    Metric(
        "installs",
        _("Signed-in installs"),
        _(
            "The sum of the signed-in users of each version and day over the days "
            "shown. Installs without signing in are not included. Visible to the "
            "owner of the agent. Measured here."
        ),
    ),
    Metric(
        "agent-age",
        _("First published"),
        _("The day its first version was published here. Measured here."),
    ),
    Metric(
        "publisher-age",
        _("Author account"),
        _(
            "When the account was created: here (measured here), and on GitHub "
            "(reported by GitHub at the last sign-in). A date that GitHub did not "
            "report is not shown."
        ),
    ),
    Metric(
        "cadence",
        _("Release frequency"),
        _(
            "The number of versions in the last 365 days (in lists: of all time), "
            "and the median gap between the last hundred versions. Measured here."
        ),
    ),
    Metric(
        "last-growth",
        _("Access last expanded"),
        _(
            "When a version last requested more access than the one before, or does "
            "more than before: a secret, a plugin, a file, a host, more words in the "
            "prompt. Measured here."
        ),
    ),
)

OTHER_METRICS = (
    Metric(
        "versions",
        _("Versions"),
        _("All published versions, including yanked and withheld ones."),
    ),
    Metric(
        "rating",
        _("Average rating"),
        _(
            "The mean of the stars of all reviews; all reviews count equally. "
            "Everyone with an account can review an agent once, except its owner. We "
            "don't check whether reviewers have used the agent."
        ),
    ),
    Metric(
        "reviews",
        _("Reviews"),
        _("Current reviews, without deleted ones."),
    ),
    Metric(
        "size",
        _("Size"),
        _("Size of the compressed package as downloaded; 1 kB is 1,000 bytes."),
    ),
)

METRICS = {
    metric.key: metric
    for metric in (*DOWNLOAD_METRICS, *HOME_METRICS, *TRUST_METRICS, *OTHER_METRICS)
}
