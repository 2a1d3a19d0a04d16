"""What a visitor asks of the browse page, and how it reads back as links."""

from collections import Counter
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
from registry.search import (
    BEST_MATCH,
    MOST_TAGS,
    MOST_TEXT,
    SORTS,
    AgentSearch,
    FacetCounts,
    is_operator,
)
from registry.search.results import Browsed, Shelf

SORT_NAMES = {
    BEST_MATCH: _("Best match"),
    "recent": _("Updated"),
    "new": _("New"),
    "rating": _("Rating"),
    "downloads-30d": _("Downloads in 30 days"),
}
# Not offered, and obeyed where an address asks for them.
OTHER_SORT_NAMES = {"downloads": _("All downloads"), "name": _("Name")}
MOST_CHOICES = 8
NO_SECRETS = _("Needs no secrets")
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
    license = forms.CharField(required=False, max_length=255)
    provider = forms.CharField(required=False, max_length=64)
    secrets = forms.ChoiceField(required=False, choices=[("none", "none")])

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
        values: dict[str, Any] = dict(self.values)
        text, secrets = values.pop("q", ""), values.pop("secrets", "")
        asked = AgentSearch(
            text=text, tags=tuple(self.tags), no_secrets=secrets == "none", **values
        )
        return asked.checked()

    def url(self, **changes: Any) -> str:
        """The address of this search with some parts changed, always from its first page."""
        parts: dict[str, Any] = {**self.values, "tag": self.tags, **changes}
        query = urlencode({k: v for k, v in parts.items() if v}, doseq=True)
        return self._path + (f"?{query}" if query else "")

    @cached_property
    def _path(self) -> str:
        return reverse("browse")

    @property
    def query(self) -> str:
        """What stands behind the path in this search's address, with its question mark."""
        _, mark, asked = self.url().partition("?")
        return mark + asked

    def hidden(self) -> list[tuple[str, str]]:
        """What a new text keeps of this search."""
        kept = [(k, v) for k, v in self.values.items() if k not in {"q", "sort"}]
        return kept + [("tag", tag) for tag in self.tags]

    def links(self, browsed: Browsed) -> dict[str, Any]:
        """Every way on from this search, by the name under which the page shows it."""
        facets, spelled = browsed.facets, browsed.nearest
        return {
            "filters": list(
                self.filters({s.category.pk: s.category.name for s in browsed.shelves})
            ),
            "sorts": self.sorts(),
            "channels": self.channels(facets.channels),
            "categories": self.categories(browsed.shelves),
            "licenses": self.most_common("license", facets.licenses, _("All licences")),
            "providers": self.most_common("provider", facets.providers, _("All providers")),
            "secrets": self.secret_choices(facets),
            "tags": [
                Choice(tag, self.url(tag=[*self.tags, tag]), count=count)
                for tag, count in browsed.tags
            ],
            "reading": browsed.reading,
            "spelled": Choice(spelled, self.url(q=self.respelled(spelled))) if spelled else None,
        }

    def respelled(self, spelled: str) -> str:
        """The text with its better spelling, the operators behind it."""
        words = [word for word in self.values["q"].split() if is_operator(word)]
        return " ".join([spelled, *words])

    def filters(self, category_names: dict[str, str]) -> Iterator[Choice]:
        """Every active filter as a link that takes it away."""
        scope = self.values.get("scope", "")
        names: dict[str, Mapping[Any, str | Promise]] = {
            "category": category_names,
            "channel": CHANNEL_NAMES,
            "scope": {scope: f"@{scope.lstrip('@')}"},
            "license": {},
            "provider": {},
            "secrets": {"none": NO_SECRETS},
        }
        for kind in names:
            if value := self.values.get(kind):
                yield Choice(names[kind].get(value, value), self.url(**{kind: ""}), kind=kind)
        for tag in self.tags:
            yield Choice(tag, self.url(tag=[t for t in self.tags if t != tag]), kind="tag")

    def categories(self, shelves: Sequence[Shelf]) -> list[Choice]:
        chosen = self.values.get("category", "")
        everything = Choice(
            _("All categories"),
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

    def most_common(self, kind: str, counts: Counter[str], every: Promise) -> list[Choice]:
        """The most common values of a facet, the chosen one always among them; those who name none
        are counted under ``every`` alone."""
        chosen = self.values.get(kind, "")
        common = sorted((v for v in counts if v), key=lambda v: (v != chosen, -counts[v], v))
        named = dict.fromkeys([*([chosen] if chosen else []), *common])
        shown = sorted(list(named)[:MOST_CHOICES], key=lambda v: (-counts[v], v))
        return [Choice(every, self.url(**{kind: ""}), not chosen, count=sum(counts.values()))] + [
            Choice(value, self.url(**{kind: value}), value == chosen, count=counts[value])
            for value in shown
        ]

    def secret_choices(self, facets: FacetCounts) -> list[Choice]:
        is_chosen = "secrets" in self.values
        return [
            Choice(
                NO_SECRETS,
                self.url(secrets="" if is_chosen else "none"),
                is_chosen,
                count=facets.without_secrets,
            )
        ]

    def sorts(self) -> list[Choice]:
        chosen = self.search().effective_sort
        names = {**SORT_NAMES, **{k: v for k, v in OTHER_SORT_NAMES.items() if k == chosen}}
        possible = [s for s in names if s != BEST_MATCH or self.search().text]
        default = possible[0]
        return [
            Choice(names[s], self.url(sort="" if s == default else s), s == chosen)
            for s in possible
        ]

    def channels(self, counts: Counter[str]) -> list[Choice]:
        chosen = self.values.get("channel", "")
        everything = Choice(_("All channels"), self.url(channel=""), not chosen, count=counts[""])
        return [everything] + [
            Choice(name, self.url(channel=channel.value), channel == chosen, count=counts[channel])
            for channel, name in CHANNEL_NAMES.items()
        ]


def _fits(field: forms.Field, value: str) -> bool:
    try:
        field.clean(value)
    except forms.ValidationError:
        return False
    return True
