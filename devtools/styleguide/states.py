"""States of each component in the style guide: the context of its template."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator

from devtools.styleguide.capability_changes import change_labels
from devtools.styleguide.samples import (
    ARABIC,
    EMOJI,
    HOSTILE,
    IN_ARABIC,
    IN_EMOJI,
    LITTLE,
    LOGIN,
    LONG_WORDS,
    MAINTAINER,
    MUCH,
    NEW,
    PLAIN,
    POPULAR,
    SOME,
    UNBROKEN,
    long_ago,
    make_detail,
    make_frame,
    make_full_trust,
    make_icon,
    make_person,
    make_row,
    make_trust,
    make_version,
)
from foundation.clock import now
from foundation.web.languages import ORIGINAL, language_links
from profiles.models import Scope
from registry.agents.check_history import VersionWarnings
from registry.agents.trust import AccessGrowth, TrustFacts
from registry.analysis.summary import summarise_manifest
from registry.downloads.chart import Bar, ChangeMark, Period
from registry.downloads.metrics import COUNTING_CHANGES, METRICS
from registry.models import Channel
from registry.search.forms import SearchLink
from reviews.queries import MonthOfRatings, RatingSummary

States = dict[str, dict[str, Any]]


def _icons() -> States:
    context = {"agent": PLAIN, "version": make_version(PLAIN, SOME)}
    return {
        "its own": {**context, "icon": make_icon(), "size": 64},
        "none: an identicon": {**context, "icon": None, "size": 64},
        "32 px": {**context, "icon": None, "size": 32},
    }


def _identicons() -> States:
    texts = [f"@ada/agent-{n}" for n in range(12)]
    return {text: {"text": text, "size": 64} for text in texts} | {
        "32 px": {"text": "@ada/agent-0", "size": 32},
        "16 px": {"text": "@ada/agent-0", "size": 16},
    }


def _rows() -> States:
    return {
        "usual": {"row": make_row(PLAIN, SOME, trust=make_full_trust())},
        "little": {"row": make_row(NEW, LITTLE)},
        "much": {"row": make_row(POPULAR, MUCH, trust=make_full_trust(), channel=Channel.OFFICIAL)},
        "long words": {"row": make_row(LONG_WORDS, HOSTILE, version="1.0.0-beta." + "9" * 60)},
        "right to left": {"row": make_row(IN_ARABIC, SOME)},
        "emoji": {"row": make_row(IN_EMOJI, SOME, channel=Channel.BETA)},
    }


def _labels() -> States:
    thinking = MUCH | {"agent": {"defaults": {"model": "any", "thinking": "high"}}}
    return {
        "usual": {"detail": make_detail(PLAIN, SOME, versions=7)},
        "little": {"detail": make_detail(NEW, LITTLE)},
        "an import that says nothing": {"detail": make_detail(NEW, {})},
        "much": {"detail": make_detail(POPULAR, thinking, versions=40, channel=Channel.OFFICIAL)},
        "hostile": {"detail": make_detail(LONG_WORDS, HOSTILE, versions=2)},
    }


def _strips() -> States:
    documents = {"none": LITTLE, "some": SOME, "much": MUCH, "hostile": HOSTILE}
    states = {
        state: {
            "facts": summarise_manifest(document),
            "license": document["license"],
            "downloads": 1_310,
        }
        for state, document in documents.items()
    }
    return states | {"no downloads": {"facts": summarise_manifest(SOME), "license": "MIT"}}


def _trust_rows() -> States:
    extensive_trust = replace(
        make_full_trust(),
        networks_30d=12_345_678,
        grew_at=long_ago(),
    )
    return {
        "little": {"trust": make_trust()},
        "usual": {"trust": replace(make_full_trust(), grew_at=None)},
        "all": {"trust": make_full_trust()},
        "much": {"trust": extensive_trust},
    }


def _trust() -> States:
    little = TrustFacts(
        first_published_at=now(),
        publisher_since=now(),
        github_since=None,
        github_login=None,
        versions=1,
        versions_this_year=1,
        days_between_versions=None,
        networks_30d=0,
        signed_in_installs_30d=0,
    )
    extensive_trust = replace(
        little,
        first_published_at=long_ago(),
        github_since=long_ago(),
        github_login=LOGIN,
        versions_this_year=364,
        days_between_versions=12,
        networks_30d=12_345_678,
        signed_in_installs_30d=1_234_567,
    )
    access_growth = AccessGrowth("1.0.0", f"2.0.0-{'9' * 60}", long_ago())
    return {
        "little": {"agent": NEW, "trust": little},
        "much": {"agent": POPULAR, "trust": extensive_trust, "growth": access_growth},
    }


def _notices() -> States:
    link = {"link": "/agents", "link_text": "Browse agents"}
    text = "One sentence says why.\nAnd what to do."
    return {
        "info": {"kind": "info", "title": "You are looking at version 1.0.0.", **link},
        "warn": {"kind": "warn", "title": "Only pre-releases so far.", "text": text},
        "refuse": {"kind": "refuse", "title": "Version 1.0.0 was yanked.", "text": text, **link},
        "hostile": {"kind": "refuse", "title": UNBROKEN, "text": f"{UNBROKEN}\n{ARABIC}\n{EMOJI}"},
    }


class _SampleForm(forms.Form):
    text = forms.CharField(max_length=80)


def _fields() -> States:
    plain, explained, wrong = _SampleForm(), _SampleForm({"text": HOSTILE}), _SampleForm({})
    explained.fields["text"].help_text = f"{HOSTILE} {UNBROKEN}"
    wrong.fields["text"].label = UNBROKEN
    states = {"usual": plain, "with help": explained, "with an error": wrong}
    return {state: {"field": form["text"]} for state, form in states.items()}


def _facets() -> States:
    usual = [SearchLink("Every category", "/agents", True, count=1234)]
    usual += [
        SearchLink("Finance", "/agents?category=finance", count=0),
        SearchLink("Beta", "/agents"),
    ]
    hostile = [SearchLink(name, "/agents", count=10_000_000) for name in (UNBROKEN, ARABIC, EMOJI)]
    return {
        "usual": {"title": "Category", "choices": usual},
        "hostile": {"title": UNBROKEN, "choices": hostile},
    }


def _pages() -> States:
    many, few = Paginator(range(100_000), 20), Paginator(range(41), 20)
    return {
        "first": {"page": few.page(1)},
        "middle of many": {"page": many.page(2500)},
        "last": {"page": few.page(3)},
    }


def _mastheads() -> States:
    shop = {"instance_name": "Clawstore", "hide_search": False}
    return {
        "nobody": {**shop, "user": AnonymousUser()},
        "signed in": {**shop, "user": make_person()},
        "a maintainer": {**shop, "user": make_person(MAINTAINER)},
        "a long login": {**shop, "user": make_person(LOGIN), "in_development": True},
    }


def make_bars(numbers: list[int]) -> list[Bar]:
    width, top = 100 / len(numbers), max(numbers) or 1
    heights = [100 * number / top for number in numbers]
    return [
        Bar(date(2026, 11, 1), number, index * width, 0.8 * width, 100 - height, height)
        for index, (number, height) in enumerate(zip(numbers, heights, strict=True))
    ]


def _plots() -> States:
    period = Period(30, date(2026, 10, 3), date(2026, 11, 1), None)
    usual = {"label": "30 days", "top": 50, "period": period}
    return {
        "usual": {"bars": make_bars([n * 7 % 23 for n in range(30)]), **usual},
        "installs": {"bars": make_bars([0] * 29 + [1]), **usual, "of": "installs"},
        "much": {"bars": make_bars([1_000_000 + n for n in range(90)]), **usual, "top": 2_000_000},
    }


def _rating_months() -> States:
    def month(number: int, average: float | None, count: int, total: int) -> MonthOfRatings:
        return MonthOfRatings(
            date(2026, number, 1), RatingSummary(average, count), RatingSummary(4.3, total)
        )

    return {
        "usual": {"months": [month(3, 4.5, 2, 5), month(2, None, 0, 3), month(1, 1.0, 3, 3)]},
        "much": {"months": [month(n, 5.0, 10_000, 1_000_000) for n in range(12, 0, -1)]},
    }


def _version_warnings() -> States:
    def warnings_of(
        number: str, counts: dict[str, int] | None, change: int | None
    ) -> VersionWarnings:
        version = make_version(PLAIN, SOME, version=number)
        version.active_withholdings = []  # type: ignore[attr-defined]
        return VersionWarnings(version, counts, change)

    few_warnings = {"broken_reference": 2, "unknown_extension": 1}
    usual = [
        warnings_of("1.2.0", {}, -3),
        warnings_of("1.1.0", few_warnings, None),
        warnings_of("1.0.0", None, None),
    ]
    hostile = [
        warnings_of(f"1.0.0-beta.{'9' * 60}", dict.fromkeys([UNBROKEN, "x"], 1_000_000), 1_999_999)
    ]
    return {
        "usual": {"agent": PLAIN, "warnings": usual},
        "hostile": {"agent": LONG_WORDS, "warnings": hostile},
    }


def _bars() -> States:
    change = COUNTING_CHANGES[0]
    changes = [ChangeMark(20, "A", change), ChangeMark(96, "B", change)]
    return {
        "usual": {"bars": make_bars([n * 7 % 23 for n in range(30)]), "label": "30 days"},
        "one": {"bars": make_bars([0] * 29 + [1])[-1:], "label": "1 download"},
        "much, and changes": {
            "bars": make_bars([1_000_000 + n for n in range(90)]),
            "label": "90 days",
            "marks": changes,
        },
        "none": {"bars": [], "label": "Nothing"},
    }


STATES: dict[str, States] = {
    "label": _labels(),
    "label_brief": {
        "usual": {"row": make_row(PLAIN, SOME)},
        "hostile": {"row": make_row(LONG_WORDS, HOSTILE)},
    },
    "change_label": change_labels(),
    "trust": _trust(),
    "trust_row": _trust_rows(),
    "strip": _strips(),
    "row": _rows(),
    "icon": _icons(),
    "stale_notice": {"a minute": {"minutes": 1}, "long": {"minutes": 42}},
    "agent_icon": {"none: an identicon": {"agent": PLAIN, "size": 44}},
    "identicon": _identicons(),
    "bars": _bars(),
    "plot": _plots(),
    "rating_months": _rating_months(),
    "version_warnings": _version_warnings(),
    "number_name": {key: {"metric": metric} for key, metric in METRICS.items()},
    "command": {
        "short": {"command": "openclaw agents list"},
        "long": {"command": f"npx clawstore@0.1.7 install @{LOGIN}/{'x' * 64}"},
    },
    "install": {
        "usual": {"package": "@ada/day-planner"},
        "offered": {"package": "@ada/day-planner@1.4.0", "offered": True},
        "long": {"package": f"@{LOGIN}/{'x' * 64}@1.0.0-beta.{'9' * 60}"},
    },
    "notice": _notices(),
    "rating": {"none": {"agent": NEW}, "one": {"agent": LONG_WORDS}, "many": {"agent": POPULAR}},
    "person": {
        "usual": {"user": make_person()},
        "right to left": {"user": make_person(name=ARABIC)},
        "hostile": {"user": make_person(LOGIN, UNBROKEN + EMOJI)},
    },
    "suspended": {
        "usual": {"profile": {"github_login": "ada"}},
        "long": {"profile": {"github_login": LOGIN}},
    },
    "search": {
        "masthead": {"place": "masthead"},
        "hero": {"place": "hero"},
        "typed": {
            "place": "hero",
            "form": SimpleNamespace(values={"q": UNBROKEN}, hidden=[("tag", "planning")]),
        },
    },
    "facet": _facets(),
    "field": _fields(),
    "pagination": _pages(),
    "masthead": _mastheads(),
    "footer": {"usual": {"instance_name": "Clawstore"}, "long": {"instance_name": UNBROKEN}},
    "languages": {
        "usual": {"languages": language_links([ORIGINAL, "de", "en"], "de")},
        "many": {"languages": language_links(["ar", "de", "hi", "ja", "pt-BR", "zh-Hant"], "ja")},
    },
    "mirrored": {
        "compared": {
            "scope": Scope(mirrored_from="https://agents.example.org", mirrored_at=now()),
            "address": "https://agents.example.org/@ada/coach",
        },
        "not compared yet": {"scope": Scope(mirrored_from=f"https://{UNBROKEN}.example")},
    },
    "site_notice": {
        "usual": {"frame": make_frame("The site is read-only from 14:00 to 14:30 UTC.")},
        "important": {"frame": make_frame(UNBROKEN, is_important=True)},
        "right to left": {"frame": make_frame(ARABIC)},
    },
    "theme": {"usual": {}},
    "mark": {"usual": {}},
}
