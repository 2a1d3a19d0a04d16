"""Reads a search from an address, and links to changed searches."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.text.languages import NAMES as LANGUAGE_NAMES
from registry.models import Channel
from registry.search.facets import FacetCounts
from registry.search.intents import Intent, folded_with_licence
from registry.search.query import (
    BEST_MATCH,
    FREE,
    MAX_TAGS,
    MAX_TEXT_LENGTH,
    PAID,
    PRICES,
    SORTS,
    AgentSearch,
    is_operator,
    parse_search,
)
from registry.search.results import CategoryCount, SearchPage, count_categories

SORT_NAMES = {
    BEST_MATCH: _("Best match"),
    "recent": _("Updated"),
    "new": _("New"),
    "rating": _("Rating"),
    "downloads-30d": _("Downloads in 30 days"),
}
# Not offered, but obeyed if the address has them.
OTHER_SORT_NAMES = {"downloads": _("All downloads"), "name": _("Name")}
# Values shown of a facet with many.
MAX_VALUES = 8
NO_SECRETS = _("Needs no secrets")
INTENT_NAMES: dict[str, Promise] = {
    "secrets": NO_SECRETS,
    "provider": _("Model runs locally"),
    "license": _("Licence"),
    "language": _("Texts in"),
    "free": _("Free"),
}
PRICE_NAMES: dict[str, Promise] = {FREE: _("Free"), PAID: _("Paid")}
CHANNEL_NAMES: dict[str, Promise] = {
    Channel.COMMUNITY.value: _("Community"),
    Channel.OFFICIAL.value: _("Official"),
    Channel.BETA.value: _("Pre-releases"),
}


@dataclass(frozen=True, slots=True)
class SearchLink:
    """A link to the search with one part changed; ``count`` is its number of matches."""

    name: str | Promise
    url: str
    is_chosen: bool = False
    kind: str = ""
    count: int | None = None

    @property
    def slug(self) -> str:
        """The name as part of an id in HTML."""
        return quote(str(self.name), safe="")

    @property
    def is_offered(self) -> bool:
        """Whether the link finds an agent, or is the one that found none."""
        return self.is_chosen or self.count != 0


class AgentSearchForm(forms.Form):
    """The parameters of a search in an address; ``ignored`` lists invalid ones."""

    q = forms.CharField(required=False, max_length=MAX_TEXT_LENGTH)
    category = forms.CharField(required=False, max_length=64)
    channel = forms.ChoiceField(required=False, choices=[(c, c) for c in Channel.values])
    scope = forms.CharField(required=False, max_length=80)
    sort = forms.ChoiceField(required=False, choices=[(s, s) for s in (*SORTS, BEST_MATCH)])
    tag = forms.CharField(required=False, max_length=64)
    license = forms.CharField(required=False, max_length=255)
    provider = forms.CharField(required=False, max_length=64)
    secrets = forms.ChoiceField(required=False, choices=[("none", "none")])
    language = forms.ChoiceField(required=False, choices=[(c, c) for c in LANGUAGE_NAMES])
    price = forms.ChoiceField(required=False, choices=[(p, p) for p in PRICES])

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self._tag_parameters = data.getlist("tag")

    @cached_property
    def values(self) -> dict[str, str]:
        """The valid parameters that are not empty, without the tags."""
        self.full_clean()
        return {k: v for k, v in self.cleaned_data.items() if v and k != "tag"}

    @cached_property
    def tags(self) -> list[str]:
        """The valid tags, each once, in the order of the address."""
        field = self.fields["tag"]
        tags = dict.fromkeys(tag.strip().lower() for tag in self._tag_parameters)
        return [tag for tag in tags if tag and _is_valid(field, tag)][:MAX_TAGS]

    @property
    def ignored(self) -> list[str]:
        """The names of invalid parameters."""
        return sorted(self.errors)

    @cached_property
    def agent_search(self) -> AgentSearch:
        values: dict[str, Any] = dict(self.values)
        text, secrets = values.pop("q", ""), values.pop("secrets", "")
        return parse_search(text, tags=tuple(self.tags), no_secrets=secrets == "none", **values)

    # --- Addresses ---------------------------------------------------------------------------

    def url(self, **changes: Any) -> str:
        """The address of this search with some parameters changed, without a page number."""
        parameters: dict[str, Any] = {**self.values, "tag": self.tags, **changes}
        query = urlencode({k: v for k, v in parameters.items() if v}, doseq=True)
        return self._path + (f"?{query}" if query else "")

    @cached_property
    def _path(self) -> str:
        return reverse("browse")

    @property
    def query_string(self) -> str:
        """The query string of this search with its question mark, or ""."""
        _, mark, query = self.url().partition("?")
        return mark + query

    def hidden(self) -> list[tuple[str, str]]:
        """The parameters that a new text keeps."""
        fields = [(k, v) for k, v in self.values.items() if k not in {"q", "sort"}]
        return fields + [("tag", tag) for tag in self.tags]

    # --- Links -------------------------------------------------------------------------------

    def links(self, page: SearchPage) -> dict[str, Any]:
        """Template context for a numbered page: all links to changed searches."""
        facets = page.facets or FacetCounts()
        categories = count_categories(facets)
        spelling = page.interpretation.spelling
        return {
            "filters": [
                *self.filters({c.category.pk: c.category.name for c in categories}),
                *self.text_filters(page.interpretation.search.intents),
            ],
            "sorts": self.sorts(),
            "channels": self.channels(facets.channels),
            "categories": self.categories(categories),
            "licenses": self.most_common("license", facets.licenses, _("All licences")),
            "providers": self.most_common("provider", facets.providers, _("All providers")),
            "secrets": self.secret_choices(facets),
            "prices": self.prices(facets.prices),
            "tags": [
                SearchLink(tag, self.url(tag=[*self.tags, tag]), count=count)
                for tag, count in facets.tags
            ],
            "languages": self.languages(facets.languages),
            "plain": self.plain_text(page.interpretation.search.intents),
            "result": page.interpretation,
            "spelled": SearchLink(spelling, self.respelled_url(spelling)) if spelling else None,
        }

    def respelled_url(self, spelling: str) -> str:
        """The address of the corrected text with the operators of the original one."""
        operators = [word for word in self.values["q"].split() if is_operator(word)]
        return self.url(q=" ".join([spelling, *operators]))

    def filters(self, category_names: Mapping[str, str]) -> Iterator[SearchLink]:
        """Every active filter, as a link that removes it."""
        scope = self.values.get("scope", "")
        names: dict[str, Mapping[Any, str | Promise]] = {
            "category": category_names,
            "channel": CHANNEL_NAMES,
            "scope": {scope: f"@{scope.lstrip('@')}"},
            "license": {},
            "provider": {},
            "language": LANGUAGE_NAMES,
            "secrets": {"none": NO_SECRETS},
            "price": PRICE_NAMES,
        }
        for kind in names:
            if value := self.values.get(kind):
                yield SearchLink(names[kind].get(value, value), self.url(**{kind: ""}), kind=kind)
        for tag in self.tags:
            yield SearchLink(tag, self.url(tag=[t for t in self.tags if t != tag]), kind="tag")

    def text_filters(self, intents: Sequence[Intent]) -> Iterator[SearchLink]:
        """Each filter that was read from the text, as a link that removes its words."""
        text = folded_with_licence(self.values.get("q", ""))
        for intent in intents:
            name = f"“{intent.text}”: {INTENT_NAMES[intent.kind]}"
            if intent.kind in {"license", "language"}:
                value = intent.value.rstrip("-")
                name = f"{name} {LANGUAGE_NAMES.get(value, value)}"
            yield SearchLink(name, self.url(q=intent.removed_from(text)), kind="text")

    def plain_text(self, intents: Sequence[Intent]) -> SearchLink | None:
        """The search without filters read from its text; None if there are none."""
        if not intents:
            return None
        words = self.values["q"].replace('"', "").split()
        text = " ".join(word for word in words if not is_operator(word))
        operators = [word for word in words if is_operator(word)]
        return SearchLink(text, self.url(q=" ".join([f'"{text}"', *operators])))

    def languages(self, counts: Counter[str]) -> list[SearchLink]:
        """Each language of the results, the most frequent one first."""
        selected_value = self.values.get("language", "")
        codes = [code for code, _ in counts.most_common(MAX_VALUES)]
        codes += [selected_value] if selected_value and selected_value not in codes else []
        all_link = SearchLink(_("All languages"), self.url(language=""), not selected_value)
        return [all_link] + [
            SearchLink(
                LANGUAGE_NAMES[code],
                self.url(language=code),
                code == selected_value,
                count=counts[code],
            )
            for code in codes
        ]

    def categories(self, counts: Sequence[CategoryCount]) -> list[SearchLink]:
        selected_value = self.values.get("category", "")
        total = sum(item.count for item in counts)
        all_link = SearchLink(
            _("All categories"), self.url(category=""), not selected_value, count=total
        )
        return [all_link] + [
            SearchLink(
                item.category.name,
                self.url(category=item.category.pk),
                item.category.pk == selected_value,
                count=item.count,
            )
            for item in counts
        ]

    def most_common(self, kind: str, counts: Counter[str], all_name: Promise) -> list[SearchLink]:
        """Links to the most common values of a facet, and to the selected one.

        The first link is to all values, and counts agents without a value too.
        """
        selected_value = self.values.get(kind, "")
        common = sorted(
            (v for v in counts if v), key=lambda v: (v != selected_value, -counts[v], v)
        )
        candidates = dict.fromkeys([*([selected_value] if selected_value else []), *common])
        values = sorted(list(candidates)[:MAX_VALUES], key=lambda v: (-counts[v], v))
        all_link = SearchLink(
            all_name, self.url(**{kind: ""}), not selected_value, count=counts.total()
        )
        return [all_link] + [
            SearchLink(
                value, self.url(**{kind: value}), value == selected_value, count=counts[value]
            )
            for value in values
        ]

    def secret_choices(self, facets: FacetCounts) -> list[SearchLink]:
        is_selected = "secrets" in self.values
        url = self.url(secrets="" if is_selected else "none")
        return [SearchLink(NO_SECRETS, url, is_selected, count=facets.without_secrets)]

    def prices(self, counts: Counter[str]) -> list[SearchLink]:
        """Free and paid; none where nothing has a price."""
        selected_value = self.values.get("price", "")
        if not counts[PAID] and not selected_value:
            return []
        all_link = SearchLink(
            _("Any price"), self.url(price=""), not selected_value, count=counts.total()
        )
        return [all_link] + [
            SearchLink(name, self.url(price=value), value == selected_value, count=counts[value])
            for value, name in PRICE_NAMES.items()
        ]

    def sorts(self) -> list[SearchLink]:
        selected_value = self.agent_search.sort
        names = {**SORT_NAMES, **{k: v for k, v in OTHER_SORT_NAMES.items() if k == selected_value}}
        if not self.agent_search.text:
            del names[BEST_MATCH]
        default = next(iter(names))
        return [
            SearchLink(name, self.url(sort="" if sort == default else sort), sort == selected_value)
            for sort, name in names.items()
        ]

    def channels(self, counts: Counter[str]) -> list[SearchLink]:
        selected_value = self.values.get("channel", "")
        all_link = SearchLink(
            _("All channels"), self.url(channel=""), not selected_value, count=counts[""]
        )
        return [all_link] + [
            SearchLink(name, self.url(channel=value), value == selected_value, count=counts[value])
            for value, name in CHANNEL_NAMES.items()
        ]


def _is_valid(field: forms.Field, value: str) -> bool:
    try:
        field.clean(value)
    except forms.ValidationError:
        return False
    return True
