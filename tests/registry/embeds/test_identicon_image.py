"""The identicon as pixels."""

import pytest
from PIL import Image

from registry.embeds.identicon import FIGURES
from registry.embeds.identicon_image import draw_identicon, rgb, stroke_points

pytestmark = pytest.mark.once


def test_every_stroke_of_every_figure_stays_inside() -> None:
    for path in (path for figure in FIGURES for path in figure):
        points = stroke_points(path)
        assert len(points) > 1
        assert all(4 < point.real < 28 and 4 < point.imag < 28 for point in points), path


def test_curves_end_where_their_path_ends() -> None:
    arc = stroke_points("M9 16a7 7 0 0 1 14 0")
    assert (arc[-1].real, arc[-1].imag) == pytest.approx((23, 16))
    assert min(point.imag for point in arc) == pytest.approx(9, abs=0.01)
    wave = stroke_points("M8 11q4-4 8 0t8 0")
    assert (wave[-1].real, wave[-1].imag) == (24, 11)
    assert max(point.imag for point in wave) == pytest.approx(13)


def test_colours_are_those_of_the_stylesheet() -> None:
    assert rgb(1, 0, 0) == (255, 255, 255)
    assert rgb(0, 0, 0) == (0, 0, 0)
    # oklch(0.628 0.2577 29.23) is pure red.
    assert rgb(0.628, 0.2577, 29.23) == (255, 0, 0)


def test_identicon_has_ground_strokes_and_round_corners() -> None:
    image = draw_identicon("@ada/coach", 144, (255, 255, 255))

    assert isinstance(image, Image.Image)
    assert image.size == (144, 144)
    assert image.getpixel((0, 0)) == (255, 255, 255)
    assert image.getpixel((72, 2)) == rgb(0.49, 0.085, 4 * 30)
    assert draw_identicon("@ada/coach", 144, (255, 255, 255)).tobytes() == image.tobytes()
