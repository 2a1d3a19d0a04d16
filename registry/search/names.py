"""Agents by their id or name, in one query. Each condition is an index range."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.db import connection
from django.db.models import CharField, Q

from foundation.compiled_query import CompiledQuery, Parameter
from registry.models import FormerAddress, IndexedAgent
from registry.search.scoring import EXACT_ID, EXACT_NAME, NAME_BEGINS, NONE
from registry.search_index.queries import LAST_CHARACTER, numbers_with_names


def is_id(text: str) -> bool:
    """Whether a folded text is an id, perhaps only its beginning: "@ada/co"."""
    _, slash, name = text.partition("/")
    return text.startswith("@") and bool(slash) and " " not in text and "/" not in name


def find_named(text: str) -> dict[int, list[int]]:
    """The numbers of the agents with this id or name, or beginning, by tier.

    Beginnings of one word alone are left to the index: too many agents may have them.
    """
    typed_name = _read_name(text)
    names = {
        "text": text,
        "slug": typed_name.slug,
        "scope": typed_name.scope,
        "name": typed_name.name,
    }
    ends = {f"{key}_end": value + LAST_CHARACTER for key, value in names.items()}
    tiers: dict[int, list[int]] = {NAME_BEGINS: [], EXACT_NAME: [], EXACT_ID: []}
    for number, *agent_names in _query(typed_name.shape).tuples(**names, **ends):
        tiers[_tier(typed_name, AgentNames(*agent_names))].append(number)
    if typed_name.shape == "id" and not tiers[EXACT_ID]:
        tiers[EXACT_ID] += _find_moved(typed_name)
    return tiers


class AgentNames(NamedTuple):
    scope: str
    name: str
    folded_name: str


@dataclass(frozen=True, slots=True)
class _TypedName:
    """A typed text, read as the name of an agent.

    With a slash it is an id, and with several words it may be a beginning.
    """

    text: str
    slug: str
    scope: str
    name: str
    shape: str


def _find_moved(typed_name: _TypedName) -> list[int]:
    """The number of the agent that had this id before it moved, if there is one."""
    agents = FormerAddress.objects.filter(scope=typed_name.scope, name=typed_name.name)
    rows = IndexedAgent.objects.filter(agent__in=agents.values("agent"))
    return list(rows.values_list("number", flat=True))


def _read_name(text: str) -> _TypedName:
    slug = text.replace(" ", "-").lstrip("@")
    scope, slash, name = slug.partition("/")
    return _TypedName(
        text, slug, scope, name, "id" if slash else "beginning" if "-" in slug else "name"
    )


def _tier(typed_name: _TypedName, agent: AgentNames) -> int:
    """The tier of an agent that has this name or its beginning."""
    if typed_name.shape == "id" and (agent.scope, agent.name) == (
        typed_name.scope,
        typed_name.name,
    ):
        return EXACT_ID
    is_exact = agent.name == typed_name.slug or agent.folded_name == typed_name.text
    return EXACT_NAME if is_exact else NAME_BEGINS


def tier_of_name(text: str, agent: AgentNames) -> int:
    """The tier in which `find_named` finds an agent; NONE if it does not."""
    typed_name = _read_name(text)
    tier = _tier(typed_name, agent)
    if typed_name.shape == "id":
        fits = agent.scope == typed_name.scope and agent.name.startswith(typed_name.name)
    elif typed_name.shape == "beginning":
        begins = agent.folded_name.startswith(text) or agent.name.startswith(typed_name.slug)
        fits = begins or tier == EXACT_NAME
    else:
        fits = tier == EXACT_NAME
    return tier if fits else NONE


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
