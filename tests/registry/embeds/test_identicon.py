"""The seal: the same id, the same picture; other ids, other pictures."""

import pytest

from registry.embeds.identicon import FIGURES, HUES, seal_of

pytestmark = pytest.mark.once


def test_a_seal_never_changes() -> None:
    seal = seal_of("@ada/coach")

    assert seal == seal_of("@ada/coach")
    assert (seal.hue, seal.turn, seal.bold) == (4, 45, 1)
    assert seal.strokes == FIGURES[4]


def test_seals_differ() -> None:
    seals = {seal_of(f"@ada/agent-{n}") for n in range(200)}

    assert len(seals) > 180
    assert {seal.hue for seal in seals} == set(range(HUES))
    assert {seal.strokes for seal in seals} == set(FIGURES)
