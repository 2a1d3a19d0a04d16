"""States of the change label, with every line that a capability diff can have."""

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
    make_version,
)
from registry.analysis.diff.capabilities import CapabilityChange
from registry.analysis.diff.files import FilesDiff
from registry.analysis.diff.summary import DiffSummary
from registry.models import Agent

States = dict[str, dict[str, Any]]
IN_MANIFEST: dict[str, Any] = {"path": "agent.json", "line": 12}
IN_TEXT: dict[str, Any] = {"path": "workspace/AGENTS.md", "line": 104}
IN_OLD: dict[str, Any] = {"is_old": True}
GROWS: dict[str, Any] = {"grows": True}

GROWING = (
    CapabilityChange(
        sign="+", kind="secret", name="STRIPE_KEY", required=True, **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(sign="+", kind="secret", name="MAPS_KEY", **GROWS, **IN_MANIFEST),
    CapabilityChange(
        sign="~", kind="secret", name="MAIL_KEY", required=True, **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(
        sign="+", kind="plugin", name="payments", required=True, **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(
        sign="~", kind="plugin", name="calendar", required=True, **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(sign="+", kind="skill", name="invoices", **GROWS, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="skill", name="taxes", required=True, **GROWS, **IN_MANIFEST),
    CapabilityChange(sign="+", kind="bundled_skill", name="ledger", **GROWS, **IN_TEXT),
    CapabilityChange(sign="-", kind="provider", name="openai", **GROWS, **IN_OLD, **IN_MANIFEST),
    CapabilityChange(sign="+", kind="provider", name="anthropic", **GROWS, **IN_MANIFEST),
    CapabilityChange(sign="+", kind="heartbeat", name="HEARTBEAT.md", **GROWS, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="heartbeat", count=1, **GROWS, **IN_TEXT),
    CapabilityChange(sign="+", kind="boot", name="BOOT.md", **GROWS, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="boot", count=3, **GROWS, **IN_TEXT),
    CapabilityChange(
        sign="+", kind="workspace", name="PRICES.md", after="managed", **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(
        sign="+", kind="workspace", name="USER.md", after="yours", **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(
        sign="~", kind="workspace", name="TEAM.md", before="yours", after="managed", **GROWS
    ),
    CapabilityChange(sign="+", kind="host", name="api.stripe.com", **GROWS, **IN_TEXT),
    CapabilityChange(sign="+", kind="hidden", count=2, **GROWS, **IN_TEXT),
    CapabilityChange(sign="+", kind="unseen", count=3, **GROWS, **IN_TEXT),
    CapabilityChange(sign="~", kind="prompt", before=1_204, after=12_480, **GROWS),
)
OTHER = (
    CapabilityChange(sign="-", kind="secret", name="OLD_KEY", **IN_OLD, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="secret", name="MAIL_KEY", **IN_MANIFEST),
    CapabilityChange(sign="-", kind="plugin", name="fax", **IN_OLD, **IN_MANIFEST),
    CapabilityChange(
        sign="~", kind="plugin", name="calendar", before="1.2.0", after="2.0.0", **IN_MANIFEST
    ),
    CapabilityChange(sign="~", kind="plugin", name="mail", before="1.2.0", **IN_MANIFEST),
    CapabilityChange(sign="~", kind="plugin", name="maps", **IN_MANIFEST),
    CapabilityChange(sign="-", kind="skill", name="telegrams", **IN_OLD, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="skill", name="taxes", **IN_MANIFEST),
    CapabilityChange(sign="-", kind="bundled_skill", name="stamps", **IN_OLD, **IN_TEXT),
    CapabilityChange(sign="+", kind="provider", name="mistral", **IN_MANIFEST),
    CapabilityChange(sign="-", kind="provider", name="openai", **IN_OLD, **IN_MANIFEST),
    CapabilityChange(sign="-", kind="heartbeat", **IN_OLD, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="heartbeat", count=-2, **IN_OLD, **IN_TEXT),
    CapabilityChange(sign="-", kind="boot", **IN_OLD, **IN_MANIFEST),
    CapabilityChange(sign="~", kind="boot", count=-1, **IN_OLD, **IN_TEXT),
    CapabilityChange(
        sign="-", kind="workspace", name="OLD.md", before="managed", **IN_OLD, **IN_MANIFEST
    ),
    CapabilityChange(sign="~", kind="workspace", name="TEAM.md", before="managed", after="yours"),
    CapabilityChange(sign="-", kind="host", name="api.fax.example", **IN_OLD, **IN_TEXT),
    CapabilityChange(sign="-", kind="hidden", count=1, **IN_OLD, **IN_TEXT),
    CapabilityChange(sign="-", kind="unseen", count=1, **IN_OLD, **IN_TEXT),
    CapabilityChange(sign="~", kind="prompt", before=12_480, after=1_204),
    CapabilityChange(sign="~", kind="licence", before="MIT"),
    CapabilityChange(sign="~", kind="model", before="any", after="anthropic/claude", **IN_MANIFEST),
    CapabilityChange(sign="~", kind="thinking", after="high", **IN_MANIFEST),
)
HOSTILE = (
    CapabilityChange(
        sign="+", kind="secret", name=UNBROKEN.upper(), required=True, **GROWS, **IN_MANIFEST
    ),
    CapabilityChange(
        sign="+", kind="workspace", name=ARABIC, after="managed", **GROWS, path=ARABIC, line=1
    ),
    CapabilityChange(
        sign="+", kind="host", name=f"{UNBROKEN}.example", **GROWS, path=UNBROKEN, line=99_999
    ),
    CapabilityChange(
        sign="-", kind="skill", name=f"{EMOJI} {INVISIBLE}", **IN_OLD, path=EMOJI, line=1
    ),
    CapabilityChange(sign="~", kind="model", before=UNBROKEN, after=ARABIC),
)


def change_labels() -> States:
    hostile = _pair(LONG_WORDS, "1.0.0", "2.0.0-beta." + "9" * 60)
    return {
        "nothing": _label(),
        "more alone": _label(GROWING[:1]),
        "less alone": _label(OTHER[:1]),
        "both": _label((*GROWING[:2], GROWING[-1], *OTHER[:2])),
        "every line": _label((*GROWING, *OTHER)),
        "manifests alone": _label(GROWING[:2], is_manifest_only=True),
        "of a draft": _label(GROWING[:2]) | {"is_draft": True},
        "hostile": _label(HOSTILE) | {"pair": hostile},
    }


def _label(changes: tuple[CapabilityChange, ...] = (), **summary: Any) -> dict[str, Any]:
    files = FilesDiff(counts={})
    return {
        "pair": _pair(PLAIN, "1.0.0", "1.1.0"),
        "summary": DiffSummary(capabilities=changes, files=files, **summary),
    }


def _pair(agent: Agent, old: str, new: str) -> SimpleNamespace:
    """The part of a `VersionPair` that the label needs."""
    before, after = (make_version(agent, SOME, version=number) for number in (old, new))
    return SimpleNamespace(agent=agent, old=before, new=after)
