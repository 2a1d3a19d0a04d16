"""Differences between two documents, field by field."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from wordclaw.schema import pointers

# The comparison of lists takes time in proportion to the pairs, and members may compare any two
# versions.
MAX_PAIRS = 250_000
"""Above so many pairs of items, a list is reported as replaced instead of compared."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A value that was added, removed or replaced."""

    pointer: str
    op: Literal["add", "remove", "replace"]
    before: Any = None
    after: Any = None

    def as_json(self) -> dict[str, Any]:
        change: dict[str, Any] = {"pointer": self.pointer, "op": self.op}
        if self.op != "add":
            change["before"] = self.before
        if self.op != "remove":
            change["after"] = self.after
        return change


def diff_documents(before: Any, after: Any, pointer: str = "") -> Iterator[FieldChange]:
    """Yield the changes from one document to another, in the order of the first."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _diff_objects(before, after, pointer)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _diff_lists(before, after, pointer)
    # Python has True == 1 and 1 == 1.0, which are different JSON to a reader.
    elif canonical(before) != canonical(after):
        yield FieldChange(pointer, "replace", before, after)


def canonical(value: Any) -> str:
    """Return a text that is equal for equal JSON; true and 1 differ."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _diff_objects(
    before: dict[str, Any], after: dict[str, Any], pointer: str
) -> Iterator[FieldChange]:
    for key, value in before.items():
        place = f"{pointer}/{pointers.escape(key)}"
        if key in after:
            yield from diff_documents(value, after[key], place)
        else:
            yield FieldChange(place, "remove", before=value)
    for key, value in after.items():
        if key not in before:
            yield FieldChange(f"{pointer}/{pointers.escape(key)}", "add", after=value)


def _diff_lists(before: list[Any], after: list[Any], pointer: str) -> Iterator[FieldChange]:
    # Texts, because difflib needs values that can be hashed.
    texts = [canonical(value) for value in before], [canonical(value) for value in after]
    if texts[0] == texts[1]:
        return
    if len(before) * len(after) > MAX_PAIRS:
        yield FieldChange(pointer, "replace", before, after)
        return
    # With autojunk, difflib takes items that are frequent in long lists for noise.
    matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
    for op, first, end, new_first, new_end in matcher.get_opcodes():
        if op == "equal":
            continue
        # Items at the same place are compared inside, so that an edited block shows its changed
        # field only.
        pair_count = min(end - first, new_end - new_first)
        for offset in range(pair_count):
            old_value, new_value = before[first + offset], after[new_first + offset]
            yield from diff_documents(old_value, new_value, f"{pointer}/{new_first + offset}")
        for index in range(first + pair_count, end):
            yield FieldChange(f"{pointer}/{index}", "remove", before=before[index])
        for index in range(new_first + pair_count, new_end):
            yield FieldChange(f"{pointer}/{index}", "add", after=after[index])
