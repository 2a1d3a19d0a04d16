"""Environment variables, read by one parser that names every wrong value.

Settings, gunicorn and `make serve` read their variables here. A wrong value becomes a problem and
reading goes on with the default, so `refuse_problems` names all wrong values at once. Messages
contain neither secrets nor addresses with a password.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

from clawstore.secret_strength import weakness_of

Parsed = TypeVar("Parsed")
Network = IPv4Network | IPv6Network
SWITCH = {"on": True, "true": True, "yes": True, "1": True}
SWITCH |= {"off": False, "false": False, "no": False, "0": False}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ADVICE = "python3 -c 'import secrets; print(secrets.token_urlsafe(64))' prints a good one"


class InvalidEnvironment(ImproperlyConfigured):
    """Variables are missing or wrong; the message names all of them."""


class Environment:
    """The variables of a process. An empty value counts as none."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self.variables = os.environ if variables is None else variables
        self.problems: dict[str, str] = {}
        # First, because it decides which of the other variables are required.
        self.mode = self.choice("CLAWSTORE_MODE", ("development", "production"), "development")

    @property
    def is_development(self) -> bool:
        return self.mode == "development"

    def text(self, name: str, default: str = "") -> str:
        # Compose files and unit files often pass a variable that is set to nothing.
        return self.variables.get(name, "").strip() or default

    def line(self, name: str, default: str = "") -> str:
        """A text for pages and subjects: one line of printable characters."""
        value = self.text(name, default)
        # A line break in a subject or a header would let a value add headers of its own.
        if not value.isprintable():
            self.refuse(name, "contains a line break or another control character")
        return value

    def required(self, name: str, development: str = "") -> str:
        """A value that production requires, or the default of development."""
        value = self.text(name)
        if not value and not self.is_development:
            self.refuse(name, "is missing")
        return value or (development if self.is_development else "")

    def texts(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """Values separated by commas."""
        values = [value.strip() for value in self.text(name).split(",")]
        if self.text(name) and not any(values):
            self.refuse(name, "has no value between its commas")
        return [value for value in values if value] or list(default)

    def networks(self, name: str) -> list[Network]:
        """Networks separated by commas: ``10.1.0.0/16``."""
        networks: list[Network] = []
        for text in self.texts(name):
            try:
                networks.append(ip_network(text))
            except ValueError:
                self.refuse(name, f"has {text[:40]!r}, which is no network such as 10.1.0.0/16")
        return networks

    def number(self, name: str, default: int, *, at_least: int = 0, at_most: int = 2**31) -> int:
        value = self.text(name)
        # `isdigit` alone is true of digits that `int` does not know, such as ².
        is_number = value.isascii() and value.isdigit() and len(value) < 12
        if not value or (is_number and at_least <= int(value) <= at_most):
            return int(value or default)
        self.refuse(name, f"is {value[:40]!r}, not a number from {at_least} to {at_most}")
        return default

    def port(self) -> int:
        return self.number("PORT", 8000, at_least=1, at_most=65535)

    def switch(self, name: str, default: bool) -> bool:
        value = self.text(name)
        if value and value.lower() not in SWITCH:
            # Cut, because a misplaced secret must not be printed whole into the log.
            self.refuse(name, f"is {value[:40]!r}, not on or off")
        return SWITCH.get(value.lower(), default)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            self.refuse(name, f"is {value[:40]!r}, not {' or '.join(choices)}")
            return default
        return value

    def secret(self, name: str) -> str:
        """A value that must be hard to guess in production."""
        value = self.text(name)
        if not value and not self.is_development:
            self.refuse(name, f"is missing; {ADVICE}")
        self._refuse_weak(name, [value])
        return value

    def refuse_equal(self, name: str, other_name: str) -> None:
        if self.text(name) and self.text(name) == self.text(other_name) and not self.is_development:
            self.refuse(name, f"is the same as {other_name}")

    def former_secrets(self, name: str) -> list[str]:
        values = self.texts(name)
        self._refuse_weak(name, values)
        return values

    def _refuse_weak(self, name: str, values: list[str]) -> None:
        # In development secrets are made up, and an example value is as good.
        weak = [weakness_of(value) for value in values if value and not self.is_development]
        if any(weak):
            self.refuse(name, f"is weak: {next(filter(None, weak))}; {ADVICE}")

    def folder(self, name: str, default: Path) -> Path:
        """A folder that is created if it is missing, unless another variable is wrong."""
        path, text = default, self.text(name)
        try:
            path = Path(text or default).expanduser()
            # Each process would take another folder for it.
            if not (path.is_absolute() or self.is_development):
                self.refuse(name, f"is {text[:80]!r}, not an absolute path")
            path = path.resolve()
            # With another variable wrong the default may be the wrong place, and nothing should be
            # created there.
            if text or not self.problems:
                path.mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self.refuse(name, f"is {str(path)[:200]}, which cannot be created: {reason}")
            return default
        # Found now, and not at the first upload.
        if path.exists() and not os.access(path, os.W_OK | os.X_OK):
            self.refuse(name, f"is {path}, where this user may not write")
        return path

    def parsed(self, name: str, value: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        """The parsed value, or None and a problem. The value stays secret."""
        try:
            return parse(value)
        except (ImproperlyConfigured, LookupError, TypeError, ValueError):
            self.refuse(name, "cannot be read; its form is in .env.example")
            return None

    def refuse(self, name: str, problem: str) -> None:
        # The first problem of a variable is its cause; later ones follow from the default that
        # replaced it.
        self.problems.setdefault(name, problem)

    def refuse_problems(self) -> None:
        """Raise InvalidEnvironment if a variable is missing or wrong."""
        if self.problems:
            raise InvalidEnvironment(message_of(self.problems))


def message_of(problems: Mapping[str, str]) -> str:
    """One line for one problem; a line for each of several."""
    sentences = [f"{name} {problem}." for name, problem in problems.items()]
    if len(sentences) == 1:
        return f"Clawstore cannot start: {sentences[0]}"
    head = f"Clawstore cannot start: {len(sentences)} variables are wrong (see .env.example)."
    return "\n  ".join([head, *sentences])


@contextmanager
def exit_on_problems() -> Iterator[None]:
    """End the process with the message, without a traceback."""
    try:
        yield
    except InvalidEnvironment as error:
        sys.exit(str(error))
