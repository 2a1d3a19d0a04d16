"""Agents by their id or name, in one query. Each condition is an index range."""

from django.db import connection
from django.db.models import Q

from registry.search.scoring import EXACT_ID, EXACT_NAME, NAME_BEGINS
from registry.search_index.queries import LAST_CHARACTER, find_names


def is_id(text: str) -> bool:
    """Whether a folded text is an id, perhaps only its beginning: "@ada/co"."""
    _, slash, name = text.partition("/")
    return text.startswith("@") and bool(slash) and " " not in text and "/" not in name


def find_named(text: str) -> dict[int, list[int]]:
    """The numbers of the agents with this id or name, or beginning, by tier.

    Beginnings of one word alone are left to the index: too many agents may have them.
    """
    slug = text.replace(" ", "-").lstrip("@")
    scope, slash, name = slug.partition("/")
    condition = Q(agent__name=slug) | Q(agent__folded_name=text)
    if slash:
        condition = Q(agent__scope=scope) & _starts_with("agent__name", name)
    elif "-" in slug:
        condition |= _starts_with("agent__folded_name", text) | _starts_with("agent__name", slug)
    tiers: dict[int, list[int]] = {NAME_BEGINS: [], EXACT_NAME: [], EXACT_ID: []}
    for number, agent_scope, agent_name, folded_name in find_names(condition):
        if slash and (agent_scope, agent_name) == (scope, name):
            tiers[EXACT_ID].append(number)
        elif agent_name == slug or folded_name == text:
            tiers[EXACT_NAME].append(number)
        else:
            tiers[NAME_BEGINS].append(number)
    return tiers


def _starts_with(column: str, text: str) -> Q:
    # SQLite answers LIKE from no index, but compares texts by their bytes.
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST_CHARACTER})
    return Q(**{f"{column}__startswith": text})
