"""The controls of a form, made from a schema and a value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.dateparse import parse_date

from clawstore.studio.editor.languages import Languages, language_name
from clawstore.studio.editor.names import control_id
from clawstore.studio.editor.parts import Part, SchemaParts
from clawstore.studio.editor.values import BLANK, MISSING, RawText, is_blank
from foundation.text.labels import humanized
from wordclaw.schema import pointers
from wordclaw.schema.extensions import ALLOWED_TYPES

MAX_LEVELS = 12
"""Nested controls; what is deeper is edited as JSON."""
MAX_ROWS = 200
"""Entries of a list that has controls; a longer one is edited as JSON."""
MAX_NODES = 2_000
"""Controls of a form; when there are more, the rest is edited as JSON."""
MAX_BUTTONS = 4
"""Kinds of entries that have a button each; more are options of a menu."""


VALUE_TEMPLATES = {
    **dict.fromkeys(("object", "localized", "list", "union"), "group"),
    **dict.fromkeys(("item-ref", "agent-ref", "asset-ref"), "reference"),
    **dict.fromkeys(("const", "absent"), "nothing"),
    **{kind: kind for kind in ("markdown", "checkbox", "choice", "json")},
}


@dataclass(slots=True)
class Node:
    """One control, or a group of them.

    ``value`` is what the control shows. ``blank`` names the value that it stands for when it is
    empty. ``is_open`` marks groups that hold an error.
    """

    kind: str
    pointer: str
    id: str
    label: str
    help: str = ""
    is_required: bool = False
    value: Any = ""
    blank: str = ""
    errors: list[str] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    allowed_types: tuple[str, ...] = ()
    branch: int = 0
    extra: str = ""
    extra_errors: list[str] = field(default_factory=list)
    has_focus: bool = False
    is_row: bool = False
    language: str = ""
    layout: str = ""
    is_more: bool = False
    html: str = ""
    # Of a reference that is shown: the name of its target, and where that is.
    target_name: str = ""
    target_url: str = ""
    search: str = ""
    picture: str = ""
    has_more_options: bool = False
    has_kind_menu: bool = False
    # Undone comments on this field: author and text.
    comments: list[tuple[str, str]] = field(default_factory=list)

    @property
    def template(self) -> str:
        return f"studio/fields/{self.kind.replace('-', '_')}.html"

    @property
    def value_template(self) -> str:
        """The template that shows the value without a control."""
        return f"studio/values/{VALUE_TEMPLATES.get(self.kind, 'text')}.html"

    @property
    def described_by(self) -> str:
        """The ids of the help and of the errors, for ``aria-describedby``."""
        parts = (("help", bool(self.help)), ("error", bool(self.errors)))
        return " ".join(f"{self.id}-{name}" for name, is_there in parts if is_there)

    @property
    def is_filled(self) -> bool:
        if self.children:
            return any(child.is_filled for child in self.children)
        return self.value not in ("", None, False)

    @property
    def main_children(self) -> "list[Node]":
        return [child for child in self.children if not child.is_more]

    @property
    def more_children(self) -> "list[Node]":
        """Controls that are hidden behind "More" until they are used."""
        return [child for child in self.children if child.is_more]

    @property
    def shows_more(self) -> bool:
        return any(child.is_filled or child.errors for child in self.more_children)

    def walk(self) -> "list[Node]":
        """Return the node and all nodes in it, from top to bottom."""
        return [self, *(node for child in self.children for node in child.walk())]


@dataclass(slots=True)
class FormBuilder:
    """Makes the nodes of a form.

    ``errors`` are messages by pointer; ``prefix`` begins all ids.
    """

    reader: SchemaParts
    languages: Languages | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    prefix: str = "f"
    shown_languages: frozenset[str] | None = None
    count: int = 0

    def build(self, value: Any) -> Node:
        """Return the node of the whole document."""
        return self._node(self.reader.root, value, "", "", is_required=True, parents=())

    def _node(
        self,
        schema: Any,
        value: Any,
        pointer: str,
        label: str,
        *,
        is_required: bool,
        parents: tuple[int, ...],
    ) -> Node:
        part = self.reader.part(schema)
        self.count += 1
        kind = self._shown_kind(part, value, parents)
        if (
            kind in ("object", "union")
            and value is MISSING
            and self._is_optional(part, pointer, parents, is_required=is_required)
        ):
            kind = "absent"
        description = part.schema.get("description")
        node = Node(
            kind=kind,
            pointer=pointer,
            id=control_id(pointer, self.prefix),
            label=part.title or label,
            help=description if isinstance(description, str) else "",
            is_required=is_required,
            errors=list(self.errors.get(pointer, ())),
            layout="row" if part.schema.get("x-studio-layout") == "row" else "",
            is_more=part.schema.get("x-studio-more") is True,
            has_kind_menu=part.schema.get("x-studio-kind-menu") is True,
        )
        # By identity of the properties, as following a reference makes a new dict around them.
        outer_schemas = (*parents, id(part.schema.get("properties") or part.schema))
        fill = getattr(self, f"_fill_{kind.replace('-', '_')}", self._fill_text)
        fill(node, part, value, outer_schemas)
        return node

    def _shown_kind(self, part: Part, value: Any, parents: tuple[int, ...]) -> str:
        """The kind of a part, or JSON where its controls could not show the value."""
        is_empty = value is MISSING or value is BLANK
        # A page of any document must end: both the schema and the data come from a publisher.
        too_many = len(parents) >= MAX_LEVELS or self.count > MAX_NODES
        # What was typed and is no JSON is shown again as it is.
        if isinstance(value, RawText) and part.kind != "number":
            return "json"
        if part.kind in ("object", "localized"):
            return part.kind if (is_empty or isinstance(value, dict)) and not too_many else "json"
        if part.kind == "list":
            fits = is_empty or (isinstance(value, list) and len(value) <= MAX_ROWS)
            return "list" if fits and not too_many else "json"
        if part.kind == "union":
            is_known = is_empty or self.reader.branch_of(part, value) is not None
            return "union" if is_known and not too_many else "json"
        if part.kind in ("item-ref", "agent-ref", "asset-ref"):
            fits = isinstance(value, dict) and set(value) <= {part.reference_key}
            return part.kind if is_empty or fits else "json"
        if part.kind == "choice":
            return "choice" if is_empty or value in part.schema["enum"] else "json"
        if part.kind == "checkbox":
            return "checkbox" if is_empty or isinstance(value, bool) else "json"
        if part.kind in ("const", "json"):
            return part.kind
        fits = is_blank(value) or _is_scalar(part, value)
        return _text_control(part, value) if fits else "json"

    def _is_optional(
        self, part: Part, pointer: str, parents: tuple[int, ...], *, is_required: bool
    ) -> bool:
        """Whether an object is left out until it is added: a union, or one inside itself."""
        # A schema that contains itself would make controls without an end.
        is_recursive = id(part.schema.get("properties")) in parents
        return bool(pointer) and (is_recursive or (part.kind == "union" and not is_required))

    def _fill_object(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        values = value if isinstance(value, dict) else {}
        # An empty object and none are different JSON, and saving an untouched form must change
        # nothing.
        node.blank = "{}" if value == {} and not node.is_required else ""
        for name, schema in part.properties.items():
            child = self._node(
                schema,
                values.get(name, MISSING),
                f"{node.pointer}/{pointers.escape(name)}",
                humanized(name),
                is_required=name in part.required,
                parents=parents,
            )
            node.children.append(child)
        self._fill_extra(node, {k: v for k, v in values.items() if k not in part.properties})

    def _fill_extra(self, node: Node, extra: dict[str, Any]) -> None:
        if not extra:
            return
        node.extra = as_json(extra)
        node.extra_errors = [
            message
            for name in extra
            for message in self.errors.get(f"{node.pointer}/{pointers.escape(name)}", ())
        ]

    def _fill_localized(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        values = value if isinstance(value, dict) else {}
        inner = self.reader.translation(part).schema
        supported_tags = self.languages.supported_tags if self.languages else ()
        for language in supported_tags:
            if language not in values and not self._has_column(language):
                continue
            child = self._node(
                inner,
                values.get(language, MISSING),
                f"{node.pointer}/{pointers.escape(language)}",
                "",
                is_required=node.is_required
                and self.languages is not None
                and language == self.languages.default,
                parents=parents,
            )
            child.label, child.help = language_name(language), ""
            child.language = language
            node.children.append(child)
        self._fill_extra(node, {k: v for k, v in values.items() if k not in supported_tags})

    def _has_column(self, language: str) -> bool:
        return self.shown_languages is None or language in self.shown_languages

    def _fill_list(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        rows = value if isinstance(value, list) else []
        node.blank = "[]" if value == [] else ""
        items = self.reader.items(part)
        noun = items.title or node.label
        for index, row in enumerate(rows):
            child = self._node(
                items.schema,
                row,
                f"{node.pointer}/{index}",
                f"{noun} {index + 1}",
                is_required=True,
                parents=parents,
            )
            child.is_row = True
            node.children.append(child)
        titles = self.reader.branch_titles(items) if items.kind == "union" else [items.title]
        node.options = [(str(number), title, False) for number, title in enumerate(titles)]
        node.has_kind_menu = len(titles) > MAX_BUTTONS
        node.value = len(rows)

    def _fill_union(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        branch = self.reader.branch_of(part, value)
        node.branch = branch or 0
        titles = self.reader.branch_titles(part)
        node.options = [
            (str(number), title, number == node.branch) for number, title in enumerate(titles)
        ]
        schema = part.branches[node.branch]
        inner = self._node(
            schema, value, node.pointer, node.label, is_required=True, parents=parents
        )
        # Both are at one pointer; the messages are at the group.
        inner.errors, inner.id, inner.label = [], f"{inner.id}-branch", titles[node.branch]
        inner.help = "" if inner.help == node.help else inner.help
        node.children.append(inner)

    def _fill_absent(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        titles = self.reader.branch_titles(part) if part.kind == "union" else [""]
        node.options = [(str(number), title, False) for number, title in enumerate(titles)]

    def _fill_choice(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        node.options = [
            (str(number), _word(entry), equals_json(entry, value))
            for number, entry in enumerate(part.schema["enum"])
        ]
        node.value = next((number for number, _, is_it in node.options if is_it), "")

    def _fill_const(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        node.value = ""

    def _fill_checkbox(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        node.value = value is True
        node.blank = "false" if isinstance(value, bool) or node.is_required else ""

    def _fill_json(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        is_empty = value is MISSING or value is BLANK
        node.value = (
            str(value) if isinstance(value, RawText) else "" if is_empty else as_json(value)
        )

    def _fill_item_ref(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        node.value = str(value.get(part.reference_key, "")) if isinstance(value, dict) else ""
        node.allowed_types = tuple(part.schema.get(ALLOWED_TYPES) or ())

    _fill_agent_ref = _fill_asset_ref = _fill_item_ref

    def _fill_text(self, node: Node, part: Part, value: Any, parents: tuple[int, ...]) -> None:
        node.value = "" if is_blank(value) else str(value)
        if value is None or (value is MISSING and part.is_nullable and node.is_required):
            node.blank = "null"
        elif value == "":
            node.blank = "empty"
        names = (("minLength", "minlength"), ("maxLength", "maxlength"))
        if part.kind == "number":
            names = (("minimum", "min"), ("maximum", "max"))
            node.attributes["step"] = "1" if part.schema.get("type") == "integer" else "any"
        for keyword, attribute in names:
            limit = part.schema.get(keyword)
            # Browsers would keep an author from saving an unfinished draft; the server says what is
            # missing.
            if isinstance(limit, int | float) and attribute != "minlength":
                node.attributes[attribute] = str(limit)


def _text_control(part: Part, value: Any) -> str:
    """The control of a scalar: browsers drop what does not fit a stricter one."""
    text = "" if is_blank(value) else str(value)
    if part.kind == "number":
        return "text" if isinstance(value, RawText) else "number"
    if part.kind == "date":
        return "date" if not text or _is_date(text) else "text"
    if "\n" in text and part.kind != "markdown":
        return "textarea"
    return part.kind


def _is_date(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except ValueError:
        return False


def _is_scalar(part: Part, value: Any) -> bool:
    if part.kind == "number":
        return isinstance(value, int | float | RawText) and not isinstance(value, bool)
    return isinstance(value, str)


def equals_json(entry: Any, value: Any) -> bool:
    """Whether two JSON values are equal; true and 1 are not."""
    # In Python true equals 1.
    return type(entry) is type(value) and bool(entry == value)


def _word(entry: Any) -> str:
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
