"""Differences between two published versions of a policy, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clawstore.editorial.errors import PageNotFound
from clawstore.editorial.kinds import kind_of, read_texts
from clawstore.editorial.models import ContentPage
from clawstore.editorial.prices import visible_data_of
from foundation.text.diff import DiffBudget, TextDiff, diff_texts
from foundation.web.languages import choose_or_default
from wordclaw.content.models import ContentItemVersion
from wordclaw.content.models.items import PUBLISHED

# The fields that readers see, in the order of the page.
FIELDS: tuple[tuple[str, Promise], ...] = (
    ("title", _("Title")),
    ("summary", _("Summary")),
    ("body", _("Text")),
)


@dataclass(frozen=True, slots=True)
class PolicyFieldChange:
    """The words that changed in one field."""

    label: str
    diff: TextDiff


@dataclass(frozen=True, slots=True)
class PolicyChanges:
    """The changes from one published version to another, in one language."""

    old: ContentItemVersion
    new: ContentItemVersion
    language: str
    fields: list[PolicyFieldChange]
    # Languages in which the two versions differ, beside the one that is shown.
    other_languages: list[str]


def compare_versions(
    page: ContentPage, old: int, new: int, languages: Sequence[str]
) -> PolicyChanges:
    """Return the changes between two versions that readers got. Raises PageNotFound."""
    # Drafts in between stay unseen, as everywhere outside of the studio.
    versions = ContentItemVersion.objects.filter(item_id=page.pk, status=PUBLISHED)
    versions = versions.select_related("item__content_type__domain")
    by_number = {version.version: version for version in versions.filter(version__in=(old, new))}
    if not old < new or len(by_number) < 2:
        raise PageNotFound
    before, after = by_number[old], by_number[new]
    language = choose_or_default(languages, _texts(after, "title"))
    other_languages = sorted(set(_changed_languages(before, after)) - {language})
    changes = list(_changes(before, after, language))
    return PolicyChanges(before, after, language, changes, other_languages)


def _changes(
    before: ContentItemVersion, after: ContentItemVersion, language: str
) -> Iterator[PolicyFieldChange]:
    # One budget, because the texts are long and the page is public.
    budget = DiffBudget()
    for name, label in FIELDS:
        texts = [_texts(version, name).get(language, "") for version in (before, after)]
        if texts[0] != texts[1]:
            diff = diff_texts(texts[0], texts[1], is_prose=True, budget=budget)
            yield PolicyFieldChange(str(label), diff)


def _changed_languages(before: ContentItemVersion, after: ContentItemVersion) -> Iterator[str]:
    for name, _label in FIELDS:
        old, new = _texts(before, name), _texts(after, name)
        yield from (key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _texts(version: ContentItemVersion, name: str) -> dict[str, str]:
    kind = kind_of(version.item.content_type)
    return read_texts(visible_data_of(version, kind).get(name))
