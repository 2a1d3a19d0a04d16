"""What the gallery shows of the change label: every line that a capability diff can have."""

from types import SimpleNamespace
from typing import Any

from devtools.styleguide.samples import (
    ARABIC,
    EMOJI,
    INVISIBLE,
    LONG_WORDS,
    PLAIN,
    SOME,
    UNBROKEN,
    version,
)
from registry.analysis.diff.capabilities import CapabilityChange
from registry.analysis.diff.files import FilesDiff
from registry.analysis.diff.versions import DiffSummary
from registry.models import Agent

States = dict[str, dict[str, Any]]
MANIFEST: dict[str, Any] = {"path": "agent.json", "line": 12}
WORDS: dict[str, Any] = {"path": "workspace/AGENTS.md", "line": 104}
GONE: dict[str, Any] = {"is_old": True}
MORE: dict[str, Any] = {"grows": True}

GROWING = (
    CapabilityChange(sign="+", kind="secret", name="STRIPE_KEY", required=True, **MORE, **MANIFEST),
    CapabilityChange(sign="+", kind="secret", name="MAPS_KEY", **MORE, **MANIFEST),
    CapabilityChange(sign="~", kind="secret", name="MAIL_KEY", required=True, **MORE, **MANIFEST),
    CapabilityChange(sign="+", kind="plugin", name="payments", required=True, **MORE, **MANIFEST),
    CapabilityChange(sign="~", kind="plugin", name="calendar", required=True, **MORE, **MANIFEST),
    CapabilityChange(sign="+", kind="skill", name="invoices", **MORE, **MANIFEST),
    CapabilityChange(sign="~", kind="skill", name="taxes", required=True, **MORE, **MANIFEST),
    CapabilityChange(sign="-", kind="provider", name="openai", **MORE, **GONE, **MANIFEST),
    CapabilityChange(sign="+", kind="provider", name="anthropic", **MORE, **MANIFEST),
    CapabilityChange(sign="+", kind="heartbeat", name="HEARTBEAT.md", **MORE, **MANIFEST),
    CapabilityChange(sign="~", kind="heartbeat", count=1, **MORE, **WORDS),
    CapabilityChange(sign="+", kind="boot", name="BOOT.md", **MORE, **MANIFEST),
    CapabilityChange(sign="~", kind="boot", count=3, **MORE, **WORDS),
    CapabilityChange(
        sign="+", kind="workspace", name="PRICES.md", after="managed", **MORE, **MANIFEST
    ),
    CapabilityChange(sign="+", kind="workspace", name="USER.md", after="yours", **MORE, **MANIFEST),
    CapabilityChange(
        sign="~", kind="workspace", name="TEAM.md", before="yours", after="managed", **MORE
    ),
    CapabilityChange(sign="+", kind="host", name="api.stripe.com", **MORE, **WORDS),
    CapabilityChange(sign="+", kind="hidden", count=2, **MORE, **WORDS),
    CapabilityChange(sign="~", kind="prompt", before=1_204, after=12_480, **MORE),
)
OTHERS = (
    CapabilityChange(sign="-", kind="secret", name="OLD_KEY", **GONE, **MANIFEST),
    CapabilityChange(sign="~", kind="secret", name="MAIL_KEY", **MANIFEST),
    CapabilityChange(sign="-", kind="plugin", name="fax", **GONE, **MANIFEST),
    CapabilityChange(
        sign="~", kind="plugin", name="calendar", before="1.2.0", after="2.0.0", **MANIFEST
    ),
    CapabilityChange(sign="~", kind="plugin", name="mail", before="1.2.0", **MANIFEST),
    CapabilityChange(sign="~", kind="plugin", name="maps", **MANIFEST),
    CapabilityChange(sign="-", kind="skill", name="telegrams", **GONE, **MANIFEST),
    CapabilityChange(sign="~", kind="skill", name="taxes", **MANIFEST),
    CapabilityChange(sign="+", kind="provider", name="mistral", **MANIFEST),
    CapabilityChange(sign="-", kind="provider", name="openai", **GONE, **MANIFEST),
    CapabilityChange(sign="-", kind="heartbeat", **GONE, **MANIFEST),
    CapabilityChange(sign="~", kind="heartbeat", count=-2, **GONE, **WORDS),
    CapabilityChange(sign="-", kind="boot", **GONE, **MANIFEST),
    CapabilityChange(sign="~", kind="boot", count=-1, **GONE, **WORDS),
    CapabilityChange(
        sign="-", kind="workspace", name="OLD.md", before="managed", **GONE, **MANIFEST
    ),
    CapabilityChange(sign="~", kind="workspace", name="TEAM.md", before="managed", after="yours"),
    CapabilityChange(sign="-", kind="host", name="api.fax.example", **GONE, **WORDS),
    CapabilityChange(sign="-", kind="hidden", count=1, **GONE, **WORDS),
    CapabilityChange(sign="~", kind="prompt", before=12_480, after=1_204),
    CapabilityChange(sign="~", kind="licence", before="MIT"),
    CapabilityChange(sign="~", kind="model", before="any", after="anthropic/claude", **MANIFEST),
    CapabilityChange(sign="~", kind="thinking", after="high", **MANIFEST),
)
HOSTILE = (
    CapabilityChange(
        sign="+", kind="secret", name=UNBROKEN.upper(), required=True, **MORE, **MANIFEST
    ),
    CapabilityChange(
        sign="+", kind="workspace", name=ARABIC, after="managed", **MORE, path=ARABIC, line=1
    ),
    CapabilityChange(
        sign="+", kind="host", name=f"{UNBROKEN}.example", **MORE, path=UNBROKEN, line=99_999
    ),
    CapabilityChange(
        sign="-", kind="skill", name=f"{EMOJI} {INVISIBLE}", **GONE, path=EMOJI, line=1
    ),
    CapabilityChange(sign="~", kind="model", before=UNBROKEN, after=ARABIC),
)


def change_labels() -> States:
    hostile = _between(LONG_WORDS, "1.0.0", "2.0.0-beta." + "9" * 60)
    return {
        "nothing": _label(),
        "more alone": _label(GROWING[:1]),
        "less alone": _label(OTHERS[:1]),
        "both": _label((*GROWING[:2], GROWING[-1], *OTHERS[:2])),
        "every line": _label((*GROWING, *OTHERS)),
        "manifests alone": _label(GROWING[:2], is_of_manifests_alone=True),
        "of a draft": _label(GROWING[:2]) | {"is_draft": True},
        "hostile": _label(HOSTILE) | {"couple": hostile},
    }


def _label(changes: tuple[CapabilityChange, ...] = (), **summary: Any) -> dict[str, Any]:
    files = FilesDiff(counts={})
    return {
        "couple": _between(PLAIN, "1.0.0", "1.1.0"),
        "summary": DiffSummary(capabilities=changes, files=files, **summary),
    }


def _between(agent: Agent, old: str, new: str) -> SimpleNamespace:
    """As much of a couple as the label needs."""
    before, after = (version(agent, SOME, version=number) for number in (old, new))
    return SimpleNamespace(agent=agent, old=before, new=after)
