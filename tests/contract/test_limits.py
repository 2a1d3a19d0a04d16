"""Every limit is in the table of the operating manual, and holds at every door."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from foundation.limits.declarations import KIB, MIB, Limit, declared_bodies, declared_limits
from registry.search.query import MAX_TEXT_LENGTH, MAX_WORDS

pytestmark = [pytest.mark.once, pytest.mark.django_db]
MANUAL = Path(settings.BASE_DIR, "docs", "OPERATING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("limit", declared_limits().values(), ids=lambda limit: limit.name)
def test_limit_is_in_the_manual(limit: Limit) -> None:
    value = f"{limit.max_units} / {limit.seconds} s{' (db)' if limit.exact else ''}"
    caller = "account" if limit.per == "user" else "network"

    row = rf"^\| `{limit.name}`[^|]*\| ([^|;]+)(?:; [^|]+)? \| (\w+) \|$"
    rows = re.findall(row, MANUAL, re.MULTILINE)

    assert rows == [(value, caller)]


def test_bodies_are_in_the_manual() -> None:
    for limit in declared_bodies().values():
        size = f"{limit.bytes // MIB} MiB" if limit.bytes >= MIB else f"{limit.bytes // KIB} KiB"
        address = "form" if "device" in limit.route else f"/{limit.route}"
        rows = [row for row in MANUAL.splitlines() if row.startswith("| body") and address in row]
        assert any(size in row for row in rows), limit


def test_documented_proxy_passes_every_body_on() -> None:
    text = Path(settings.BASE_DIR, "deploy", "nginx.conf").read_text(encoding="utf-8")
    locations = re.findall(r"location ~ (\S+) \{\s+client_max_body_size (\d+)m;", text)
    assert len(locations) == 2

    for limit in declared_bodies().values():
        path = "/" + re.sub(r"<[^>]+>", "x", limit.route)
        sizes = [int(size) for pattern, size in locations if re.match(pattern, path)]
        # Elsewhere the proxy accepts 1 MiB.
        assert limit.bytes <= max(sizes, default=1) * MIB, limit


DOORS = {
    "/v1/agents?q=": 400,
    "/v1/suggest?q=": 200,
    "/agents?q=": 200,
    "/agents/suggest?q=": 200,
    "/feeds/search.atom?q=": 200,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("length", [MAX_TEXT_LENGTH + 1, 4096])
def test_long_search_text_is_not_searched(
    client: Client, monkeypatch: pytest.MonkeyPatch, door: str, length: int
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(
        "registry.search.query.fold", lambda text: texts.append(text) or text.lower()
    )

    answer = client.get(door + "x" * length)

    assert answer.status_code == DOORS[door], answer.content[:300]
    assert all(len(text) <= MAX_TEXT_LENGTH for text in texts)


@pytest.mark.parametrize("door", DOORS)
def test_only_the_first_words_are_searched(
    client: Client, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    from registry.search.query import AgentSearch

    counts: list[int] = []
    words = AgentSearch.words.func
    monkeypatch.setattr(
        AgentSearch,
        "words",
        property(lambda search: (counts.append(len(words(search))), words(search))[1]),
    )

    answer = client.get(door + "+".join(f"w{number}" for number in range(50)))

    assert answer.status_code == 200
    assert counts
    assert max(counts) <= MAX_WORDS
