"""Agents by their id or name, in one query. Each condition is an index range."""

from functools import cache

from django.db import connection
from django.db.models import CharField, Q

from foundation.compiled_query import CompiledQuery, Parameter
from registry.search.scoring import EXACT_ID, EXACT_NAME, NAME_BEGINS
from registry.search_index.queries import LAST_CHARACTER, numbers_with_names


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
    shape = "id" if slash else "beginning" if "-" in slug else "name"
    names = {"text": text, "slug": slug, "scope": scope, "name": name}
    ends = {f"{key}_end": value + LAST_CHARACTER for key, value in names.items()}
    tiers: dict[int, list[int]] = {NAME_BEGINS: [], EXACT_NAME: [], EXACT_ID: []}
    for number, agent_scope, agent_name, folded_name in _query(shape).tuples(**names, **ends):
        if slash and (agent_scope, agent_name) == (scope, name):
            tiers[EXACT_ID].append(number)
        elif agent_name == slug or folded_name == text:
            tiers[EXACT_NAME].append(number)
        else:
            tiers[NAME_BEGINS].append(number)
    return tiers


@cache
def _query(shape: str) -> CompiledQuery:
    """The agents with an id, with a name, or with one that begins with several words."""
    condition = Q(agent__name=_parameter("slug")) | Q(agent__folded_name=_parameter("text"))
    if shape == "id":
        condition = Q(agent__scope=_parameter("scope")) & _starts_with("agent__name", "name")
    elif shape == "beginning":
        condition |= _starts_with("agent__folded_name", "text")
        condition |= _starts_with("agent__name", "slug")
    return numbers_with_names(condition)


def _starts_with(column: str, name: str) -> Q:
    # SQLite uses no index for LIKE, but one for a comparison, which is by bytes there.
    if connection.vendor == "sqlite":
        end = _parameter(f"{name}_end")
        return Q(**{f"{column}__gte": _parameter(name), f"{column}__lt": end})
    return Q(**{f"{column}__startswith": _parameter(name)})


def _parameter(name: str) -> Parameter:
    return Parameter(name, CharField())
