"""The languages of a form."""

from django.utils.translation import get_language_info

from wordclaw.schema.extensions import Localization

Languages = Localization


def language_name(tag: str) -> str:
    """Return the name of a language with its tag, or the tag alone."""
    try:
        name = get_language_info(tag.lower())["name"]
    except KeyError:
        return tag
    return f"{name} ({tag})"
