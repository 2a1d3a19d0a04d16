"""The near future of a draft, in sentences for its author."""

from typing import Any

import pytest

from registry.analysis.diff.capabilities import CapabilityChange
from registry.publishing.preview import what_operators_notice, who_gets


def grown(kind: Any, sign: Any, name: str = "", **more: Any) -> CapabilityChange:
    return CapabilityChange(sign=sign, kind=kind, name=name, grows=True, **more)


def test_what_is_asked_for_is_counted_and_named() -> None:
    changes = [
        grown("prompt", "~", before=900, after=1200),
        grown("secret", "+", "STRIPE_KEY"),
        grown("host", "+", "a.example"),
        grown("host", "+", "b.example"),
        grown("secret", "~", "MAIL_KEY", required=True),
        grown("heartbeat", "+", "HEARTBEAT.md"),
        grown("boot", "~", count=2),
    ]

    assert what_operators_notice(changes) == [
        "Operators will be asked for 1 more secret: STRIPE_KEY.",
        "1 secret becomes required: MAIL_KEY.",
        "Its files will mention 2 more hosts: a.example, b.example.",
        "It will run on its own at every heartbeat.",
        "Its startup instructions will have 2 new lines.",
        "Every turn will use about 300 more tokens.",
    ]


def test_of_many_names_a_few_are_told() -> None:
    changes = [grown("plugin", "+", f"p{n}") for n in range(6)]

    assert what_operators_notice(changes) == [
        "Operators will need 6 more plugins: p0, p1, p2, p3 and 2 others."
    ]


def test_what_does_not_grow_is_no_news_to_operators() -> None:
    changes = [
        CapabilityChange(sign="-", kind="secret", name="OLD_KEY", is_old=True),
        CapabilityChange(sign="~", kind="licence", before="MIT", after="Apache-2.0"),
        CapabilityChange(sign="~", kind="prompt", before=1200, after=900),
    ]

    assert what_operators_notice(changes) == ["Operators will not be asked for anything more."]


@pytest.mark.parametrize("kind", ["secret", "plugin", "skill", "provider", "workspace", "host"])
def test_names_stay_as_they_are_written(kind: str) -> None:
    assert "50%d %(n)s" in what_operators_notice([grown(kind, "+", "50%d %(n)s")])[0]


@pytest.mark.parametrize(
    ("is_prerelease", "latest", "told"),
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
def test_whom_it_reaches(is_prerelease: bool, latest: str | None, told: str) -> None:
    assert who_gets("2.0.0", is_prerelease=is_prerelease, latest=latest) == told
