"""Recognises self-declared crawlers and health checks by their User-Agent."""

import re

# A short list on purpose. A longer one does not find bots that hide, and no client that a person
# runs (curl, pip, node, ours) may be on it. A change here changes the meaning of a download, so add
# it to `registry.downloads.metrics.COUNTING_CHANGES`.
CRAWLERS = (
    # Googlebot, bingbot, GPTBot, but not the phones named Cubot.
    r"(?<!cu)bots?\b",
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
HEALTH_CHECKS = (
    # Our own check of a running site.
    r"clawstore-check",
    r"kube-probe",
    r"googlehc",
    r"elb-healthchecker",
    r"health-?check",
    r"uptime",
    r"pingdom",
    r"statuscake",
    r"blackbox.exporter",
)
# Characters that are looked at.
MAX_LENGTH = 512
_BOTS = re.compile("|".join((*CRAWLERS, *HEALTH_CHECKS)), re.IGNORECASE)


def is_bot(user_agent: str) -> bool:
    return _BOTS.search(user_agent[:MAX_LENGTH]) is not None
