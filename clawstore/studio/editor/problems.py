"""Errors of the validator in the words of a form, at their fields."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clawstore.studio.editor.parts import SchemaParts
from clawstore.studio.editor.steps import FormSteps
from wordclaw.schema import pointers

Problems = dict[str, list[str]]
"""Messages by JSON pointer."""


def problems_of(
    reader: SchemaParts, document: dict[str, Any], errors: Iterable[Mapping[str, str]]
) -> Problems:
    """Return the messages for errors with pointer, message and keyword."""
    steps = FormSteps(reader, document)
    problems: Problems = {}
    for error in errors:
        pointer, message = error["pointer"], error["message"]
        # The validator reports a missing key at its object, and an author looks for it at the
        # field.
        if error.get("keyword") == "required" and (name := _quoted_name(message)):
            pointer, message = f"{pointer}/{pointers.escape(name)}", _("Fill in this field.")
        else:
            schema = _schema_at(steps, pointer)
            message = _words(error.get("keyword", ""), schema) or message
        messages = problems.setdefault(pointer, [])
        # Several branches of a union report the same error.
        if message not in messages:
            messages.append(message)
    return problems


def _quoted_name(message: str) -> str:
    """The name that begins a message such as ``"title" is a required property``."""
    text, _middle, ending = message.rpartition('"')
    if not ending.startswith(" is a required"):
        return ""
    try:
        # The message quotes the name as JSON, with escapes.
        name = orjson.loads(f'{text}"')
    except orjson.JSONDecodeError:
        return ""
    return name if isinstance(name, str) else ""


def _schema_at(steps: FormSteps, pointer: str) -> dict[str, Any]:
    try:
        schema = steps.reader.part(steps.schema_at(pointer)).schema
    except (KeyError, IndexError, ValueError):
        return {}
    return schema


def _words(keyword: str, schema: dict[str, Any]) -> str:
    """The message of a form; "" where the validator's own is as good."""
    limit = schema.get(keyword)
    if keyword == "format":
        return {
            "email": _("Enter an email address."),
            "uri": _("Enter a whole address, such as https://example.org/page."),
            "date": _("Enter a date, such as 2026-11-30."),
            "date-time": _("Enter a time with its zone, such as 2026-11-30T12:00:00Z."),
        }.get(str(limit), "")
    if not isinstance(limit, int | float) or isinstance(limit, bool):
        return {"enum": _("Select one of the options."), "const": _("This value is fixed.")}.get(
            keyword, ""
        )
    return _limit_words(keyword, limit)


def _limit_words(keyword: str, limit: float) -> str:
    count = int(limit)
    if keyword == "minLength":
        return ngettext(
            "Use at least %(n)d character.", "Use at least %(n)d characters.", count
        ) % {"n": count}
    if keyword == "maxLength":
        return ngettext("Use at most %(n)d character.", "Use at most %(n)d characters.", count) % {
            "n": count
        }
    if keyword == "minItems":
        return ngettext("Add at least %(n)d entry.", "Add at least %(n)d entries.", count) % {
            "n": count
        }
    if keyword == "maxItems":
        return ngettext("Keep at most %(n)d entry.", "Keep at most %(n)d entries.", count) % {
            "n": count
        }
    if keyword == "minimum":
        return _("Enter at least %(n)s.") % {"n": limit}
    if keyword == "maximum":
        return _("Enter at most %(n)s.") % {"n": limit}
    return ""
