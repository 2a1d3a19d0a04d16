"""What a visitor asks of the browse page, and how it reads back as links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.models import Channel
from registry.search import BEST_MATCH, MOST_TAGS, MOST_TEXT, SORTS, AgentSearch
from registry.sheets import Shelf

SORT_NAMES = {
    BEST_MATCH: _("Best match"),
    "recent": _("Newest"),
    "downloads": _("Downloads"),
    "rating": _("Rating"),
    "name": _("Name"),
}
CHANNEL_NAMES = {
    Channel.COMMUNITY: _("Community"),
    Channel.OFFICIAL: _("Official"),
    Channel.BETA: _("Pre-releases"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes the search; ``url`` leads to the search so changed."""

    name: str | Promise
    url: str
    is_chosen: bool = False
    kind: str = ""
    count: int | None = None


class AgentSearchForm(forms.Form):
    """Reads the address; what makes no sense is left out and named in ``ignored``."""

    q = forms.CharField(required=False, max_length=MOST_TEXT)
    category = forms.CharField(required=False, max_length=64)
    channel = forms.ChoiceField(required=False, choices=[(c, c) for c in Channel.values])
    scope = forms.CharField(required=False, max_length=80)
    sort = forms.ChoiceField(required=False, choices=[(s, s) for s in (*SORTS, BEST_MATCH)])
    tag = forms.CharField(required=False, max_length=64)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.asked = data

    @cached_property
    def values(self) -> dict[str, str]:
        """The fields that make sense and are not empty, all but the tags."""
        self.full_clean()
        return {k: v for k, v in self.cleaned_data.items() if v and k != "tag"}

    @cached_property
    def tags(self) -> list[str]:
        """Every tag once, in the order of the address."""
        field = self.fields["tag"]
        asked = dict.fromkeys(tag.strip().lower() for tag in self.asked.getlist("tag"))
        return [tag for tag in asked if tag and _fits(field, tag)][:MOST_TAGS]

    @property
    def ignored(self) -> list[str]:
        """Names of the parameters that made no sense."""
        return sorted(self.errors)

    def search(self) -> AgentSearch:
        values = dict(self.values)
        text = values.pop("q", "")
        return AgentSearch(text=text, tags=tuple(self.tags), **values).checked()

    def url(self, **changes: Any) -> str:
        """The address of this search with some parts changed, always from its first page."""
        parts: dict[str, Any] = {**self.values, "tag": self.tags, **changes}
        query = urlencode({k: v for k, v in parts.items() if v}, doseq=True)
        return reverse("browse") + (f"?{query}" if query else "")

    @property
    def query(self) -> str:
        """What stands behind the path in this search's address, with its question mark."""
        _, mark, asked = self.url().partition("?")
        return mark + asked

    def hidden(self) -> list[tuple[str, str]]:
        """What a new text keeps of this search."""
        kept = [(k, v) for k, v in self.values.items() if k not in {"q", "sort"}]
        return kept + [("tag", tag) for tag in self.tags]

    def links(self, shelves: Sequence[Shelf], tags: Sequence[str]) -> dict[str, list[Choice]]:
        """Every way on from this search, by the name under which the page shows it."""
        return {
            "filters": list(self.filters({s.category.pk: s.category.name for s in shelves})),
            "sorts": self.sorts(),
            "channels": self.channels(),
            "categories": self.categories(shelves),
            "tags": [
                Choice(tag, self.url(tag=[*self.tags, tag])) for tag in tags if tag not in self.tags
            ],
        }

    def filters(self, category_names: dict[str, str]) -> Iterator[Choice]:
        """Every active filter as a link that takes it away."""
        scope = self.values.get("scope", "")
        names: dict[str, Mapping[Any, str | Promise]] = {
            "category": category_names,
            "channel": CHANNEL_NAMES,
            "scope": {scope: f"@{scope.lstrip('@')}"},
        }
        for kind in names:
            if value := self.values.get(kind):
                yield Choice(names[kind].get(value, value), self.url(**{kind: ""}), kind=kind)
        for tag in self.tags:
            yield Choice(tag, self.url(tag=[t for t in self.tags if t != tag]), kind="tag")

    def categories(self, shelves: Sequence[Shelf]) -> list[Choice]:
        chosen = self.values.get("category", "")
        everything = Choice(
            _("Every category"),
            self.url(category=""),
            not chosen,
            count=sum(shelf.count for shelf in shelves),
        )
        return [everything] + [
            Choice(
                shelf.category.name,
                self.url(category=shelf.category.pk),
                shelf.category.pk == chosen,
                count=shelf.count,
            )
            for shelf in shelves
        ]

    def sorts(self) -> list[Choice]:
        chosen = self.search().effective_sort
        possible = [s for s in SORT_NAMES if s != BEST_MATCH or self.values.get("q")]
        default = possible[0]
        return [
            Choice(SORT_NAMES[s], self.url(sort="" if s == default else s), s == chosen)
            for s in possible
        ]

    def channels(self) -> list[Choice]:
        chosen = self.values.get("channel", "")
        return [Choice(_("Every channel"), self.url(channel=""), not chosen)] + [
            Choice(name, self.url(channel=channel.value), channel == chosen)
            for channel, name in CHANNEL_NAMES.items()
        ]


def _fits(field: forms.Field, value: str) -> bool:
    try:
        field.clean(value)
    except forms.ValidationError:
        return False
    return True
