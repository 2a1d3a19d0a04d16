"""The schema of manifests, from which the studio makes the form of a content type."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Hints for the form: controls side by side, controls behind "More", a menu for an entry's kind.
LAYOUT, MORE, KIND_MENU = "x-studio-layout", "x-studio-more", "x-studio-kind-menu"
KINDS: dict[str, str | Promise] = {
    "text": _("Text"),
    "textarea": _("Long text"),
    "markdown": _("Markdown"),
    "number": _("Number"),
    "checkbox": _("Yes or no"),
    "date": _("Date"),
    "select": _("Choice"),
    "content-ref": _("Reference to an item"),
    "content-ref-list": _("References to items"),
    "agent-ref": _("Reference to an agent"),
    "agent-ref-list": _("References to agents"),
    "asset": _("Asset"),
    "asset-list": _("Assets"),
    "group": _("Group of fields"),
    "array": _("List"),
    "block-set": _("Blocks"),
}
WITH_LIMITS = frozenset({"text", "textarea", "markdown", "number", "array", "block-set"})
LISTS_OF_REFERENCES = frozenset({"content-ref-list", "agent-ref-list", "asset-list"})
NOT_LOCALIZED = frozenset({"group", "array", "block-set"})


def manifest_schema() -> dict[str, Any]:
    """Return the schema of manifests in the reader's language.

    The localization is left out: the page has a field of its own for it.
    """
    return {
        "type": "object",
        "properties": {"fields": _list_of_fields(str(_("Fields")))},
        "required": ["fields"],
        "$defs": {
            "field": {
                "type": "object",
                KIND_MENU: True,
                "oneOf": [_field(kind) for kind in KINDS],
            },
            "block": {
                "type": "object",
                "title": str(_("Kind of block")),
                "properties": {
                    "label": _text(_("Label")),
                    "name": _name(),
                    "fields": _list_of_fields(str(_("Fields of the block"))),
                },
                LAYOUT: "row",
                "required": ["name", "fields"],
            },
            "entry": {
                "type": "object",
                KIND_MENU: True,
                # No list in a list: such a form could not be used, and a group between them can
                # hold one.
                "oneOf": [_entry(kind) for kind in KINDS if kind not in ("array", "block-set")],
            },
        },
    }


def _list_of_fields(title: str) -> dict[str, Any]:
    return {"type": "array", "title": title, "items": {"$ref": "#/$defs/field"}}


def _text(title: str | Promise, description: str | Promise = "") -> dict[str, Any]:
    words = {"title": str(title), "description": str(description)}
    return {"type": "string", **{key: text for key, text in words.items() if text}}


def _name() -> dict[str, Any]:
    return _text(_("Name"), _("As the API has it; empty: made from the label."))


def _flag(title: str | Promise) -> dict[str, Any]:
    return {"type": "boolean", "title": str(title)}


def _field(kind: str) -> dict[str, Any]:
    """The branch of one kind of field."""
    properties: dict[str, Any] = {
        "type": {"const": kind},
        "label": _text(_("Label")),
        "name": _name(),
        "required": _flag(_("Required")),
    }
    if kind not in NOT_LOCALIZED:
        properties["localized"] = _flag(_("In each language"))
    properties |= _own_parts(kind)
    options = {"description": _text(_("Help text"))}
    if kind in WITH_LIMITS or kind in LISTS_OF_REFERENCES:
        options |= {"min": _number(_("At least")), "max": _number(_("At most"))}
    options |= {
        "indexed": _flag(_("Lists are often sorted by it")),
        "premium": _flag(_("Premium: for buyers only")),
    }
    # Most fields need none of these, and a type may have many fields.
    properties |= {name: schema | {MORE: True} for name, schema in options.items()}
    return _branch(kind, properties, ["type", "name"])


def _own_parts(kind: str) -> dict[str, Any]:
    """The properties that only some kinds have."""
    if kind == "select":
        options = {"type": "array", "title": str(_("Options")), "items": {"type": "string"}}
        return {"options": options}
    if kind.startswith("content-ref"):
        slugs = {
            "type": "array",
            "title": str(_("Allowed content types")),
            "description": str(_("Their slugs; none means all.")),
            "items": {"type": "string"},
        }
        return {"allowedContentTypeSlugs": slugs}
    if kind == "group":
        return {"fields": _list_of_fields(str(_("Fields of the group")))}
    if kind == "array":
        entry = {"$ref": "#/$defs/entry", "title": str(_("Each entry is"))}
        return {"items": entry}
    if kind == "block-set":
        blocks = {"type": "array", "title": str(_("Kinds of blocks"))}
        return {"blocks": blocks | {"items": {"$ref": "#/$defs/block"}}}
    return {}


def _entry(kind: str) -> dict[str, Any]:
    """The branch of a list's entries, which have no name."""
    return _branch(kind, {"type": {"const": kind}, **_own_parts(kind)}, ["type"])


def _branch(kind: str, properties: dict[str, Any], required_names: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": str(KINDS[kind]),
        LAYOUT: "row",
        "properties": properties,
        "required": required_names,
    }


def _number(title: str | Promise) -> dict[str, Any]:
    return {"type": "number", "title": str(title)}
