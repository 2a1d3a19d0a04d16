"""Which licences are known: those on the SPDX list."""

from functools import cache, lru_cache

from license_expression import Licensing, get_spdx_licensing


@cache
def _licensing() -> Licensing:
    # Reading the list takes a tenth of a second.
    return get_spdx_licensing()


@lru_cache(maxsize=512)
def is_recognised(expression: str) -> bool:
    """Whether every part of an SPDX expression, such as `MIT OR Apache-2.0`, is on the list."""
    # The parser fails in many ways on malformed text (AttributeError, IndexError, RecursionError):
    # none of them is more than "no".
    try:
        return bool(expression.strip()) and not _licensing().validate(expression).errors
    except Exception:
        return False
