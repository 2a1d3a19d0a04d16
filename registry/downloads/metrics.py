"""What every number of the shop means, in the words that everybody reads, and since when.

The page /about/numbers shows all of it; beside a number its name leads there. Whoever changes what
is counted changes the words here and adds a line to `CHANGES`: charts bear a mark on its day.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Number:
    """``key`` is its anchor on the page, and never changes."""

    key: str
    name: Words
    means: Words


@dataclass(frozen=True, slots=True)
class Change:
    """From this day on (UTC) downloads are counted in another way."""

    day: date
    words: Words


CHANGES = (
    Change(
        date(2026, 11, 22),
        _(
            "Downloads are counted by version and day: one per signed-in user or network, without"
            " crawlers and checks."
        ),
    ),
)

DOWNLOADS = (
    Number(
        "downloads",
        _("Downloads"),
        _(
            "The first fetch of a version on a day (UTC) by a signed-in user, or by a network where"
            " nobody is signed in. Self-declared crawlers, our own checks, HEAD requests,"
            " requests for a part and answers “not modified” are none."
        ),
    ),
    Number(
        "downloads-30d",
        _("Downloads, 30 days"),
        _("The downloads of all versions of an agent, today and the 29 days before (UTC)."),
    ),
    Number(
        "fetches",
        _("Fetches"),
        _(
            "Each time the whole package of a version was sent, whoever asked and however often:"
            " crawlers and repeats included. Easy to raise."
        ),
    ),
    Number(
        "all-fetches",
        _("Fetches since the first publish"),
        _(
            "Every GET of a package that was answered with its bytes, requests for a part"
            " included, since the version was published. The API calls it downloadCount."
        ),
    ),
    Number(
        "networks",
        _("Networks"),
        _(
            "Distinct networks that downloaded a version on a day. A network is an IPv4 address, or"
            " the first 48 bits of an IPv6 address; it is known by a salted digest, which is"
            " deleted when the day is over."
        ),
    ),
    Number(
        "signed-in",
        _("Signed-in users"),
        _(
            "Distinct users who downloaded a version on a day while signed in, or whose client"
            " asked for the version with their key after it had downloaded it from the same"
            " network."
        ),
    ),
)

HOME = (
    Number(
        "new",
        _("New"),
        _("The agents whose first version is the youngest, among those that can be found."),
    ),
    Number(
        "rising",
        _("Rising"),
        _(
            "The networks of the last seven full days (UTC), compared with what the 30 days before"
            " let one expect: (a + 20) ÷ (b + 20). Of each day only the version with the most"
            " networks counts, and of the seven no day more than three times the middle one and"
            " three; so neither one burst nor one network lifts an agent. Shown from 1.25 on, with"
            " at least ten in the seven days, and once there is a week before to compare with."
        ),
    ),
    Number(
        "picks",
        _("Picked by maintainers"),
        _(
            "A maintainer of this shop chose the agent and says why. Nobody picks their own, and"
            " nobody can pay for it."
        ),
    ),
    Number(
        "in-category",
        _("Agents in a category"),
        _(
            "Agents that can be found now: not delisted, and with a stable version that is not"
            " yanked."
        ),
    ),
)

TRUST = (
    Number(
        "networks-30d",
        _("Networks, 30 days"),
        _(
            "About how many different networks downloaded any version of the agent, today and the"
            " 29 days before (UTC): right to some five in a hundred. Kept as a sketch from which"
            " no network can be read back. Measured here."
        ),
    ),
    Number(
        "signed-in-installs",
        _("Signed-in installs, 30 days"),
        _(
            "The signed-in users of each version and day, added up over today and the 29 days"
            " before. Measured here."
        ),
    ),
    Number(
        "installs",
        _("Signed-in installs"),
        _(
            "The signed-in users of each version and day, added up over the days shown. Whoever"
            " installs without being signed in is not among them. For an agent's owner to see."
            " Measured here."
        ),
    ),
    Number(
        "agent-age",
        _("Age of an agent"),
        _("Since its first version was published here. Measured here."),
    ),
    Number(
        "publisher-age",
        _("Age of a publisher"),
        _(
            "Since their account exists: here, as measured here, and on GitHub, as GitHub said"
            " when they last signed in. A date that GitHub did not tell is not shown."
        ),
    ),
    Number(
        "cadence",
        _("Cadence"),
        _(
            "The versions of the last 365 days (in lists: all there ever were), and the middle one"
            " of the gaps between the last hundred versions. Measured here."
        ),
    ),
    Number(
        "last-growth",
        _("Asked for more, last"),
        _(
            "When a version last asked its operators for more than the one before, or came to do"
            " more: a secret, a plugin, a file, a host, more words in the prompt. Measured here."
        ),
    ),
)

OTHERS = (
    Number(
        "versions",
        _("Versions"),
        _("Every version that was ever published, the yanked and withheld ones included."),
    ),
    Number(
        "rating",
        _("Average rating"),
        _(
            "The mean of the stars of all reviews, each counting the same. Everybody with an"
            " account can review an agent once, except its owner; nobody checks whether they have"
            " used it."
        ),
    ),
    Number(
        "reviews",
        _("Reviews"),
        _("Reviews that stand now: those that were deleted do not count."),
    ),
    Number(
        "size",
        _("Size"),
        _("Bytes of the packed package as it is sent; 1 kB is 1,000 bytes."),
    ),
)

NUMBERS = {number.key: number for number in (*DOWNLOADS, *HOME, *TRUST, *OTHERS)}
