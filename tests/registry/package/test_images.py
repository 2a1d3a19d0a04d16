"""Icons and screenshots are checked by their bytes."""

import base64
import hashlib
import io
import random
import struct
import time
import zlib

import pytest
from PIL import Image

from registry.package.checks.images import check_asset
from registry.package.limits import PackageLimits
from tests.support.packages import png

pytestmark = pytest.mark.once


def encode_image(kind, size=(8, 8)):
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind)
    return stream.getvalue()


def noise(kind):
    stream = io.BytesIO()
    pixels = random.Random(1).randbytes(100 * 100 * 3)
    Image.frombytes("RGB", (100, 100), pixels).save(stream, kind)
    return stream.getvalue()


def check(data, path="store/icon.png", **limits):
    return check_asset("icon", path, io.BytesIO(data), PackageLimits(**limits))


def codes(data, path="store/icon.png", **limits):
    return [finding.code for finding in check(data, path, **limits).findings]


def svg(content="", attributes=""):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' viewBox="0 0 9 9" {attributes}>{content}</svg>'
    ).encode()


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")],
)
def test_content_type_follows_from_the_bytes(kind, content_type):
    data = encode_image(kind)

    asset = check(data, "store/whatever.bin")

    assert (asset.content_type, asset.findings) == (content_type, ())
    assert (asset.size, asset.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (asset.kind, asset.path) == ("icon", "store/whatever.bin")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><body>hello</body></html>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        encode_image("PNG")[:-20],
        encode_image("JPEG", (64, 64))[:-200],
        encode_image("WEBP")[:-10],
        noise("JPEG")[:5000],
        noise("PNG")[:-4000],
        noise("WEBP")[:-4000],
        encode_image("GIF"),
        encode_image("BMP"),
        encode_image("TIFF"),
        b"RIFF\x24\0\0\0WAVEfmt ",
        png()[:40] + b"\0\0\0\0" + png()[44:],
        b"\x1f\x8b" + bytes(50),
        b"<svg",
        b"<svg/>",
        svg()[:-3],
        svg("<g>"),
        svg() + b"<svg/>",
        svg().decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?>' + svg(),
    ],
)
def test_file_other_than_an_image_is_refused(data):
    asset = check(data)

    assert [finding.code for finding in asset.findings] == ["asset_invalid"]
    assert asset.content_type == "application/octet-stream"


def test_image_with_too_many_pixels_is_refused():
    assert codes(png(60_000, 60_000)) == ["asset_invalid"]
    assert codes(png(9_000, 10)) == ["asset_invalid"]
    assert codes(png(7_000, 7_000)) == ["asset_invalid"]
    assert codes(png(40, 40)) == []


def test_image_size_may_reach_but_not_exceed_the_limit():
    data = encode_image("PNG")

    assert codes(data, image_bytes=len(data)) == []
    assert codes(data, image_bytes=len(data) - 1) == ["asset_too_large"]
    assert check(data * 9, image_bytes=9).size == len(data) * 9


@pytest.mark.parametrize(
    "path", ["/store/icon.png", "../icon.png", "a\\b.png", "a\0.png", "", "C:/icon.png"]
)
def test_unsafe_asset_name_is_refused(path):
    assert codes(encode_image("PNG"), path) == ["asset_invalid"]


@pytest.mark.parametrize(
    "data",
    [
        svg(),
        b"\xef\xbb\xbf" + svg(),
        b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- drawn -->\n' + svg(),
        svg('<defs><linearGradient id="a"/></defs><rect fill="url(#a)"/>'),
        svg('<use href="#a"/><use xlink:href="#b"/>'),
        svg('<image href="data:image/png;base64,iVBORw0KGgo="/>'),
        svg("<style>.a { fill: url(#b); color: red }</style>"),
        svg('<rect style="fill: url(\'#a\'); opacity: .5" transform="translate(1,2)"/>'),
        svg('<animate attributeName="x" values="1;2"/>'),
        svg("<title>one</title><metadata>drawn in 2020</metadata>"),
        svg('<i:namedview xmlns:i="http://www.inkscape.org/namespaces/inkscape" zoom="2"/>'),
    ],
)
def test_harmless_svg_passes(data):
    asset = check_asset("screenshot", "a.svg", io.BytesIO(data), PackageLimits())

    assert (asset.content_type, asset.findings) == ("image/svg+xml", ())


@pytest.mark.parametrize(
    "data",
    [
        svg("<script>alert(1)</script>"),
        svg("<SCRIPT/>"),
        svg('<script href="https://example.org/x.js"/>'),
        svg('<s:script xmlns:s="http://www.w3.org/2000/svg">x</s:script>'),
        svg('<h:script xmlns:h="http://www.w3.org/1999/xhtml">x</h:script>'),
        svg('<h:p xmlns:h="http://www.w3.org/1999/xhtml">x</h:p>'),
        svg("<foreignObject/>"),
        svg("<something-new/>"),
        svg("<Rect/>"),
        svg('<iframe src="x"/>'),
        svg("<audio/>"),
        svg("", 'onload="alert(1)"'),
        svg("<g ONCLICK='x'/>"),
        svg('<a href="javascript:alert(1)"/>'),
        svg('<a href=" java&#10;script:alert(1)"/>'),
        svg('<use href="other.svg#a"/>'),
        svg('<use xlink:href="//example.org/x.svg#a"/>'),
        svg('<image href="https://example.org/pixel.png"/>'),
        svg('<image href="data:image/svg+xml;base64,AAAA"/>'),
        svg('<image href="data:text/html,x"/>'),
        svg('<feImage href="x.png"/>'),
        svg('<rect fill="url(https://example.org/#a)"/>'),
        svg("<rect fill=\"URL( 'https://example.org/#a' )\"/>"),
        svg('<rect style="background: url(//example.org/x)"/>'),
        svg('<rect style="background: u\\72l(//example.org/x)"/>'),
        svg("<style>@import 'https://example.org/x.css';</style>"),
        svg("<style>@im<!-- -->port 'https://example.org/x.css';</style>"),
        svg("<style><![CDATA[a{b:url(x.png)}]]></style>"),
        svg("<style>a{b:image-set('x.png' 1x)}</style>"),
        svg('<set attributeName="href" to="javascript:alert(1)"/>'),
        svg('<animate attributeName="xlink:href" values="x"/>'),
        svg('<set attributeName="onclick" to="x"/>'),
        svg("", 'xml:base="https://example.org/"'),
        b'<?xml-stylesheet href="https://example.org/x.css"?>' + svg(),
        b'<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]>' + svg(),
        b'<!DOCTYPE svg SYSTEM "a>b" [<!ENTITY a "b">]>' + svg("&a;"),
        b"<!DOCTYPE svg><!DOCTYPE svg>" + svg(),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"),
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + svg("&a;"),
    ],
)
def test_active_svg_is_refused(data):
    asset = check(data, "store/icon.svg")

    assert [finding.code for finding in asset.findings] == ["asset_invalid"]
    assert asset.content_type == "application/octet-stream"


def test_deeply_nested_svg_is_read():
    assert codes(svg("<g>" * 60 + "</g>" * 60)) == []
    assert codes(svg("<g>" * 20_000 + "</g>" * 20_000)) == ["asset_invalid"]


def data_uri(data):
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


NESTED_USE = "<defs><g id='a0'><rect/></g>" + "".join(
    f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 10 + "</g>" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{NESTED_USE}</defs><use href='#a8'/>", "draws more than"),
        ("<g id='a'><use xlink:href='#a'/></g>", "refers to itself"),
        ("<use id='a' href='#b'/><use id='b' href='#a'/>", "refers to itself"),
        (
            "<marker id='m'>" + "<rect/>" * 100 + "</marker>"
            "<path marker-mid='url(#m)' d='M0 0" + "L1 1" * 2_000 + "'/>",
            "draws more than",
        ),
        ("<rect/>" * 20_001, "elements"),
        (f"<path d='{'M1 1' * 600_000}'/>", "characters in its paths"),
        ("<filter id='f'>" + "<feGaussianBlur/>" * 101 + "</filter>", "filter primitives"),
        ("<g>" * 70 + "</g>" * 70, "levels"),
        ("<filter id='f'><feTurbulence numOctaves='9999'/></filter>", "filter"),
        ("<filter id='f'><feMorphology radius='2 9999'/></filter>", "filter"),
        ("<filter id='f'><feGaussianBlur stdDeviation='1 9e9'/></filter>", "filter"),
        ("<filter id='f' width='99999%'/>", "filter"),
        ("<filter id='f' filterUnits='userSpaceOnUse' height='1e9'/>", "filter"),
        (
            "<filter id='f'>" + "<feFlood/>" * 100 + "</filter>" + "<g filter='url(#f)'/>" * 100,
            "draws more than",
        ),
        ("<pattern id='p' width='1e-9' height='2'/>", "pattern"),
        ("<text>" + "x" * 20_001 + "</text>", "characters of text"),
        (
            f"<defs><text id='t'>{'x' * 20_000}</text></defs>" + "<use href='#t'/>" * 100,
            "draws more than",
        ),
        (
            f"<defs><path id='p' d='{'M1 1' * 100_000}'/></defs>" + "<use href='#p'/>" * 100,
            "draws more than",
        ),
        ("<path stroke-dasharray='.0001' d='M0 0H9000'/>", "dashes"),
        ("<g style='stroke-dasharray:/*9*/.0001'><line x2='9000'/></g>", "dashes"),
        ("<circle r='4000'/><style>a{STROKE-DASHARRAY : 0 1e-5 }</style>", "dashes"),
        ("<style>a{stroke-d&#97;sharray:1e-9}</style><rect width='9' height='9'/>", "dashes"),
        ("<path stroke-dasharray='1' pathLength='1e9' d='M0 0H9'/>", "dashes"),
        ("<path stroke-dasharray='1' d='M0 0H9e999'/>", "dashes"),
        ("<path stroke-dasharray='1' d='M0 0A9e6 9e6 0 019 9'/>", "dashes"),
        ("<path stroke-dasharray='1' d='M0 0S9e6 0 9e6 9T1 1'/>", "dashes"),
        ("<polygon stroke-dasharray='calc(1px/999)' points='0 0 9 9'/>", "dashes"),
        (
            "<path><animate attributeName='stroke-dasharray' values='9;1e-9'/></path>"
            "<ellipse rx='9' ry='2'/>",
            "dashes",
        ),
        (
            "<path id='p' stroke-dasharray='1' d='M0 0H9000'/>" + "<use href='#p'/>" * 200,
            "draws more than",
        ),
        (f"<image href='{data_uri(png(8_200, 10))}'/>", "8,200"),
        ("<image href='data:image/png;base64,iVBORw0KGgo='/>" * 21, "images"),
        (f"<image href='{data_uri(encode_image('GIF'))}'/>", "PNG, JPEG or WebP"),
    ],
)
def test_svg_that_costs_a_browser_much_is_refused(content, reason):
    process_ids = time.process_time()
    (finding,) = check(svg(content), "store/icon.svg").findings

    assert finding.code == "asset_invalid"
    assert reason in finding.message
    assert time.process_time() - process_ids < 2


@pytest.mark.parametrize(
    "content",
    [
        "<path stroke-dasharray='2 .5' stroke-dashoffset='9' d='M0 0h9v9C0 9 1 2 3 4a4 4 0 10'/>",
        "<g stroke-dasharray='none'><rect width='900' height='900'/></g>",
        "<style>.a{stroke-dasharray:0.4,0.2}</style>" + "<path class='a' d='M0 0l9-9'/>" * 2_000,
        "<pattern id='p' width='.05' height='.05'/><filter id='f' x='-20%' width='140%'/>",
        f"<title>&#97;</title><path d='{'M1 1' * 130_000}'/>",
        "<title>" + "x" * 30_000 + "</title><text>Hello</text>",
    ],
)
def test_svg_with_ordinary_dashes_patterns_and_text_passes(content):
    assert codes(svg(content), "store/icon.svg") == []


def test_svg_with_many_shapes_and_one_gradient_passes():
    shapes = "<rect fill='url(#a)'/>" * 5_000

    assert codes(svg(f"<linearGradient id='a'>{'<stop/>' * 5}</linearGradient>{shapes}")) == []


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animated_icon_is_refused_and_screenshot_passes(kind):
    data = io.BytesIO()
    pictures = [Image.new("RGB", (9, 9), colour) for colour in ("red", "green", "blue")]
    pictures[0].save(data, kind, save_all=True, append_images=pictures[1:], duration=100)

    asset = check(data.getvalue(), "store/icon.png")
    assert "animated" in asset.findings[0].message
    screenshot = check_asset("screenshot", "a.png", io.BytesIO(data.getvalue()), PackageLimits())
    assert screenshot.findings == ()


@pytest.mark.parametrize(
    "content",
    [
        "<rect><animate attributeName='x' values='1;2' dur='1s'/></rect>",
        "<style>@KeyFrames a{to{x:9px}} rect{animation:a 1s infinite}</style><rect/>",
    ],
)
def test_svg_icon_does_not_move(content):
    data = svg(content)

    assert "animated" in check(data, "store/icon.svg").findings[0].message
    screenshot = check_asset("screenshot", "a.svg", io.BytesIO(data), PackageLimits())
    assert screenshot.findings == ()


def chunk(kind, content=b""):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("PNG", chunk(b"abCd")),
        ("PNG", chunk(b"IDAT")),
        ("JPEG", b"\xff\xfe\0\2"),
        ("JPEG", b"\xff"),
    ],
)
def test_image_of_many_empty_parts_is_refused_quickly(kind, part):
    data = encode_image(kind)
    place = 33 if kind == "PNG" else 2
    process_ids = time.process_time()

    asset = check(data[:place] + part * 800_000 + data[place:], "store/a")

    assert "more than 10,000 parts" in asset.findings[0].message
    assert time.process_time() - process_ids < 1
    assert check(data[:place] + part * 1_000 + data[place:], "store/a").findings == ()


def test_jpeg_with_many_empty_scans_is_refused_quickly():
    stream = io.BytesIO()
    Image.new("RGB", (2_000, 2_000)).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    start = data.index(b"\xff\xda")
    scan = data[start : start + 10] + b"\0\0"
    process_ids = time.process_time()

    asset = check(data[:-2] + scan * 250_000 + data[-2:], "store/a.jpg")

    assert [finding.code for finding in asset.findings] == ["asset_invalid"]
    assert "parts" in asset.findings[0].message
    asset = check(data[:-2] + scan * 100 + data[-2:], "store/a.jpg")
    assert "scans" in asset.findings[0].message
    assert time.process_time() - process_ids < 1


def test_icon_is_smaller_than_a_screenshot():
    data = png(2_049, 10)

    assert "2,049" in check(data, "store/icon.png").findings[0].message
    assert check_asset("screenshot", "a.png", io.BytesIO(data), PackageLimits()).findings == ()
