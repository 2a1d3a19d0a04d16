"""The languages of a form: which of them have columns, and what lacks in each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import get_language_info

from wordclaw.schema.extensions import Localization

if TYPE_CHECKING:
    from clawstore.studio.editor.nodes import Node

Languages = Localization
MAX_LABELS = 5


@dataclass(frozen=True, slots=True)
class LanguageState:
    """How much of a form is filled in one language, and the fields that are not."""

    tag: str
    name: str
    is_default: bool
    filled_count: int
    total: int
    missing_labels: list[str]

    @property
    def is_complete(self) -> bool:
        return self.filled_count == self.total


def language_name(tag: str) -> str:
    """Return the name of a language with its tag, or the tag alone."""
    try:
        name = get_language_info(tag.lower())["name"]
    except KeyError:
        return tag
    return f"{name} ({tag})"


def language_states(
    languages: Languages, columns: frozenset[str], root: "Node"
) -> list[LanguageState]:
    """Return the state of each language; fields without any text do not count."""
    # An optional field that is empty in each language is missing in none.
    groups = [node for node in root.walk() if node.kind == "localized" and node.is_filled]
    return [_state_in(tag, languages, groups) for tag in languages.supported_tags if tag in columns]


def _state_in(tag: str, languages: Languages, groups: list["Node"]) -> LanguageState:
    missing_labels = [
        group.label
        for group in groups
        if not any(child.language == tag and child.is_filled for child in group.children)
    ]
    return LanguageState(
        tag,
        language_name(tag),
        tag == languages.default,
        len(groups) - len(missing_labels),
        len(groups),
        list(dict.fromkeys(missing_labels))[:MAX_LABELS],
    )
