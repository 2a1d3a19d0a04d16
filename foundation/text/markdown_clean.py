"""The second defence: nh3 removes from rendered markdown what is not listed here."""

from collections.abc import Callable

import nh3

from foundation.text.expressions import compile_text
from foundation.text.markdown_blocks import ALERTS
from foundation.text.markdown_html import BLOCKS, FORMATTING, TABLE_PARTS
from foundation.text.markdown_links import EXTERNAL_LINKS

TAGS = (BLOCKS | FORMATTING | TABLE_PARTS | {"a", "br", "img", "input", "picture", "section"}) | {
    "source",
    "wbr",
}
ATTRIBUTES: dict[str, set[str]] = {
    **{tag: {"id", "class", "dir"} for tag in BLOCKS | FORMATTING | TABLE_PARTS},
    "a": {"href", "id", "class", "data-label"},
    "abbr": {"title"},
    "details": {"id", "open"},
    "img": {"alt", "height", "loading", "src", "width"},
    "input": {"type", "checked", "disabled"},
    "li": {"class", "data-label", "id", "value"},
    "ol": {"start", "class"},
    "pre": {"class", "tabindex"},
    "section": {"class"},
    "source": {"media", "srcset"},
    "span": {"class", "id", "title"},
    "table": {"class", "id", "tabindex", "width"},
    "td": {"class", "colspan", "height", "rowspan", "width"},
    "th": {"class", "colspan", "height", "rowspan", "width"},
}
_ALIGNED = {f"align-{side}" for side in ("left", "center", "right", "justify")}
CLASSES = {
    *_ALIGNED,
    *(f"valign-{side}" for side in ("top", "middle", "bottom", "baseline")),
    *("alert", "alert-title", *(f"alert-{name}" for name in ALERTS)),
    *(
        "badge",
        "bare",
        "picture",
        "picture-caption",
        "picture-left",
        "picture-note",
        "picture-right",
    ),
    *("contains-task-list", "task-list-item", "fence-info", "front-matter", "highlight"),
    *("footnote-backref", "footnote-ref", "footnotes", "footnotes-list", "link-note"),
}
# Those of syntax colours have one to three characters. No class of the shop is that short.
_COLOUR = compile_text(r"[a-z][a-z0-9]{0,2}")
_OWN_ID = compile_text(r"(?:readme|about|notes)-[^\s\"'<>&]*")
_NUMBER = compile_text(r"[0-9]{1,9}%?")
_NUMBERS = frozenset({"colspan", "height", "rowspan", "start", "value", "width"})


def clean_html(unsafe_html: str, *, is_own_page: Callable[[str], bool] = lambda path: False) -> str:
    """Remove tags and attributes that are not allowed, and internal links.

    ``is_own_page`` tells which URL paths of this site may be linked or shown as pictures.
    """

    def filter_attribute(tag: str, name: str, value: str) -> str | None:
        if name == "class":
            return value if value in CLASSES or _are_allowed(value) else None
        if name == "href":
            return value if value.startswith(EXTERNAL_LINKS) or is_own_page(value) else None
        if name in ("src", "srcset"):
            return value if is_own_page(value) else None
        if name == "id":
            return value if _OWN_ID.fullmatch(value) else None
        if name in _NUMBERS:
            return value if _NUMBER.fullmatch(value) else None
        return "0" if name == "tabindex" else value

    return nh3.clean(
        unsafe_html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=filter_attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative="pass_through",
        link_rel="nofollow noopener ugc",
        set_tag_attribute_values={"input": {"disabled": "", "type": "checkbox"}},
    )


def _are_allowed(value: str) -> bool:
    return all(name in CLASSES or _COLOUR.fullmatch(name) for name in value.split())
