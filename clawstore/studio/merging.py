"""Merging two changes of one document that began with the same version."""

from dataclasses import dataclass, field
from typing import Any

from clawstore.studio.editor.values import MISSING
from wordclaw.schema import pointers
from wordclaw.schema.diff import canonical


@dataclass(slots=True)
class Merge:
    """The result of a merge.

    ``document`` has both changes, and at ``conflicts`` those of the author who merges; ``adopted``
    are the places of the other author's changes in it.
    """

    document: Any
    adopted: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def merge_documents(base: Any, own_document: Any, other_document: Any) -> Merge:
    """Merge two documents that began with one version. Lists are merged whole."""
    merge = Merge(None)
    merge.document = _merge(base, own_document, other_document, "", merge)
    return merge


def _merge(base: Any, own_value: Any, other_value: Any, pointer: str, merge: Merge) -> Any:
    # The same change by both authors is no conflict.
    if _equal(own_value, other_value) or _equal(base, other_value):
        return own_value
    if isinstance(own_value, dict) and isinstance(other_value, dict) and isinstance(base, dict):
        result = {}
        # The stored order first, so that a merge does not move fields.
        for key in dict.fromkeys((*other_value, *own_value)):
            place = f"{pointer}/{pointers.escape(key)}"
            values = [document.get(key, MISSING) for document in (base, own_value, other_value)]
            value = _merge(values[0], values[1], values[2], place, merge)
            if value is not MISSING:
                result[key] = value
        return result
    if _equal(base, own_value):
        merge.adopted.append(pointer)
        return other_value
    # Lists are compared whole: their entries have no identity by which to match them.
    merge.conflicts.append(pointer)
    return own_value


def _equal(one_value: Any, other_value: Any) -> bool:
    if one_value is MISSING or other_value is MISSING:
        return one_value is other_value
    # Python has True == 1 and 1 == 1.0, which are different JSON.
    return canonical(one_value) == canonical(other_value)
