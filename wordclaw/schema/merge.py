"""JSON merge patch (RFC 7396)."""

from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """Return ``target`` with a merge patch applied; null removes a key."""
    # RFC 7396 replaces lists whole: it has no name for one of their items.
    if not isinstance(patch, dict):
        return patch
    # A copy, because the former data is still needed for the audit row.
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result
