"""Filters that are read from the text of a search."""

from collections.abc import Callable

import pytest

from foundation.accounts.models import User
from registry.agents.listing import filter_columns
from registry.search.intents import LOCAL_PROVIDERS, read_intents
from tests.support.factories import make_agent, make_version
from tests.support.page import Page

pytestmark = pytest.mark.once

LOCAL = ",".join(LOCAL_PROVIDERS)
TEXTS = {
    "meals without api keys": ("secrets", "none", "meals"),
    "no secrets meals": ("secrets", "none", "meals"),
    "Essen ohne API-Schlüssel": ("secrets", "none", "essen"),
    "Essen ohne einen API Key": ("secrets", "none", "essen"),
    "comidas sin claves": ("secrets", "none", "comidas"),
    "献立 APIキー不要": ("secrets", "none", "献立"),
    "notes with ollama": ("provider", "ollama", "notes"),
    "notes local": ("provider", LOCAL, "notes"),
    "notes offline": ("provider", LOCAL, "notes"),
    "Notizen auf meinem Rechner": ("provider", LOCAL, "notizen"),
    "Notizen ohne Internet": ("provider", LOCAL, "notizen"),
    "notas sin conexión": ("provider", LOCAL, "notas"),
    "notes under Apache": ("license", "Apache-", "notes"),
    "notes MIT": ("license", "MIT", "notes"),
    "Notizen unter GPL-Lizenz": ("license", "GPL-", "notizen"),
    "budget auf Deutsch": ("language", "de", "budget"),
    "budget in deutscher Sprache": ("language", "de", "budget"),
    "budget en español": ("language", "es", "budget"),
    "家計簿 日本語で": ("language", "ja", "家計簿"),
    "budget for free": ("free", "", "budget"),
    "Haushalt kostenlos": ("free", "", "haushalt"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_some_words_are_filters(text: str) -> None:
    remainder, intents = read_intents(text)

    assert [(i.kind, i.value, remainder) for i in intents] == [TEXTS[text]]


@pytest.mark.parametrize("text", ['"without api keys"', "my secret garden", "mit Freude"])
def test_other_words_are_text(text: str) -> None:
    assert read_intents(text)[1] == ()


def test_optional_secrets_are_not_needed() -> None:
    def needs(*flags: bool) -> object:
        secrets = [
            {"key": f"K{n}", "prompt": "A key.", "required": is_required, "target": "env"}
            for n, is_required in enumerate(flags)
        ]
        return filter_columns({"setup": {"secrets": secrets}})["requires_secrets"]

    assert (needs(), needs(False), needs(False, True)) == (False, False, True)


def test_a_chip_removes_its_words_and_a_link_searches_for_the_text(
    ada: User, read: Callable[..., Page]
) -> None:
    make_version(make_agent(ada, "meals"))

    page = read("/agents", q="meals without api keys scope:ada")

    assert "/agents?q=meals+scope%3Aada" in page.links()
    assert "/agents?q=%22meals+without+api+keys%22+scope%3Aada" in page.links()
