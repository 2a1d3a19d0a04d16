"""Recognises licences of the SPDX list."""

from functools import cache, lru_cache

from license_expression import Licensing, get_spdx_licensing


@cache
def _load_licensing() -> Licensing:
    # Loading the list takes a tenth of a second.
    return get_spdx_licensing()


@lru_cache(maxsize=512)
def is_recognised(expression: str) -> bool:
    """Returns whether all licences of an SPDX expression are on the list.

    An expression may combine several: `MIT OR Apache-2.0`.
    """
    # The parser raises AttributeError, IndexError, RecursionError and more for malformed text.
    try:
        return bool(expression.strip()) and not _load_licensing().validate(expression).errors
    except Exception:
        return False
