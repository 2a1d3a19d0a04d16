"""Checks that an SVG has no scripts, event handlers or external references.

Elements of SVG itself pass only if they are known and draw. Elements of other vocabularies have no
effect and pass, because drawing programs leave their notes in them; HTML elements do not. The
server must not rely on this alone: it also serves SVG with a content security policy.
"""

import base64
from dataclasses import dataclass
from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser

from foundation.text.expressions import compile_bytes, compile_text
from registry.package.checks.extensions import word_set
from registry.package.checks.svg_cost import DrawingCost
from registry.package.checks.svg_lengths import dash_periods_of_css
from registry.package.limits import PackageLimits

_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_DRAWING_ELEMENTS = word_set(
    "svg g defs symbol use a switch title desc metadata style view image path rect circle"
    " ellipse line polyline polygon text tspan tref textPath linearGradient radialGradient"
    " meshgradient stop pattern marker mask clipPath filter cursor solidcolor hatch hatchpath"
    " animate set animateTransform animateMotion animateColor mpath font font-face font-face-name"
    " font-face-src glyph missing-glyph hkern vkern altGlyph color-profile feBlend"
    " feColorMatrix feComponentTransfer feComposite feConvolveMatrix feTurbulence"
    " feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB"
    " feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode feMorphology feOffset feTile"
    " fePointLight feSpecularLighting feSpotLight"
)
_REFUSED_ELEMENTS = word_set(
    "script foreignobject iframe frame object embed applet audio video source track canvas handler"
    " listener link meta base form input button html body include import"
)
_ANIMATIONS = word_set("animate set animatetransform animatemotion animatecolor")
_INTERNAL = compile_text(
    r"#[^\s\"'()<>]*|data:image/(?:png|jpe?g|webp|gif);base64,[A-Za-z0-9+/=\s]*"
)
_URL = compile_text(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"')]*))")
_PICTURE = compile_text(r"base64,([A-Za-z0-9+/=\s]+)")
_PLAIN_DOCTYPE = compile_bytes(rb"<!DOCTYPE\s+svg(?:\s[^>\[]*)?>")
MAX_PICTURES = 20
_CSS_FETCHES = (
    "@import",
    "image-set(",
    "image(",
    "src(",
    "expression(",
    "-moz-binding",
    "behavior:",
)
_DECLARED_ENCODING = compile_bytes(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)")


class _UnsafeSvg(SAXException):
    """The image has something that is not allowed; the message follows "The SVG"."""


@dataclass(frozen=True, slots=True)
class SvgReport:
    """`problem` is a sentence or None; `pictures` are the images inside."""

    problem: str | None
    pictures: tuple[bytes, ...] = ()
    is_animated: bool = False


def check_svg(data: bytes, limits: PackageLimits) -> SvgReport:
    # To measure lines takes longer than all else. A character reference could spell the name.
    lowercase_data = data.lower()
    handler = _SvgHandler(
        limits, has_dashes=b"dasharray" in lowercase_data or b"&#" in lowercase_data
    )
    problem = _find_problem(data, handler)
    return SvgReport(problem, tuple(handler.pictures), handler.is_animated)


def _find_problem(data: bytes, handler: "_SvgHandler") -> str | None:
    # Browsers and this parser might decode a declared encoding differently, so only UTF-8 passes.
    declaration = _DECLARED_ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declaration and declaration[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        return "The SVG is not UTF-8."
    parser = make_parser()
    # A plain DOCTYPE, as many drawing programs write it, says nothing, so the parser does not see
    # it. One with declarations is refused by the parser.
    data = _PLAIN_DOCTYPE.sub(b"", data, count=1)
    parser.forbid_dtd = True
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    try:
        data.decode()
        parser.parse(BytesIO(data))
        handler.finish()
    except _UnsafeSvg as error:
        return f"The SVG {error.getMessage()}."
    except DefusedXmlException:
        return "The SVG has declarations in its document type."
    except (SAXException, ValueError, LookupError):
        return "The file is not a PNG, JPEG, WebP or SVG image."
    return None


class _SvgHandler(ContentHandler):
    """Raises _UnsafeSvg at the first element, attribute or style that is not allowed."""

    def __init__(self, limits: PackageLimits, *, has_dashes: bool) -> None:
        super().__init__()
        self._cost = DrawingCost(limits, has_dashes=has_dashes)
        self._is_root = True
        self.pictures: list[bytes] = []
        self.is_animated = False
        self._style: list[str] | None = None
        """The text of the style element that is open."""

    def startElementNS(
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        namespace, local_name = name[0], name[1].lower()
        if self._is_root and (namespace, name[1]) != (_SVG, "svg"):
            raise _UnsafeSvg("does not start with an svg element")
        self._is_root = False
        is_known = namespace != _SVG or name[1] in _DRAWING_ELEMENTS
        # Refused names are refused in any vocabulary: an HTML parser would ignore the namespace.
        if local_name in _REFUSED_ELEMENTS or namespace == _XHTML or not is_known:
            raise _UnsafeSvg(f"contains the element {local_name}, which is not allowed")
        attributes = {attribute.lower(): value for (_, attribute), value in attrs.items()}
        for (_, attribute), value in attrs.items():
            _check_attribute(local_name, attribute.lower(), value)
            self._keep_pictures(value)
        self._cost.start(local_name, attributes)
        self._refuse_fault()
        self.is_animated |= local_name in _ANIMATIONS
        if local_name == "style":
            self._style = []

    def characters(self, content: str) -> None:
        if self._style is not None:
            # The parser hands over a text in pieces, and a name could be split between two.
            self._style.append(content)
        self._cost.add_text(len(content.strip()))
        self._refuse_fault()

    def _keep_pictures(self, text: str) -> None:
        for match in _PICTURE.finditer(text) if "base64," in text else ():
            if len(self.pictures) == MAX_PICTURES:
                raise _UnsafeSvg(f"contains more than {MAX_PICTURES} images")
            encoded_data = "".join(match[1].split())
            self.pictures.append(base64.b64decode(encoded_data + "=" * (-len(encoded_data) % 4)))

    def finish(self) -> None:
        self._cost.finish()
        self._refuse_fault()

    def _refuse_fault(self) -> None:
        if self._cost.fault:
            raise _UnsafeSvg(self._cost.fault)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:
        self._cost.end()
        if self._style is not None and name[1].lower() == "style":
            _check_css("".join(self._style))
            self._cost.add_periods(dash_periods_of_css("".join(self._style)))
            self.is_animated |= "@keyframes" in "".join(self._style).lower()
            self._keep_pictures("".join(self._style))
            self._style = None

    def processingInstruction(self, target: str, data: str) -> None:
        raise _UnsafeSvg("contains a processing instruction")


def _check_attribute(element: str, name: str, value: str) -> None:
    if name.startswith("on"):
        raise _UnsafeSvg(f"has an event handler ({name})")
    if name in ("href", "src") and not _INTERNAL.fullmatch(value.strip()):
        raise _UnsafeSvg(f"refers to something outside of itself ({name})")
    if name == "base":
        raise _UnsafeSvg("changes the base of its references")
    if element in _ANIMATIONS and name == "attributename" and _is_active(value):
        raise _UnsafeSvg("animates a reference or an event handler")
    # Attributes such as `fill` take `url(…)`, too.
    if name == "style" or "(" in value:
        _check_css(value)


def _is_active(attribute: str) -> bool:
    local_name = attribute.strip().lower().rpartition(":")[2]
    return local_name in ("href", "src", "base", "style") or local_name.startswith("on")


def _check_css(css: str) -> None:
    """Allows references to parts of the image and to embedded images.

    Escapes are refused, because they could spell any of the other words.
    """
    lowercase_css = css.lower()
    if "\\" in lowercase_css or any(word in lowercase_css for word in _CSS_FETCHES):
        raise _UnsafeSvg("has styles that load or hide something")
    for match in _URL.finditer(lowercase_css):
        target = next(group for group in match.groups() if group is not None)
        if not _INTERNAL.fullmatch(target.strip()):
            raise _UnsafeSvg("has styles that refer to something outside the file")
