"""Sentences about what publishing a draft changes for operators."""

from typing import Any

import pytest

from registry.analysis.diff.capabilities import CapabilityChange
from registry.publishing.impact import describe_audience, describe_growth

pytestmark = pytest.mark.once


def growth(kind: Any, sign: Any, name: str = "", **fields: Any) -> CapabilityChange:
    return CapabilityChange(sign=sign, kind=kind, name=name, grows=True, **fields)


def test_growth_is_counted_and_named() -> None:
    changes = [
        growth("prompt", "~", before=900, after=1200),
        growth("secret", "+", "STRIPE_KEY"),
        growth("host", "+", "a.example"),
        growth("host", "+", "b.example"),
        growth("secret", "~", "MAIL_KEY", required=True),
        growth("heartbeat", "+", "HEARTBEAT.md"),
        growth("boot", "~", count=2),
    ]

    assert describe_growth(changes) == [
        "Operators will be asked for 1 more secret: STRIPE_KEY.",
        "1 secret becomes required: MAIL_KEY.",
        "Its files will mention 2 more hosts: a.example, b.example.",
        "It will run on its own at every heartbeat.",
        "Its startup instructions will have 2 new lines.",
        "Every turn will use about 300 more tokens.",
    ]


def test_growth_lists_at_most_four_names() -> None:
    changes = [growth("plugin", "+", f"p{n}") for n in range(6)]

    assert describe_growth(changes) == [
        "Operators will need 6 more plugins: p0, p1, p2, p3 and 2 others."
    ]


def test_other_changes_are_no_growth() -> None:
    changes = [
        CapabilityChange(sign="-", kind="secret", name="OLD_KEY", is_old=True),
        CapabilityChange(sign="~", kind="licence", before="MIT", after="Apache-2.0"),
        CapabilityChange(sign="~", kind="prompt", before=1200, after=900),
    ]

    assert describe_growth(changes) == ["Operators will not be asked for anything more."]


@pytest.mark.parametrize("kind", ["secret", "plugin", "skill", "provider", "workspace", "host"])
def test_name_is_not_formatted(kind: str) -> None:
    assert "50%d %(n)s" in describe_growth([growth(kind, "+", "50%d %(n)s")])[0]


@pytest.mark.parametrize(
    ("is_prerelease", "latest", "sentence"),
    [
        (False, None, "The agent will appear in search, and anyone can install it."),
        (
            False,
            "1.0.0",
            "2.0.0 becomes the latest version and replaces 1.0.0 for installs and updates.",
        ),
        (
            True,
            "1.0.0",
            "Pre-release: installed only by exact version; 1.0.0 stays the latest.",
        ),
        (
            True,
            None,
            "Pre-release: installed only by exact version, and not listed in search yet.",
        ),
    ],
)
def test_audience_of_a_version(is_prerelease: bool, latest: str | None, sentence: str) -> None:
    assert describe_audience("2.0.0", is_prerelease=is_prerelease, latest=latest) == sentence
