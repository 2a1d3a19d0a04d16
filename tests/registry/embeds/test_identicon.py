"""Identicons: stable, and different for different ids."""

import pytest

from registry.embeds.identicon import FIGURES, HUES, make_identicon

pytestmark = pytest.mark.once


def test_identicon_of_an_id_never_changes() -> None:
    identicon = make_identicon("@ada/coach")

    assert identicon == make_identicon("@ada/coach")
    assert (identicon.hue, identicon.turn, identicon.bold) == (4, 45, 1)
    assert identicon.strokes == FIGURES[4]


def test_identicons_use_all_hues_and_figures() -> None:
    identicons = {make_identicon(f"@ada/agent-{n}") for n in range(200)}

    assert len(identicons) > 180
    assert {identicon.hue for identicon in identicons} == set(range(HUES))
    assert {identicon.strokes for identicon in identicons} == set(FIGURES)
