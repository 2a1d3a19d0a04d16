"""States of rows at the desk: a word with a tone.

A tick or a cross says the opposite to a reader in a hurry, so no column shows a boolean.
"""

from enum import StrEnum

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext


class Tone(StrEnum):
    """How a state is to be taken; each has a colour and a shape."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    QUIET = "quiet"


def state_mark(word: object, tone: Tone) -> SafeString:
    """The HTML of a state; screen readers skip the shape beside the word."""
    return format_html('<span class="state state-{}">{}</span>', tone.value, word)


def yes_or_no(value: bool | None) -> str:
    """A boolean as a word."""
    if value is None:
        return "—"
    return gettext("yes") if value else gettext("no")
