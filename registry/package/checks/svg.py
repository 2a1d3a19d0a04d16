"""Judges an SVG picture while it is parsed: no script, no events, nothing from outside.

What a browser could run or fetch is refused here; the page that serves pictures should not rely on
that alone. Of SVG's own elements only those that draw are known. Elements of other vocabularies do
nothing and pass (drawing programs leave notes), those of HTML excepted.
"""

import re
from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from registry.package.checks.extensions import words

_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_DRAWING_ELEMENTS = (
    words("svg g defs symbol use a switch title desc metadata style view image path rect circle")
    | words("ellipse line polyline polygon text tspan tref textPath linearGradient radialGradient")
    | words("meshgradient stop pattern marker mask clipPath filter cursor solidcolor hatch")
    | words(
        "hatchpath animate set animateTransform animateMotion animateColor mpath font font-face"
    )
    | words("font-face-name font-face-src glyph missing-glyph hkern vkern altGlyph color-profile")
    | words("feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feTurbulence")
    | words("feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA")
    | words("feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology")
    | words("feOffset feTile fePointLight feSpecularLighting feSpotLight")
)
_REFUSED_ELEMENTS = words(
    "script foreignobject iframe frame object embed applet audio video source track canvas handler"
    " listener link meta base form input button html body include import"
)
_ANIMATIONS = words("animate set animatetransform animatemotion animatecolor")
_INSIDE = re.compile(r"#[^\s\"'()<>]*|data:image/(?:png|jpe?g|webp|gif);base64,[A-Za-z0-9+/=\s]*")
_URL = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"')]*))")
_CSS_FETCHES = (
    "@import",
    "image-set(",
    "image(",
    "src(",
    "expression(",
    "-moz-binding",
    "behavior:",
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)", re.DOTALL)


class _Refused(SAXException):
    """Something in the picture is not allowed; the text says what."""


def svg_problem(data: bytes) -> str | None:
    """Why these bytes are not a picture that may be served as SVG, or None."""
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        return "The SVG is not UTF-8."
    try:
        data.decode()
        return _parse(data)
    except UnicodeDecodeError:
        return "The file is not a PNG, JPEG, WebP or SVG image."


def _parse(data: bytes) -> str | None:
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(_Judge())
    try:
        parser.parse(BytesIO(data))
    except _Refused as refusal:
        return f"The SVG {refusal.getMessage()}."
    except DefusedXmlException:
        return "The SVG declares a document type or entities."
    except (SAXException, ValueError, LookupError):
        return "The file is not a PNG, JPEG, WebP or SVG image."
    return None


class _Judge(ContentHandler):
    """Raises _Refused at the first thing that is not allowed. Keeps the text of style elements."""

    def __init__(self) -> None:
        super().__init__()
        self._is_root = True
        self._style: list[str] | None = None

    def startElementNS(
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        namespace, local = name[0], name[1].lower()
        if self._is_root and (namespace, name[1]) != (_SVG, "svg"):
            raise _Refused("does not start with an svg element")
        self._is_root = False
        is_known = namespace != _SVG or name[1] in _DRAWING_ELEMENTS
        if local in _REFUSED_ELEMENTS or namespace == _XHTML or not is_known:
            raise _Refused(f"contains a {local} element")
        for (space, attribute), value in attrs.items():
            _refuse_attribute(local, space, attribute.lower(), value)
        if local == "style":
            self._style = []

    def characters(self, content: str) -> None:
        if self._style is not None:
            self._style.append(content)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        if self._style is not None and name[1].lower() == "style":
            _refuse_css("".join(self._style))
            self._style = None

    def processingInstruction(self, target: str, data: str) -> None:
        raise _Refused("contains a processing instruction")


def _refuse_attribute(element: str, space: str | None, name: str, value: str) -> None:
    if name.startswith("on"):
        raise _Refused(f"reacts to an event ({name})")
    if name in ("href", "src") and not _INSIDE.fullmatch(value.strip()):
        raise _Refused(f"refers to something outside of itself ({name})")
    if name == "base":
        raise _Refused("changes what its references are relative to")
    if element in _ANIMATIONS and name == "attributename" and _is_active(value):
        raise _Refused("animates a reference or an event")
    if name == "style" or "(" in value:
        _refuse_css(value)


def _is_active(attribute: str) -> bool:
    local = attribute.strip().lower().rpartition(":")[2]
    return local in ("href", "src", "base", "style") or local.startswith("on")


def _refuse_css(css: str) -> None:
    """CSS may name parts of the picture and embedded images; escapes could hide anything else."""
    plain = css.lower()
    if "\\" in plain or any(word in plain for word in _CSS_FETCHES):
        raise _Refused("has styles that load or hide something")
    for found in _URL.finditer(plain):
        target = next(group for group in found.groups() if group is not None)
        if not _INSIDE.fullmatch(target.strip()):
            raise _Refused("has styles that refer to something outside of it")
