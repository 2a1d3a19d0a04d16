"""Changes of a form by its buttons: add, remove and move entries, choose a kind."""

from typing import Any

from clawstore.studio.editor.parts import Part, SchemaParts
from clawstore.studio.editor.values import BLANK, MISSING
from wordclaw.schema import pointers

MAX_LEVELS = 8
"""Levels of a new entry that are made at once."""


class FormSteps:
    """Applies the buttons of a form to its document, which is changed in place.

    A step is ``verb:pointer``, with ``:number`` for a branch of a union, such as
    ``add:/blocks:1``. One that does not fit the document changes nothing.
    """

    def __init__(self, reader: SchemaParts, document: dict[str, Any]) -> None:
        self.reader = reader
        self.document = document
        self.verbs = {
            "add": self._add,
            "set": self._set,
            "unset": self._unset,
            "remove": self._remove,
            "up": self._move_up,
            "down": self._move_down,
        }

    def apply(self, step: str) -> str | None:
        """Do a step. Returns the pointer of the control that gets the focus, or None."""
        verb, _, place = step.partition(":")
        pointer, _, number = place.partition(":")
        branch = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
        if verb not in self.verbs:
            return None
        try:
            return self.verbs[verb](pointer, branch)
        # Buttons name places as text, which may be stale or forged: another tab may have changed
        # the form.
        except (KeyError, IndexError, ValueError, TypeError):
            return None

    def _add(self, pointer: str, branch: int) -> str:
        part = self.reader.part(self.schema_at(pointer))
        if part.kind != "list":
            raise ValueError(pointer)
        items = self.reader.items(part)
        rows = self._value(pointer)
        rows = rows if isinstance(rows, list) else []
        self._put(pointer, [*rows, self._initial(items, branch)])
        return f"{pointer}/{len(rows)}"

    def _set(self, pointer: str, branch: int) -> str:
        part = self.reader.part(self.schema_at(pointer))
        value = self._initial(part, branch)
        present = self._value(pointer)
        # Another kind keeps the values that both kinds have.
        if isinstance(present, dict) and isinstance(value, dict) and part.kind == "union":
            inner = self.reader.part(part.branches[branch])
            names = set(inner.properties) - set(value)
            value |= {name: entry for name, entry in present.items() if name in names}
        self._put(pointer, value)
        return pointer

    def _unset(self, pointer: str, branch: int) -> str:
        self._drop(pointer)
        return pointer

    def _remove(self, pointer: str, branch: int) -> str:
        self._drop(pointer)
        return pointer.rpartition("/")[0]

    def _move_up(self, pointer: str, branch: int) -> str:
        return self._move(pointer, -1)

    def _move_down(self, pointer: str, branch: int) -> str:
        return self._move(pointer, 1)

    def _move(self, pointer: str, distance: int) -> str:
        parent, _, key = pointer.rpartition("/")
        rows, index = self._value(parent), int(key)
        target = index + distance
        if isinstance(rows, list) and 0 <= index < len(rows) and 0 <= target < len(rows):
            rows[index], rows[target] = rows[target], rows[index]
            return f"{parent}/{target}"
        return pointer

    def copy_from(self, source: Any, pointer: str) -> None:
        """Take the value of another document at a place, or drop it if there is none."""
        try:
            value = pointers.look_up(source, pointer)
        except (KeyError, IndexError, ValueError):
            self._drop(pointer)
        else:
            self._put(pointer, value)

    def schema_at(self, pointer: str) -> Any:
        """Return the schema of a place. Raises KeyError or IndexError."""
        schema: Any = self.reader.root
        here = ""
        for key in pointers.split(pointer):
            part = self.reader.part(schema)
            if part.kind == "union":
                branch = self.reader.branch_of(part, self._value(here))
                part = self.reader.part(part.branches[branch or 0])
            if part.kind == "localized":
                schema = self.reader.translation(part).schema
            elif part.kind == "list":
                schema = self.reader.items(part).schema
            else:
                schema = part.properties[key]
            here = f"{here}/{pointers.escape(key)}"
        return schema

    def _value(self, pointer: str) -> Any:
        try:
            return pointers.look_up(self.document, pointer)
        except (KeyError, IndexError, ValueError):
            return MISSING

    def _put(self, pointer: str, value: Any) -> None:
        *parents, last = pointers.split(pointer)
        place: Any = self.document
        for key in parents:
            is_list = isinstance(place, list)
            # Optional objects above the place may be absent, and get made on the way.
            place = place[int(key)] if is_list else place.setdefault(key, {})
        place[int(last) if isinstance(place, list) else last] = value

    def _drop(self, pointer: str) -> None:
        parent, _, key = pointer.rpartition("/")
        place = self._value(parent)
        [name] = pointers.split(f"/{key}")
        if isinstance(place, list):
            del place[int(name)]
        elif isinstance(place, dict):
            place.pop(name, None)

    def _initial(self, part: Part, branch: int = 0, level: int = 0) -> Any:
        """The value of a new entry: what its schema says, and empty controls."""
        if "default" in part.schema:
            return part.schema["default"]
        if part.kind == "const":
            return part.schema["const"]
        if part.kind == "union":
            branches = part.branches
            return self._initial(self.reader.part(branches[min(branch, len(branches) - 1)]))
        if part.kind != "object":
            return BLANK
        parts = {name: self.reader.part(schema) for name, schema in part.properties.items()}
        return {
            name: self._initial(inner, level=level + 1)
            for name, inner in parts.items()
            if level < MAX_LEVELS
            # Optional objects are left out until they are added, or a recursive schema would never
            # end.
            and (inner.kind == "const" or (inner.kind == "object" and name in part.required))
        }
