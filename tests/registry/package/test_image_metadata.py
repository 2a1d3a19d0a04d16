"""Metadata of images is not stored; the picture stays the same."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from registry.package.checks.image_metadata import join_parts
from registry.package.checks.images import check_asset
from registry.package.limits import LIMITS

pytestmark = pytest.mark.once

GPS, ORIENTATION, ARTIST = 0x8825, 0x0112, 0x013B


def picture(kind, orientation=1, **options):
    image = Image.effect_noise((40, 30), 60).convert("RGB")
    exif = Image.Exif()
    exif[ARTIST] = "Ada at home"
    exif[ORIENTATION] = orientation
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    stream = io.BytesIO()
    image.save(stream, kind, exif=exif, **options)
    return stream.getvalue()


def stored(data):
    asset = check_asset("screenshot", "a.png", io.BytesIO(data), LIMITS)
    assert asset.findings == ()
    result = join_parts(data, asset.parts)
    assert (len(result), asset.width, asset.height) == (asset.size, 40, 30)
    again = check_asset("screenshot", "a.png", io.BytesIO(result), LIMITS)
    assert again.sha256 == asset.sha256
    return result


def pixels(data):
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB").tobytes()


def exif_of(data):
    with Image.open(io.BytesIO(data)) as image:
        return dict(image.getexif())


PICTURES = {
    "jpeg": lambda: picture("JPEG", comment=b"made by Ada at home"),
    "progressive jpeg": lambda: picture("JPEG", progressive=True),
    "png": lambda: picture("PNG"),
    "webp": lambda: picture("WEBP"),
    "webp with xmp": lambda: picture("WEBP", xmp=b"<x:xmpmeta>Ada at home</x:xmpmeta>"),
}


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
def test_place_and_person_are_not_stored(make):
    data = make()

    result = stored(data)

    assert b"Ada at home" in data
    assert b"Ada at home" not in result
    assert exif_of(data) != {}
    assert exif_of(result) == {}
    assert pixels(result) == pixels(data)


def test_orientation_of_a_jpeg_is_kept():
    result = stored(picture("JPEG", orientation=6))

    assert exif_of(result) == {ORIENTATION: 6}


def test_texts_of_a_png_and_what_follows_it_are_not_stored():
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Ada at home")
    info.add_itxt("Place", "Ada at home")
    info.add_text("Long", "Ada at home " * 99, zip=True)
    stream = io.BytesIO()
    Image.new("RGB", (40, 30)).save(stream, "PNG", pnginfo=info)

    result = stored(stream.getvalue() + b"PK\x03\x04 Ada at home")

    assert b"Ada" not in result
    with Image.open(io.BytesIO(result)) as image:
        assert image.info == {}


NOTES = {
    "Inkscape": (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/namespaces/inkscape"'
        ' xmlns:s="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" s:docname="Ada.svg">'
        '<s:namedview id="v" i:zoom="1"/><g i:label="Ada" id="a"><rect width="1" height="1"/></g>'
        "<metadata>Ada</metadata><!-- Ada --></svg>"
    ),
    "draw.io": (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' content="&lt;mxfile&gt;Ada"><switch><foreignObject><div'
        ' xmlns="http://www.w3.org/1999/xhtml">Ada</div></foreignObject><text>A</text></switch>'
        '<a xlink:href="https://example.org/Ada" target="_blank"><text>B</text></a></svg>'
    ),
}


@pytest.mark.parametrize("program", NOTES)
def test_notes_of_a_drawing_program_are_not_stored(program):
    data = NOTES[program].encode()

    asset = check_asset("icon", "store/icon.svg", io.BytesIO(data), LIMITS)
    result = join_parts(data, asset.parts)

    assert asset.findings == ()
    assert b"Ada" not in result
    for shape in (b'<rect width="1" height="1"/>', b"<text>A</text>", b"<text>B</text>"):
        assert result.count(shape) == data.count(shape)


def test_unknown_chunk_and_what_follows_a_jpeg_are_not_stored():
    png, jpeg = picture("PNG"), picture("JPEG")
    chunk = b"prVt" + b"Ada"
    note = struct.pack(">I", 3) + chunk + struct.pack(">I", zlib.crc32(chunk))

    assert stored(png[:33] + note + png[33:]) == stored(png)
    assert stored(jpeg + b"Ada") == stored(jpeg)


def test_colour_profile_is_kept():
    stream = io.BytesIO()
    Image.new("RGB", (40, 30)).save(stream, "JPEG", icc_profile=b"profile" * 20)

    assert b"profile" * 20 in stored(stream.getvalue())


def test_picture_without_metadata_keeps_its_bytes():
    for kind in ("PNG", "JPEG", "WEBP"):
        stream = io.BytesIO()
        Image.new("RGB", (40, 30), "teal").save(stream, kind)

        assert stored(stream.getvalue()) == stream.getvalue()
