"""Who says of itself that it is a machine looking around, and nobody who wants an agent."""

import re

# Words that programs bear in their User-Agent by their own declaration. Short on purpose: what
# hides is not found by a longer list, and a client that a person runs (curl, pip, node, ours)
# must never be on it. Whatever changes here changes what a download is: add a line to
# `registry.downloads.metrics.CHANGES` with it.
CRAWLERS = (
    r"(?<!cu)bots?\b",  # Googlebot, bingbot, GPTBot; but not the phones named Cubot.
    r"crawl",
    r"spider",
    r"slurp",
    r"archiver",
    r"scrapy",
    r"facebookexternalhit",
    r"mediapartners-google",
    r"bingpreview",
    r"yandeximages",
    r"chatgpt-user",
    r"heritrix",
    r"nutch",
)
CHECKS = (
    r"clawstore-check",  # What we ourselves send to see whether the shop works.
    r"kube-probe",
    r"googlehc",
    r"elb-healthchecker",
    r"health-?check",
    r"uptime",
    r"pingdom",
    r"statuscake",
    r"blackbox.exporter",
)
LONGEST = 512
_MACHINES = re.compile("|".join((*CRAWLERS, *CHECKS)), re.IGNORECASE)


def is_machine_looking(user_agent: str) -> bool:
    """Whether this is the User-Agent of a self-declared crawler or of a health check."""
    return _MACHINES.search(user_agent[:LONGEST]) is not None
