"""Reads SPDX licence expressions."""

from dataclasses import dataclass
from functools import cache, lru_cache

from license_expression import Licensing, get_spdx_licensing

from foundation.text.expressions import compile_text
from registry.package.manifest.caps import MAX_LICENSE

# SPDX 2.3, annex D: licences that are not on the list, described in the package itself.
_REFERENCE = compile_text(r"^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$")


@dataclass(frozen=True, slots=True)
class Licence:
    """An expression in the spelling of the SPDX list.

    `unknown` are its parts that are neither on the list nor a LicenseRef. `is_recognised`: every
    part is on the list.
    """

    expression: str
    unknown: tuple[str, ...]
    is_recognised: bool


@cache
def _load_licensing() -> Licensing:
    # Loading the list takes a tenth of a second.
    return get_spdx_licensing()


@lru_cache(maxsize=512)
def read_licence(expression: str) -> Licence | None:
    """Returns the licence of an SPDX expression, or None if it is none.

    An expression may combine several licences: `MIT OR Apache-2.0`. Letter case and blanks make no
    difference, except in the name behind LicenseRef.
    """
    if len(expression) > MAX_LICENSE:
        return None
    licensing = _load_licensing()
    # The parser raises AttributeError, IndexError, RecursionError and more for malformed text.
    try:
        parsed = licensing.parse(expression)
        if parsed is None:
            return None
        missing = licensing.unknown_license_keys(expression)
        errors = licensing.validate(expression).errors
    except Exception:
        return None
    unknown = tuple(name for name in missing if not _REFERENCE.match(name))
    # What is wrong besides unknown names, such as an exception that is none.
    if errors and (not missing or " WITH " in str(parsed)):
        return None
    return Licence(str(parsed), unknown, is_recognised=not missing)


def normalise_licence(expression: str) -> str:
    """Returns an expression in the spelling of the list, or unchanged if it is none."""
    licence = read_licence(expression)
    return licence.expression if licence else expression


def is_recognised(expression: str) -> bool:
    """Returns whether all licences of an SPDX expression are on the list."""
    licence = read_licence(expression)
    return licence is not None and licence.is_recognised
