"""Reads SPDX licence expressions.

The list of licences is that of license-expression. The grammar is read here, so that an error can
name the part that is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from license_expression import LicenseSymbol, Licensing, get_spdx_licensing

from foundation.text.expressions import compile_text
from registry.package.checks.paths import make_printable
from registry.package.manifest.caps import MAX_LICENSE

# SPDX 2.3, annex D: licences that are not on the list, described in the package itself.
_REFERENCE = compile_text(
    r"^(?:(DocumentRef-)([A-Za-z0-9.-]+:))?(LicenseRef-)([A-Za-z0-9.-]+)$", ignore_case=True
)
# SPDX 3.0 has the same for exceptions.
_ADDITION = compile_text(r"^(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+$")
_TOKEN = compile_text(r"[()]|[^\s()]+")
_NOT_IN_NAMES = compile_text(r"[^a-z0-9+]+")
_OPERATORS = ("AND", "OR", "WITH")
# Ids that stand for a licence with an exception. The list keeps them as deprecated.
_COMBINED = {
    "gpl-2.0-with-autoconf-exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "gpl-2.0-with-bison-exception": "GPL-2.0-or-later WITH Bison-exception-2.2",
    "gpl-2.0-with-classpath-exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "gpl-2.0-with-font-exception": "GPL-2.0-only WITH Font-exception-2.0",
    "gpl-2.0-with-gcc-exception": "GPL-2.0-or-later WITH GCC-exception-2.0",
    "gpl-3.0-with-autoconf-exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "gpl-3.0-with-gcc-exception": "GPL-3.0-only WITH GCC-exception-3.1",
    "ecos-2.0": "GPL-2.0-or-later WITH eCos-exception-2.0",
}
# Names that people write, without signs, and the id that they mean.
_COLLOQUIAL = {
    **dict.fromkeys(
        ("apache", "apache2", "apache20", "apachelicense20", "apachelicenseversion20"), "Apache-2.0"
    ),
    **dict.fromkeys(("bsd", "bsd3", "newbsd", "bsd3clauselicense"), "BSD-3-Clause"),
    **dict.fromkeys(("bsd2", "simplifiedbsd"), "BSD-2-Clause"),
    **dict.fromkeys(("gpl", "gplv3", "gpl3", "gnugplv3"), "GPL-3.0-only"),
    **dict.fromkeys(("gplv2", "gpl2", "gnugplv2"), "GPL-2.0-only"),
    **dict.fromkeys(("gplv3+", "gpl3+"), "GPL-3.0-or-later"),
    **dict.fromkeys(("agpl", "agplv3", "agpl3"), "AGPL-3.0-only"),
    **dict.fromkeys(("lgpl", "lgplv3", "lgpl3"), "LGPL-3.0-only"),
    **dict.fromkeys(("mpl", "mpl2", "mozillapubliclicense20"), "MPL-2.0"),
    **dict.fromkeys(("mitlicense", "themitlicense", "expat"), "MIT"),
    **dict.fromkeys(("cc0", "publicdomain"), "CC0-1.0"),
    **dict.fromkeys(("ccby", "ccby4"), "CC-BY-4.0"),
    **dict.fromkeys(("bsl", "bsl11", "businesssourcelicense"), "BUSL-1.1"),
    **dict.fromkeys(("proprietary", "unlicensed", "commercial"), "LicenseRef-Proprietary"),
    **dict.fromkeys(("allrightsreserved", "none", "noassertion"), "LicenseRef-Proprietary"),
}


class LicenceError(ValueError):
    """An expression is no SPDX expression. The words follow "license"."""


@dataclass(frozen=True, slots=True)
class Licence:
    """An expression in the spelling of the SPDX list.

    `is_recognised`: every part is on the list.
    """

    expression: str
    is_recognised: bool


@cache
def _load_licensing() -> Licensing:
    # Loading the list takes a tenth of a second.
    return get_spdx_licensing()


@cache
def _symbols() -> dict[str, LicenseSymbol]:
    """Returns the entries of the list by id and alias, without regard to case."""
    symbols: dict[str, LicenseSymbol] = {}
    for symbol in _load_licensing().known_symbols.values():
        symbols |= {name.casefold(): symbol for name in (*symbol.aliases, symbol.key)}
    return symbols


def parse_licence(expression: str) -> Licence:
    """Returns the licence of an SPDX expression. Raises LicenceError.

    An expression may combine several licences: `MIT OR Apache-2.0`. Letter case and blanks make no
    difference, except in the name behind LicenseRef.
    """
    licence = _parse(expression[: MAX_LICENSE + 1])
    if isinstance(licence, str):
        raise LicenceError(licence)
    return licence


@lru_cache(maxsize=512)
def _parse(expression: str) -> Licence | str:
    """Returns the licence, or what is wrong."""
    if not expression.strip() or len(expression) > MAX_LICENSE or not expression.isascii():
        return "must be an SPDX licence expression such as MIT or Apache-2.0"
    try:
        parts = list(_read_parts(_join_words(_TOKEN.findall(expression))))
    except LicenceError as error:
        return str(error)
    text = " ".join(parts).replace("( ", "(").replace(" )", ")")
    is_listed = all(part in ("(", ")", *_OPERATORS) or _is_listed(part) for part in parts)
    # The parser of the library also removes brackets that change nothing.
    return Licence(str(_load_licensing().parse(text)), is_listed)


def _is_listed(part: str) -> bool:
    return part.removesuffix("+").casefold() in _symbols()


def _join_words(tokens: Sequence[str]) -> list[str]:
    """Joins the words between operators and brackets: `GPL 2.0` is one name."""
    names: list[str] = []
    for is_name, group in groupby(tokens, lambda t: t not in "()" and t.upper() not in _OPERATORS):
        words = list(group)
        names += [" ".join(words)] if is_name else words
    return names


def _read_parts(tokens: Sequence[str]) -> Iterator[str]:
    """Yields names of the list, operators and brackets. Raises LicenceError."""
    depth, before = 0, ""
    needs_name = True
    for part in tokens:
        operator = part.upper() if part.upper() in _OPERATORS else ""
        if needs_name and part == "(" and before != "WITH":
            depth += 1
        elif needs_name and part not in "()" and not operator:
            yield from _read_name(part, is_exception=before == "WITH")
            needs_name = False
        elif not needs_name and part == ")" and depth:
            depth -= 1
        elif not needs_name and operator and not (operator == "WITH" and before in (")", "WITH")):
            needs_name = True
        else:
            raise LicenceError(f"has {make_printable(part)!r} where it cannot stand")
        if operator or part in "()":
            yield operator or part
        before = operator or (before if before == "WITH" and not needs_name else part)
    if needs_name:
        raise LicenceError(f"ends with {before!r}; a licence is missing behind it")
    if depth:
        raise LicenceError("has a '(' that is not closed")


def _read_name(name: str, *, is_exception: bool) -> Iterator[str]:
    key = name.casefold()
    symbol = _symbols().get(key) or _symbols().get(key.removesuffix("+"))
    licence = _COMBINED.get(key)
    if is_exception and (_ADDITION.match(name) or (symbol and symbol.is_exception)):
        yield symbol.key if symbol else name
    elif is_exception:
        raise LicenceError(f"has {make_printable(name)!r} behind WITH, which is no SPDX exception")
    elif licence:
        yield from licence.split(" ")
    elif reference := _REFERENCE.match(name):
        document = f"DocumentRef-{reference[2]}" if reference[1] else ""
        yield f"{document}LicenseRef-{reference[4]}"
    elif symbol is None:
        raise LicenceError(
            f"has {make_printable(name)!r}, which is not on the SPDX list{_hint(name)}"
        )
    elif symbol.is_exception:
        raise LicenceError(f"has the exception {symbol.key!r} without a licence and WITH before it")
    else:
        is_later = key.endswith("+") and key not in _symbols()
        yield f"{symbol.key}+" if is_later else symbol.key


def _hint(name: str) -> str:
    words = name.replace("/", " ").replace(",", " ").replace(";", " ").replace("|", " ").split()
    if len(words) > 1 and all(word.casefold() in _symbols() for word in words):
        return f"; put AND or OR between the licences: {' OR '.join(words)}"
    if name.casefold().startswith("licenseref-"):
        return "; the name behind LicenseRef- may have letters, digits, dots and dashes"
    meaning = _COLLOQUIAL.get(_NOT_IN_NAMES.sub("", name.casefold()))
    if meaning:
        return f"; perhaps {meaning}"
    return "; use an id such as MIT, or LicenseRef- and a name for a licence of your own"


def normalise_licence(expression: str) -> str:
    """Returns an expression in the spelling of the list, or unchanged if it is none."""
    licence = _parse(expression[: MAX_LICENSE + 1])
    return expression if isinstance(licence, str) else licence.expression


def is_recognised(expression: str) -> bool:
    """Returns whether all licences of an SPDX expression are on the list."""
    licence = _parse(expression[: MAX_LICENSE + 1])
    return not isinstance(licence, str) and licence.is_recognised
