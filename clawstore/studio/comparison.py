"""Differences between two versions of an item, in the words of its form."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from clawstore.studio.editor.form import DocumentForm, path_of
from clawstore.studio.editor.nodes import Node
from clawstore.studio.editor.values import MISSING
from clawstore.studio.references import KINDS as REFERENCE_KINDS
from clawstore.studio.references import FindTargets
from foundation.text.diff import DiffBudget, TextDiff, diff_texts
from wordclaw.schema import pointers
from wordclaw.schema.diff import FieldChange, diff_documents
from wordclaw.schema.references import KEYS

REFERENCE_KEYS = frozenset(key for _kind, key in KEYS.values())
MAX_CHANGES = 200
"""Changes that a page shows; more are counted only."""
MAX_LENGTH = 20_000
"""Characters of one value that a page shows."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A change of one field; ``text_diff`` is set where both values are texts."""

    pointer: str
    label: str
    op: str
    before: str
    after: str
    text_diff: TextDiff | None = None
    target: str = ""

    @property
    def sign(self) -> str:
        return {"add": "+", "remove": "\u2212"}.get(self.op, "~")


@dataclass(frozen=True, slots=True)
class ItemComparison:
    """The changes from one document to another; ``is_cut`` if there are more.

    The names are the headings of both sides. Without ``old_name`` there is nothing to compare
    with, and the new document is shown alone.
    """

    changes: list[FieldDifference]
    is_cut: bool
    old_name: str = ""
    new_name: str = ""


def compare_documents(
    schema: dict[str, Any],
    before: Any,
    after: Any,
    find: FindTargets,
    *,
    names: tuple[str, str] = ("", ""),
) -> ItemComparison:
    """Return the changes field by field, with words for prose.

    ``find`` names what references refer to, ``names`` both documents.
    """
    # One more than is shown, to know whether there are more without counting all.
    changes = list(islice(diff_documents(before, after), MAX_CHANGES + 1))
    differences = describe_changes(schema, before, after, changes[:MAX_CHANGES], find)
    is_cut = len(changes) > MAX_CHANGES
    return ItemComparison(differences, is_cut, *names)


def compare_places(
    schema: dict[str, Any], before: Any, after: Any, places: Iterable[str], find: FindTargets
) -> list[FieldDifference]:
    """Return the differences between two documents at some places only."""
    changes = [
        FieldChange(place, "replace", _look_up(before, place), _look_up(after, place))
        for place in places
    ]
    return describe_changes(schema, before, after, changes, find)


def describe_changes(
    schema: dict[str, Any],
    before: Any,
    after: Any,
    changes: list[FieldChange],
    find: FindTargets,
) -> list[FieldDifference]:
    """Return changes with labels, and with diffs of texts within one budget."""
    # Both documents, because a removed field has a place in the first alone.
    nodes = [*_nodes(schema, before), *_nodes(schema, after)]
    # Reversed, so that the outer of two nodes with one pointer wins: it has the label.
    places = {node.pointer: node for node in reversed(nodes)}
    names = {text: target.name for text, target in find(nodes).items()}
    # One budget for all fields: a document of many long texts would otherwise take many times as
    # long.
    budget = DiffBudget()
    parts = [part for change in changes for part in _parts(change, places)]
    # In the order of the form: PostgreSQL stores the keys of JSON in an order of its own.
    pointers_in_order = dict.fromkeys(node.pointer for node in nodes)
    numbers = {pointer: number for number, pointer in enumerate(pointers_in_order)}
    parts.sort(key=lambda part: _number_of(part.pointer, numbers))
    return [_describe(_whole_reference(part, places), places, names, budget) for part in parts]


def _number_of(pointer: str, numbers: Mapping[str, int]) -> int:
    """The number of a place, or of the next field above it."""
    while pointer and pointer not in numbers:
        pointer = pointer.rpartition("/")[0]
    return numbers.get(pointer, len(numbers))


def _parts(change: FieldChange, places: dict[str, Node]) -> list[FieldChange]:
    """Return a new or removed group as changes of its fields or languages."""
    value = change.after if change.op == "add" else change.before
    if change.op == "replace" or not isinstance(value, dict) or not value:
        return [change]
    pointers_of_fields = {name: f"{change.pointer}/{pointers.escape(name)}" for name in value}
    # Without a field of the form for each, the value is shown whole.
    if not all(pointer in places for pointer in pointers_of_fields.values()):
        return [change]
    fields = []
    for name, pointer in pointers_of_fields.items():
        before, after = (None, value[name]) if change.op == "add" else (value[name], None)
        fields += _parts(FieldChange(pointer, change.op, before, after), places)
    return fields


def _nodes(schema: dict[str, Any], document: Any) -> list[Node]:
    return DocumentForm(schema, document if isinstance(document, dict) else {}).node().walk()


def _whole_reference(change: FieldChange, places: dict[str, Node]) -> FieldChange:
    """Return a change inside of a reference as one of the whole reference."""
    outer, _, key = change.pointer.rpartition("/")
    node = places.get(outer)
    if change.op != "replace" or node is None or node.kind not in REFERENCE_KINDS:
        return change
    return FieldChange(outer, "replace", {key: change.before}, {key: change.after})


def _describe(
    change: FieldChange, places: dict[str, Node], names: Mapping[str, str], budget: DiffBudget
) -> FieldDifference:
    before, after = _text(change.before, names), _text(change.after, names)
    text_diff = None
    if isinstance(change.before, str) and isinstance(change.after, str):
        text_diff = diff_texts(before, after, is_prose=True, budget=budget)
    node = places.get(change.pointer)
    return FieldDifference(
        change.pointer,
        path_of(places, change.pointer) or change.pointer,
        change.op,
        before,
        after,
        text_diff,
        node.id if node else "",
    )


def _look_up(document: Any, pointer: str) -> Any:
    try:
        return pointers.look_up(document, pointer)
    except (KeyError, IndexError, ValueError):
        return MISSING


def _text(value: Any, names: Mapping[str, str]) -> str:
    """Return a value as text: references by the names of their targets, a line each."""
    if value is None or value is MISSING:
        return ""
    references = [_name(entry, names) for entry in (value if isinstance(value, list) else [value])]
    if references and all(references):
        text = "\n".join(references)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return f"{text[:MAX_LENGTH]}…" if len(text) > MAX_LENGTH else text


def _name(value: Any, names: Mapping[str, str]) -> str:
    """Return the name of a reference's target; "" for another value."""
    if not isinstance(value, dict) or len(value) != 1:
        return ""
    [(key, target)] = value.items()
    return names.get(target, "") if key in REFERENCE_KEYS and isinstance(target, str) else ""
