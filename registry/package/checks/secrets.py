"""Finds credentials in a text while its bytes arrive (ADR 4).

One automaton finds the triggers of all forms in a single pass, and each form then reads a bounded
part of the text, so the time is proportional to the size of the text, even if the text is hostile.
A window keeps the end of each chunk for the next one, so that a token on the border is found
complete, and once.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from foundation.text.expressions import ExpressionSet, compile_bytes
from registry.package.checks.encoding import count_line_ends
from registry.package.checks.secret_forms import (
    CONTEXT_BYTES,
    FORMS,
    PRIVATE_KEY,
    SHOP_KEY,
    VALUE_BYTES,
    SecretForm,
)
from registry.package.checks.secret_spellings import find_spellings

OVERLAP_BYTES = 2048
"""The end of a chunk that waits for the next one: longer than any token."""

_TRIGGERS = compile_bytes("|".join(form.trigger for form in FORMS).encode())
_ANCHORED_TRIGGERS = ExpressionSet(form.trigger.encode() for form in FORMS)


@dataclass(frozen=True, slots=True)
class DetectedSecret:
    """A credential on a line, counted from 1.

    `label` names its kind and shows its first four characters: a finding must not repeat a secret.
    `shop_key` is the SHA-256 of a key of this shop, else empty.
    """

    line: int
    label: str
    shop_key: str = ""


@dataclass(frozen=True, slots=True)
class _Secret:
    """A value in `text` from `position` on; `start` is its place in the window."""

    start: int
    form: SecretForm
    text: bytes
    position: int
    value: bytes

    def describe(self, line: int) -> DetectedSecret:
        trigger = self.text[self.position : self.position + 4]
        excerpt = self.value[:4] if self.form.is_assignment else trigger
        label = f"{self.form.label} ({excerpt.decode('ascii', 'replace')}…)"
        if self.form.label != SHOP_KEY:
            return DetectedSecret(line, label)
        end = self.text.index(self.value, self.position) + len(self.value)
        key = self.text[self.position : end]
        return DetectedSecret(line, label, hashlib.sha256(key).hexdigest())


@dataclass(slots=True)
class CandidateBudget:
    """The number of values that the scanners of one package may still examine.

    A hostile text contains millions of values that look like secrets. After the budget is spent,
    the package is refused.
    """

    remaining_count: int

    @property
    def is_exceeded(self) -> bool:
        return self.remaining_count < 0

    def spend(self) -> bool:
        """Takes one value from the budget. Returns False if none was left."""
        self.remaining_count -= 1
        return not self.is_exceeded


class SecretScanner:
    """Scans one file. It reports at most one secret per line."""

    def __init__(self, budget: CandidateBudget) -> None:
        self._budget = budget
        self._window = b""
        self._scanned_bytes = 0
        """Bytes at the start of the window that were scanned before and serve as context."""
        self._line = 1
        self._last_reported_line = 0

    def feed(self, chunk: bytes) -> Iterator[DetectedSecret]:
        """Takes the next bytes and yields the secrets that are complete."""
        self._window += chunk
        return self._scan(len(self._window) - OVERLAP_BYTES)

    def finish(self) -> Iterator[DetectedSecret]:
        """Yields the secrets in the bytes that waited for more."""
        return self._scan(len(self._window))

    def _scan(self, end: int) -> Iterator[DetectedSecret]:
        """Yields the secrets that start before `end`, then drops the bytes before it."""
        if self._budget.is_exceeded:
            self._window = b""
        if end <= self._scanned_bytes or not self._window:
            return
        position, line = self._scanned_bytes, self._line
        secrets = sorted(
            self._find_secrets(self._scanned_bytes, end), key=lambda secret: secret.start
        )
        for secret in secrets:
            line += count_line_ends(self._window, position, secret.start)
            position = secret.start
            # A line with two findings is corrected once, and a minified file would give thousands.
            # A key of this shop must be revoked, whatever else is on its line.
            if line > self._last_reported_line or secret.form.label == SHOP_KEY:
                self._last_reported_line = line
                yield secret.describe(line)
        self._line = line + count_line_ends(self._window, position, end)
        dropped_bytes = max(0, end - CONTEXT_BYTES)
        self._window, self._scanned_bytes = self._window[dropped_bytes:], end - dropped_bytes

    def _find_secrets(self, start: int, end: int) -> Iterator[_Secret]:
        """Yields the secrets that start between both positions, in no order."""
        for form, position, value in self._search(self._window, start, end):
            yield _Secret(position, form, self._window, position, value)
        for spelling in find_spellings(self._window, start, end):
            text = spelling.text
            for form, position, value in self._search(text, 0, len(text)):
                origin = spelling.origin(position)
                # Names and values that are joined by chance are no assignment, and the lines of a
                # private key are read by its form.
                is_token = not form.is_assignment and form.label != PRIVATE_KEY
                if is_token and start <= origin < end:
                    yield _Secret(origin, form, text, position, value)

    def _search(self, text: bytes, start: int, end: int) -> Iterator[tuple[SecretForm, int, bytes]]:
        match = _TRIGGERS.search(text, start)
        while match and match.start() < end and self._budget.spend():
            position = match.start()
            form, value = _read(text, position)
            if value:
                token = _read_token(text, position, value) if form.holds_token else None
                yield token or (form, position, value)
            match = _TRIGGERS.search(text, match.end() if value else position + 1)


def _read_token(text: bytes, position: int, value: bytes) -> tuple[SecretForm, int, bytes] | None:
    """Returns form, position and value of the token that a password is, or None.

    The finding names that form, and a key of this shop has to be known as one: `token: claw_…`.
    """
    start = text.index(value, position)
    match = _TRIGGERS.search(text, start, start + len(value))
    if match is None:
        return None
    form, value_of_form = _read(text, match.start())
    return (form, match.start(), value_of_form) if value_of_form else None


def _read(text: bytes, position: int) -> tuple[SecretForm, bytes]:
    """Returns the first form that fits, and its value; an empty one is no secret."""
    for index in _ANCHORED_TRIGGERS.matching(text[position : position + VALUE_BYTES]):
        value = FORMS[index].read(text, position)
        if value is not None:
            return FORMS[index], value
    return FORMS[0], b""
