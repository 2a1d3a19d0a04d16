"""Credentials in texts, found while the bytes stream by.

Every pattern is bounded, so that scanning takes time in proportion to the text, whatever the text
is. A window keeps the end of one chunk for the next, so that a token on the border is seen whole
and once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from registry.package.checks.placeholders import is_assigned_secret, is_no_placeholder

OVERLAP = 2048


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential on a line, which counts from 1. `label` shows its first characters only."""

    line: int
    label: str


@dataclass(slots=True)
class Budget:
    """How many values the scanners of one package may still judge: hostile texts have millions."""

    left: int

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A credential: `token` begins with `marker`, its group is the value to judge.

    A fixed beginning is found some twenty times faster than an expression, so what must stand
    before it is asked afterwards. With `folded` the text is searched without regard to case.
    """

    label: str
    marker: bytes
    token: re.Pattern[bytes]
    before: re.Pattern[bytes] = re.compile(rb"(?:^|[^A-Za-z0-9_])$")
    is_secret: Callable[[bytes], bool] = is_no_placeholder
    folded: bool = False


def _pattern(label: str, marker: str, rest: str) -> Pattern:
    token = re.compile(f"{re.escape(marker)}({rest})".encode())
    return Pattern(label, marker.encode(), token)


def _assigned(word: str, before: str = "") -> Pattern:
    """A value behind a name that ends in the word, as in `api_key: "…"` or `API_KEY=…`."""
    token = (
        rf"{word}(?:_(?:base|prod|production|dev|live|staging|[0-9]{{1,2}}))?"
        r"[\"'`*\])]{0,4}[ \t]{0,16}(?::=|=>|[=:])[ \t]{0,16}[\"'`*(\[]{0,3}"
        r"([a-z0-9+/=_\-.~!@#%^&$]{16,256})"
    )
    return Pattern(
        "key or password",
        word.encode(),
        re.compile(token.encode()),
        before=re.compile(before.encode()),
        is_secret=is_assigned_secret,
        folded=True,
    )


CONTEXT = 16
"""How much of the text before a token its pattern may ask for."""
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
    """Takes the bytes of one file in order; answers with the secrets, at most one for a line."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._window = b""
        self._judged = 0
        self._line = 1
        self._last_line = 0

    def feed(self, chunk: bytes) -> Iterator[Secret]:
        self._window += chunk
        return self._scan(len(self._window) - OVERLAP)

    def finish(self) -> Iterator[Secret]:
        """The secrets in the bytes that were held back."""
        return self._scan(len(self._window))

    def _scan(self, end: int) -> Iterator[Secret]:
        """Judges what begins before `end`, then forgets it, a little context aside."""
        if self._budget.left < 0:
            self._window = b""
        if end <= self._judged or not self._window:
            return
        at, line = self._judged, self._line
        for start, label in sorted(self._candidates(self._judged, end)):
            line += self._window.count(b"\n", at, start)
            at = start
            if line > self._last_line:
                self._last_line = line
                yield Secret(line, label)
        self._line = line + self._window.count(b"\n", at, end)
        dropped = max(0, end - CONTEXT)
        self._window, self._judged = self._window[dropped:], end - dropped

    def _candidates(self, start: int, end: int) -> Iterator[tuple[int, str]]:
        """Where secrets begin between `start` and `end`, and what they look like."""
        lowered = self._window.lower()
        for pattern in _PATTERNS:
            text = lowered if pattern.folded else self._window
            if pattern.marker in text:
                for found in self._tokens(pattern, text, start, end):
                    value = self._window[found.start(1) : found.end(1)]
                    if pattern.is_secret(value):
                        shown = value if pattern.folded else found[0]
                        yield found.start(), _label(pattern.label, shown)

    def _tokens(
        self, pattern: Pattern, text: bytes, start: int, end: int
    ) -> Iterator[re.Match[bytes]]:
        found = pattern.token.search(text, start)
        while found and found.start() < end and self._budget.take():
            at = found.start()
            fits = pattern.before.search(text[max(0, at - CONTEXT) : at])
            if fits:
                yield found
            found = pattern.token.search(text, found.end() if fits else at + 1)


def _label(what: str, secret: bytes) -> str:
    return f"{what} ({secret[:4].decode('ascii', 'replace')}…)"
