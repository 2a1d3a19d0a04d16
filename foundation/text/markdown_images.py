"""Pictures of a text: those of the package are shown, others are named.

Pages load nothing from other hosts, because each would learn who reads which agent. An external
picture becomes its text with a link, a badge the same within the link that it has.
"""

import html
from collections.abc import MutableMapping
from typing import Any, cast

from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from foundation.text.markdown_links import (
    MAX_ADDRESS,
    MAX_TITLE,
    Picture,
    external_address,
    shorten,
)
from foundation.text.names import has_visible

# A text of one word is a name. Several could be a message that the picture hides, so they are
# written below it.
MAX_NAME = 40
_BADGE_HOSTS = ("shields.io/", "badge", "badgen.net/")


def describe_images(state: StateCore) -> None:
    """Give each image its address, or the text that stands for it."""
    has_sources = False
    for token in state.tokens:
        for part in token.children or []:
            if part.type == "image":
                _describe_image(part, state)
                part.meta["has_sources"] = has_sources
            elif part.tag == "picture":
                has_sources = part.nesting == 1
            elif part.tag == "source":
                _resolve_source(part, state.env)


def _describe_image(image: Token, state: StateCore) -> None:
    renderer = cast(RendererHTML, state.md.renderer)
    label = renderer.renderInlineAsText(image.children or [], state.md.options, state.env)
    source, title = str(image.attrGet("src") or "").strip(), str(image.attrGet("title") or "")
    title = shorten(title, MAX_TITLE)
    is_long = len(source) > MAX_ADDRESS
    picture = None if is_long else _find_picture(source, state.env)
    external = "" if is_long else external_address(source)
    image.meta |= {
        "picture": picture,
        "label_text": label,
        "address": picture.address if picture else external,
    }
    if picture:
        name = source.partition("#")[0].rpartition("/")[2]
        is_name = len(label) <= MAX_NAME and len(label.split()) <= 1
        caption = "" if is_name or _words(label) <= _words(name) else label
        image.meta["shown"] = ", ".join(part for part in (caption, title) if part)
        image.meta["credit"] = f"{image.meta.get('credit', '')} {source}"
        image.meta["label_text"] = "" if caption else label
    else:
        address = "" if external else shorten(source, MAX_ADDRESS)
        image.meta["shown"] = ", ".join(part for part in (title, address) if part)


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text).casefold().split())


def _find_picture(source: str, env: MutableMapping[str, Any]) -> Picture | None:
    picture: Picture | None = env["links"].picture(source)
    if picture:
        env["resolved"].add(picture.address)
    return picture


def _resolve_source(source: Token, env: MutableMapping[str, Any]) -> None:
    """Keep another picture for the dark theme, if it is of the package."""
    address = str(source.attrs.pop("srcset", ""))
    picture = _find_picture(address, env)
    if picture and "media" in source.attrs:
        source.attrs["srcset"] = picture.address
        source.meta["credit"] += f" {address}"
    else:
        source.hidden = True


def image(
    self: RendererHTML, tokens: list[Token], index: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    if token.meta["picture"]:
        return _picture_html(token, token.meta["picture"])
    note, address = html.escape(token.meta["shown"]), html.escape(token.meta["address"])
    label = token.meta["label_text"]
    label = html.escape(label) if has_visible(label) else "image"
    is_badge = _is_badge(token)
    if not is_badge and label != "image":
        label = f"image: {label}"
    if note:
        label += f" ({note})"
    style = "badge" if is_badge else "picture-note"
    if token.meta.get("is_in_link") or not address:
        title = f' title="{address}"' if address else ""
        return f'<span class="{style}"{title}>{label}</span>'
    return f'<a class="{style}" href="{address}">{label}</a>'


def _is_badge(token: Token) -> bool:
    address = token.meta["address"].lower()
    is_drawing = address.partition("?")[0].endswith(".svg")
    return bool(address) and (
        token.meta.get("is_in_link", False)
        or is_drawing
        or any(host in address for host in _BADGE_HOSTS)
    )


def _picture_html(token: Token, picture: Picture) -> str:
    note = html.escape(token.meta["shown"])
    # The note below says it already to users of screen readers.
    alt = "" if note and not token.meta["label_text"] else html.escape(token.meta["label_text"])
    size = "".join(f' {name}="{value}"' for name, value in _size(token, picture).items())
    img = f'<img src="{html.escape(picture.address)}" alt="{alt}"{size} loading="lazy">'
    align = str(token.attrs.get("align", "")).lower()
    style = f"picture picture-{align}" if align in ("left", "right") else "picture"
    caption = f'<span class="picture-caption">{note}</span>' if note else ""
    if token.meta.get("has_sources"):
        # The other sources of a picture element are for the images directly in it.
        return f"{img}{caption}"
    return f'<span class="{style}">{img}{caption}</span>'


def _size(token: Token, picture: Picture) -> dict[str, str]:
    """Returns width and height in the proportion of the picture.

    With both a page does not jump when the picture arrives.
    """
    width, height = (str(token.attrs.get(name, "")).removesuffix("px") for name in _SIDES)
    if width.endswith("%"):
        return {"width": width}
    if not (picture.width and picture.height):
        return {name: value for name, value in zip(_SIDES, (width, height), strict=True) if value}
    if width.isdecimal():
        height = str(round(int(width) * picture.height / picture.width))
    elif height.isdecimal():
        width = str(round(int(height) * picture.width / picture.height))
    else:
        width, height = str(picture.width), str(picture.height)
    return {"width": width, "height": height}


_SIDES = ("width", "height")
