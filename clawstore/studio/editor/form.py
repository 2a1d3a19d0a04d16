"""The form of one document: what a page shows, and what was typed in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clawstore.studio.editor.languages import Languages
from clawstore.studio.editor.names import SEARCH, STEP
from clawstore.studio.editor.nodes import FormBuilder, Node
from clawstore.studio.editor.parts import SchemaParts
from clawstore.studio.editor.problems import Problems, problems_of
from clawstore.studio.editor.reading import FormReader, without_blanks
from clawstore.studio.editor.steps import FormSteps
from foundation.refusals import Refusal
from wordclaw.schema.extensions import read_localization


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the summary of errors, with the id of the field that it leads to."""

    target: str
    label: str
    message: str


@dataclass(slots=True)
class DocumentForm:
    """A form for a document of a schema.

    ``document`` may have BLANK entries in lists. ``unread`` are texts for which the schema has no
    field any more.
    """

    schema: dict[str, Any]
    document: dict[str, Any]
    problems: Problems = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    searches: dict[str, str] = field(default_factory=dict)
    focus: str | None = None
    prefix: str = "f"

    @classmethod
    def read(cls, schema: dict[str, Any], fields: Mapping[str, str]) -> "DocumentForm":
        """Return the form as it was sent."""
        reader = FormReader(SchemaParts(schema), read_localization(schema), fields)
        document = reader.read()
        searches = {
            name.removeprefix(SEARCH): text.strip()
            for name, text in fields.items()
            if name.startswith(SEARCH) and text.strip()
        }
        return cls(schema, document, reader.errors, reader.unread, searches)

    @property
    def languages(self) -> Languages | None:
        return read_localization(self.schema)

    @property
    def data(self) -> dict[str, Any]:
        """The document as it is saved."""
        data: dict[str, Any] = without_blanks(self.document)
        return data

    def take_step(self, fields: Mapping[str, str]) -> None:
        """Do what the pressed button says."""
        steps = FormSteps(SchemaParts(self.schema), self.document)
        self.focus = steps.apply(fields.get(STEP, ""))

    def add_refusal(self, refusal: Refusal) -> None:
        """Add the errors of a refusal of the runtime at their fields."""
        self.document = self.data
        errors = refusal.details.get("errors")
        if not isinstance(errors, list):
            pointer = refusal.details.get("pointer", "")
            self.problems.setdefault(str(pointer), []).append(refusal.message)
            return
        reader = SchemaParts(self.schema)
        for pointer, messages in problems_of(reader, self.document, errors).items():
            self.problems.setdefault(pointer, []).extend(messages)

    def node(self) -> Node:
        """Return the controls."""
        builder = FormBuilder(
            SchemaParts(self.schema),
            self.languages,
            self.problems,
            self.focus,
            self.prefix,
        )
        return builder.build(self.document)


def summary_of(node: Node, problems: Problems) -> list[Problem]:
    """Return a line for each message.

    One without a field of its own leads to the next field above.
    """
    places = {each.pointer: each for each in reversed(node.walk())}
    lines: list[Problem] = []
    for pointer, messages in problems.items():
        here = pointer
        while here and here not in places:
            here = here.rpartition("/")[0]
        target = places[here]
        label = path_of(places, here) if here else ""
        if here != pointer:
            target.errors.extend(messages)
            label = f"{label} {pointer.removeprefix(here)}".strip()
        lines.extend(Problem(target.id, label, message) for message in messages)
    return lines


def path_of(places: Mapping[str, Node], pointer: str) -> str:
    """Return the labels that lead to a field, such as Blocks 2, Caption."""
    labels = []
    while pointer:
        node = places.get(pointer)
        if node is not None and node.label:
            labels.append(node.label)
        pointer = pointer.rpartition("/")[0]
    return ", ".join(reversed(labels))
