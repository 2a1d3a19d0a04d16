"""The form of one document: what a page shows, and what was typed in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clawstore.studio.editor.languages import (
    Languages,
    LanguageState,
    language_name,
    language_states,
)
from clawstore.studio.editor.names import KIND, LANGUAGE, PREVIEW, SEARCH, STEP
from clawstore.studio.editor.nodes import FormBuilder, Node
from clawstore.studio.editor.parts import SchemaParts
from clawstore.studio.editor.problems import Problems, problems_of
from clawstore.studio.editor.reading import FormReader, without_blanks
from clawstore.studio.editor.steps import FormSteps
from foundation.refusals import Refusal
from wordclaw.content.summaries import shown_languages
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
    field any more. ``opened`` are languages with a column although nothing is typed in it, and
    ``previews`` the pointers of markdown with a preview.
    """

    schema: dict[str, Any]
    document: dict[str, Any]
    problems: Problems = field(default_factory=dict)
    unread_fields: dict[str, str] = field(default_factory=dict)
    searches: dict[str, str] = field(default_factory=dict)
    opened_languages: list[str] = field(default_factory=list)
    previews: set[str] = field(default_factory=set)
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
        form = cls(schema, document, reader.errors, reader.unread, searches)
        form.opened_languages = [
            name.removeprefix(LANGUAGE) for name in fields if name.startswith(LANGUAGE)
        ]
        form.previews = {name.removeprefix(PREVIEW) for name in fields if name.startswith(PREVIEW)}
        return form

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
        step = fields.get(STEP, "")
        verb, _, pointer = step.partition(":")
        if verb == "language":
            self.opened_languages.append(fields.get("language", ""))
            return
        # These change what is shown and nothing in the document.
        if verb in ("preview", "no-preview", "find", "reload"):
            self.previews = (self.previews | {pointer}) if verb == "preview" else self.previews
            self.previews -= {pointer} if verb == "no-preview" else set()
            self.focus = pointer
            return
        # A menu names the kind of the new entry.
        if verb == "add" and f"{KIND}{pointer}" in fields:
            step = f"{step}:{fields[f'{KIND}{pointer}']}"
        self.focus = FormSteps(SchemaParts(self.schema), self.document).apply(step)

    def copy_value(self, source: Any, pointer: str) -> None:
        """Take the value of another document at a place; the field gets the focus."""
        FormSteps(SchemaParts(self.schema), self.document).copy_from(source, pointer)
        self.focus = pointer

    def add_refusal(self, refusal: Refusal) -> None:
        """Add the errors of a refusal of the runtime at their fields."""
        # The errors count rows as they were saved, without the empty ones.
        self.document = self.data
        errors = refusal.details.get("errors")
        if not isinstance(errors, list):
            pointer = refusal.details.get("pointer", "")
            self.problems.setdefault(str(pointer), []).append(refusal.message)
            return
        reader = SchemaParts(self.schema)
        for pointer, messages in problems_of(reader, self.document, errors).items():
            self.problems.setdefault(pointer, []).extend(messages)

    @property
    def columns(self) -> frozenset[str] | None:
        """The languages that have columns; None for a form without languages."""
        languages = self.languages
        return (
            shown_languages(languages, self.document, self.opened_languages) if languages else None
        )

    def language_states(self, root: Node) -> list[LanguageState]:
        """Return the state of the languages that have columns."""
        languages, columns = self.languages, self.columns
        return language_states(languages, columns, root) if languages and columns else []

    @property
    def other_languages(self) -> list[tuple[str, str]]:
        """The languages without a column, with their names."""
        languages, columns = self.languages, self.columns
        if languages is None or columns is None:
            return []
        return [(tag, language_name(tag)) for tag in languages.supported_tags if tag not in columns]

    def node(self) -> Node:
        """Return the controls."""
        builder = FormBuilder(
            SchemaParts(self.schema),
            self.languages,
            self.problems,
            self.prefix,
            self.columns,
        )
        root = builder.build(self.document)
        if self.focus is not None:
            _move_focus(root, self.focus)
        return root


def _move_focus(root: Node, pointer: str) -> None:
    """Give the focus of a group to its first control; a list keeps it."""
    node = next((part for part in root.walk() if part.pointer == pointer), None)
    while node is not None:
        children = [child for child in node.children if child.kind != "const"]
        # Otherwise the focus would stand in the first entry after any change of the list.
        if not children or (node.kind == "list" and not node.is_row):
            break
        node = children[0]
    if node is not None:
        node.has_focus = True


def summary_of(node: Node, problems: Problems) -> list[Problem]:
    """Return a line for each message.

    One without a field of its own leads to the next field above.
    """
    # Reversed, so that of a union and its branch, which have one pointer, the union gets the
    # messages.
    places = {part.pointer: part for part in reversed(node.walk())}
    lines: list[Problem] = []
    for pointer, messages in problems.items():
        here = pointer
        # An error inside of a value that is edited as JSON has no control of its own.
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
