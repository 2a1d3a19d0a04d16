"""Finds credentials in a text while its bytes arrive (ADR 4).

Every pattern has a bounded length, so the time is proportional to the size of the text, even if
the text is hostile. A window keeps the end of each chunk for the next one, so that a token on the
border is found complete, and once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from registry.package.checks.placeholders import is_assigned_secret, is_placeholder

OVERLAP_BYTES = 2048
"""The end of a chunk that waits for the next one: longer than any token."""
CONTEXT_BYTES = 16
"""The text before a token that its pattern may examine."""


@dataclass(frozen=True, slots=True)
class DetectedSecret:
    """A credential on a line, counted from 1.

    `label` names its kind and shows its first four characters: a finding must not repeat a secret.
    """

    line: int
    label: str


@dataclass(slots=True)
class CandidateBudget:
    """The number of values that the scanners of one package may still examine.

    A hostile text contains millions of values that look like secrets. After the budget is spent,
    the package is refused.
    """

    remaining: int

    @property
    def is_exceeded(self) -> bool:
        return self.remaining < 0

    def spend(self) -> bool:
        """Takes one value from the budget. Returns False if none was left."""
        self.remaining -= 1
        return not self.is_exceeded


def _is_likely_secret(token: bytes) -> bool:
    return not is_placeholder(token)


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """One kind of credential.

    `token` starts with `marker`; its group 1 is the value that `is_secret` examines. `before` must
    match the text in front of it. With `ignores_case`, text and patterns are in lower case.
    """

    label: str
    # Searching for a fixed marker first is some twenty times faster than the expression alone,
    # and a lookbehind would prevent it: therefore `before` is a pattern of its own.
    marker: bytes
    token: re.Pattern[bytes]
    before: re.Pattern[bytes] = re.compile(rb"(?:^|[^A-Za-z0-9_])$")
    is_secret: Callable[[bytes], bool] = _is_likely_secret
    ignores_case: bool = False


def _pattern(label: str, marker: str, rest: str) -> SecretPattern:
    token = re.compile(f"{re.escape(marker)}({rest})".encode())
    return SecretPattern(label, marker.encode(), token)


def _assigned(word: str, before: str = "") -> SecretPattern:
    """Returns a pattern for `api_key: "…"`, where the name ends in `word`."""
    token = (
        rf"{word}(?:_(?:base|prod|production|dev|live|staging|[0-9]{{1,2}}))?"
        r"[\"'`*\])]{0,4}[ \t]{0,16}(?::=|=>|[=:])[ \t]{0,16}[\"'`*(\[]{0,3}"
        r"([a-z0-9+/=_\-.~!@#%^&$]{16,256})"
    )
    return SecretPattern(
        "key or password",
        word.encode(),
        re.compile(token.encode()),
        before=re.compile(before.encode()),
        is_secret=is_assigned_secret,
        ignores_case=True,
    )


_END = r"(?![A-Za-z0-9_-])"
_PATTERNS = (
    _pattern("AWS access key", "AKIA", "[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _pattern("AWS access key", "ASIA", "[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _pattern("Anthropic key", "sk-ant-", "[A-Za-z0-9_-]{16,256}"),
    _pattern("OpenAI key", "sk-", "(?!ant-)[A-Za-z0-9_-]{20,256}"),
    *(_pattern("GitHub token", f"gh{kind}_", "[A-Za-z0-9]{30,255}") for kind in "pousr"),
    _pattern("GitHub token", "github_pat_", "[A-Za-z0-9_]{22,255}"),
    _pattern("GitLab token", "glpat-", "[A-Za-z0-9_-]{20,64}"),
    _pattern("Slack token", "xox", "[abceoprs]-[A-Za-z0-9-]{10,256}"),
    _pattern("Slack token", "xapp-", "[0-9]-[A-Za-z0-9-]{20,256}"),
    _pattern("Slack webhook", "hooks.slack.com/services/", "T[A-Za-z0-9/]{20,100}"),
    _pattern("Google key", "AIza", "[A-Za-z0-9_-]{35}" + _END),
    _pattern("Google client secret", "GOCSPX-", "[A-Za-z0-9_-]{28}" + _END),
    _pattern("Stripe key", "sk_", "(?:live|test)_[A-Za-z0-9]{10,256}"),
    _pattern("Stripe key", "rk_", "(?:live|test)_[A-Za-z0-9]{10,256}"),
    _pattern("npm token", "npm_", "[A-Za-z0-9]{36}" + _END),
    _pattern("PyPI token", "pypi-", "AgE[A-Za-z0-9_-]{40,256}"),
    _pattern("Hugging Face token", "hf_", "[A-Za-z0-9]{34}" + _END),
    _pattern("SendGrid key", "SG.", r"[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}"),
    _pattern("Groq key", "gsk_", "[A-Za-z0-9]{40,64}" + _END),
    replace(
        _pattern("Telegram bot token", ":AA", "[A-Za-z0-9_-]{33}" + _END),
        before=re.compile(rb"(?:^|[^0-9])[0-9]{8,10}$"),
    ),
    _pattern(
        "private key",
        "-----BEGIN ",
        r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[\"'+>|]){1,40}"
        r"(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):[^\n]{0,100}\s{1,4}){0,5}"
        r"[A-Za-z0-9+/=]{12,80}",
    ),
    _assigned("key", before=r"(?:api|access|secret|private|account)[_\- ]?$"),
    _assigned("secret"),
    _assigned("token"),
    _assigned("password"),
    _assigned("passwd"),
)


class SecretScanner:
    """Scans one file. It reports at most one secret per line."""

    def __init__(self, budget: CandidateBudget) -> None:
        self._budget = budget
        self._window = b""
        self._scanned = 0
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
        if end <= self._scanned or not self._window:
            return
        position, line = self._scanned, self._line
        for start, label in sorted(self._find_candidates(self._scanned, end)):
            line += self._window.count(b"\n", position, start)
            position = start
            if line > self._last_reported_line:
                self._last_reported_line = line
                yield DetectedSecret(line, label)
        self._line = line + self._window.count(b"\n", position, end)
        drop = max(0, end - CONTEXT_BYTES)
        self._window, self._scanned = self._window[drop:], end - drop

    def _find_candidates(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Yields position and label of each secret that starts between `start` and `end`."""
        lowercase_window = self._window.lower()
        for pattern in _PATTERNS:
            text = lowercase_window if pattern.ignores_case else self._window
            if pattern.marker not in text:
                continue
            for match in self._find_tokens(pattern, text, start, end):
                value = self._window[match.start(1) : match.end(1)]
                if pattern.is_secret(value):
                    # For an assignment the match begins with the name, which is no secret.
                    excerpt = (value if pattern.ignores_case else match[0])[:4]
                    yield match.start(), f"{pattern.label} ({excerpt.decode('ascii', 'replace')}…)"

    def _find_tokens(
        self, pattern: SecretPattern, text: bytes, start: int, end: int
    ) -> Iterator[re.Match[bytes]]:
        match = pattern.token.search(text, start)
        while match and match.start() < end and self._budget.spend():
            position = match.start()
            context = text[max(0, position - CONTEXT_BYTES) : position]
            fits = pattern.before.search(context)
            if fits:
                yield match
            match = pattern.token.search(text, match.end() if fits else position + 1)
