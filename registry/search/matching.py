"""What fits a search, and how well: tables that both databases have, and plain comparisons."""

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from itertools import chain
from operator import add
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from foundation.text.normalise import UNSPACED, short_singular_of, stem_of, words_of
from registry.agents.search_text import TAG, WORD
from registry.models import Agent, AgentQuerySet, Channel
from registry.search.query import SMALL_WORDS, AgentSearch, Operator, Term

Terms = tuple[Term, ...]
# Groups of texts: of every group one must be there.
Wanted = tuple[tuple[str, ...], ...]
EXACT_ID, EXACT_NAME, PREFIX, WORDS, TAGS, PARTS = range(6)
LAST_CHARACTER = "\U0010ffff"
# A loose match: so much for a word of name, tagline or tags, for a part of one, and for a word of
# the description; the number of terms that are there at all counts before all that.
OF_A_WORD, OF_A_PART, OF_THE_DESCRIPTION, OF_ANY = 4, 3, 2, 100
LOWEST_TIER = 10_000


def search_agents(search: AgentSearch) -> AgentQuerySet:
    """The agents that fit a checked search, not yet in any order."""
    agents = on_the_shelf(search)
    return agents.filter(fits_text(search)) if search.text else agents


def fits_text(search: AgentSearch) -> Q:
    return fits_loosely(search.terms) if search.loosely else fits(search)


def on_the_shelf(search: AgentSearch) -> AgentQuerySet:
    """All that a search asks for but its text."""
    if search.channel == Channel.BETA:
        return chosen(Agent.objects.offering_beta(), search)
    return chosen(Agent.objects.listed(), search)


def chosen(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    """Those of these agents that have all that the search's filters and operators ask for."""
    agents = narrowed(agents, search)
    if search.channel and search.channel != Channel.BETA:
        agents = agents.filter(latest_channel=search.channel)
    if search.category:
        agents = agents.filter(category=search.category)
    if search.license:
        agents = agents.filter(license=search.license)
    if search.provider:
        agents = agents.filter(model_provider=search.provider)
    return agents.filter(asks_for_secrets=False) if search.no_secrets else agents


def narrowed(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    """Those of these agents that have the search's scope and tags and what its operators say."""
    if search.scope:
        agents = agents.filter(scope=search.scope)
    for tag in search.tags:
        agents = agents.filter(agent_tags__tag=tag)
    for operator in search.operators:
        condition = _said_by(operator)
        agents = agents.filter(~condition if operator.leaves_out else condition)
    return agents


def _said_by(operator: Operator) -> Q:
    if operator.kind == "scope":
        return Q(scope=operator.value)
    if operator.kind == "category":
        return Q(category=operator.value)
    if operator.kind == "tag":
        return Q(pk__in=Agent.objects.filter(agent_tags__tag=operator.value).values("pk"))
    words = (Term(operator.value, tuple(words_of(operator.value))),)
    return Q(Says("search_text", words_or_tags_wanted(words)))


# --- Tiers -----------------------------------------------------------------------------------


def named_tier(search: AgentSearch) -> Case:
    """`tier_of` of those who are named like the query, for the database."""
    slug = _slug(search.text)
    return Case(
        When(_exact_id(slug), then=Value(EXACT_ID)),
        When(Q(name=slug) | Q(folded_name=search.text), then=Value(EXACT_NAME)),
        default=Value(PREFIX),
        output_field=NUMBER,
    )


def match_tier(search: AgentSearch) -> Case:
    """`tier_of` for the database; for a loose search the closer the lower."""
    if search.loosely:
        return loose_tier(search)
    better = [When(named(search.text), then=named_tier(search))]
    for tier, wanted in ((WORDS, words_wanted), (TAGS, words_or_tags_wanted)):
        better.append(When(Says("search_text", wanted(search.terms)), then=Value(tier)))
    return Case(*better, default=Value(PARTS), output_field=NUMBER)


def loose_tier(search: AgentSearch) -> Case:
    """The closer the lower."""
    return Case(default=Value(LOWEST_TIER) - closeness(search.terms), output_field=NUMBER)


NUMBER = IntegerField()


def named(text: str) -> Q:
    """Agents that are called like the query or begin with it: one range of an index each."""
    return begins_like(text) | _exact_id(_slug(text))


def begins_like(text: str) -> Q:
    slug = _slug(text)
    scope, slash, name = slug.partition("/")
    if _is_scope(text):
        return starting("folded_name", text) | Q(name=slug) | starting("scope", scope)
    begun = starting("folded_name", text) | starting("name", slug)
    return begun | (Q(scope=scope) & starting("name", name)) if slash else begun


@lru_cache(maxsize=1024)
def words_wanted(terms: Terms) -> Wanted:
    """Every word stands in the name or the tagline."""
    return _wanted(terms, lambda word: (f"{WORD}{word}{WORD}",))


@lru_cache(maxsize=1024)
def words_or_tags_wanted(terms: Terms) -> Wanted:
    """Every word stands in the name, the tagline or a tag."""
    return _wanted(terms, lambda word: (f"{WORD}{word}{WORD}", f"{TAG}{word}{TAG}"))


@lru_cache(maxsize=1024)
def parts_wanted(terms: Terms) -> Wanted:
    """Every term stands somewhere in id, name, tagline and tags, as a word or a part of one. Who
    is named like the query has this too."""
    return _wanted(terms, _parts_of)


def _wanted(terms: Terms, of_word: Callable[[str], tuple[str, ...]]) -> Wanted:
    groups = [[of_word(word) for word in term.words] or [(term.text,)] for term in terms]
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def _parts_of(word: str) -> tuple[str, ...]:
    stem, short = stem_of(word), short_singular_of(word)
    forms = (f"{WORD}{stem}", f"{TAG}{stem}") if stem != word else ()
    is_short = short and short not in SMALL_WORDS
    whole = (f"{WORD}{short}{WORD}", f"{TAG}{short}{TAG}") if is_short else ()
    return (word, *forms, *whole)


def fits(search: AgentSearch) -> Q:
    return Q(Says("search_text", parts_wanted(search.terms)))


def tier_of(row: Mapping[str, Any], search: AgentSearch) -> int:
    """How well an agent that fits does so: the contract of `docs/SEARCH.md`, 0 is best. ``row`` has
    its scope, name, folded_name and search_text."""
    slug = _slug(search.text)
    scope, slash, name = slug.partition("/")
    if slash and name and (row["scope"], row["name"]) == (scope, name):
        return EXACT_ID
    if slug == row["name"] or search.text == row["folded_name"]:
        return EXACT_NAME
    is_scope = _is_scope(search.text)
    begun = row["scope"].startswith(slug) if is_scope else row["name"].startswith(slug)
    if begun or row["folded_name"].startswith(search.text):
        return PREFIX
    if slash and row["scope"] == scope and row["name"].startswith(name):
        return PREFIX
    if holds_all(row["search_text"], words_wanted(search.terms)):
        return WORDS
    return TAGS if holds_all(row["search_text"], words_or_tags_wanted(search.terms)) else PARTS


# --- Loosely ---------------------------------------------------------------------------------


def fits_loosely(terms: Terms) -> Q:
    """Half of the terms (of three one) are there, the description counting too."""
    there = [Case(When(_anywhere(term), then=1), default=0, output_field=NUMBER) for term in terms]
    return Q(GreaterOrEqual(reduce(add, there), Value(max(1, len(terms) // 2))))


def _anywhere(term: Term) -> Q:
    described: Wanted = tuple((f"{WORD}{stem_of(word)}",) for word in term.words)
    if UNSPACED.search(term.text):
        described = ((term.text,),)
    said = Q(Says("search_text", tuple((word,) for word in term.words or (term.text,))))
    return Q(Says("more_words", described)) | said if described else said


def closeness(terms: Terms) -> Combinable:
    """How many of the terms are there, and, among equals, where."""
    return reduce(add, map(_closeness_of, terms))


def _closeness_of(term: Term) -> Combinable:
    return Case(
        When(Says("search_text", words_or_tags_wanted((term,))), then=Value(OF_ANY + OF_A_WORD)),
        When(Says("search_text", parts_wanted((term,))), then=Value(OF_ANY + OF_A_PART)),
        When(_anywhere(term), then=Value(OF_ANY + OF_THE_DESCRIPTION)),
        default=Value(0),
        output_field=NUMBER,
    )


class GreaterOrEqual(Func):
    """Two expressions compared."""

    arity = 2
    output_field = BooleanField()
    conditional = True
    template = "(%(expressions)s)"
    arg_joiner = " >= "


# --- Comparing texts -------------------------------------------------------------------------


def _slug(text: str) -> str:
    return text.replace(" ", "-").lstrip("@")


def _is_scope(text: str) -> bool:
    """*@ada* begins ids, and no name but the one that is exactly that."""
    return text.startswith("@") and "/" not in text


def _exact_id(slug: str) -> Q:
    scope, _, name = slug.partition("/")
    return Q(scope=scope, name=name) if name else Q(pk__in=[])


class Says(Func):
    """Whether a folded column holds, of every group of texts, at least one, byte for byte.

    One node for the whole question: to put it together from single ones would take the framework
    longer than the database takes to answer it. What all texts of a group have in common is asked
    for first, since that alone rules out nearly every row. PostgreSQL answers LIKE from its trigram
    index; SQLite walks all rows, with LIKE in two thirds of the time that INSTR takes.
    """

    arity = 1
    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, wanted: Wanted) -> None:
        super().__init__(F(column), wanted=wanted)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[str]]:
        column, _ = compiler.compile(self.source_expressions[0])
        conditions, parameters = [], []
        for texts in self.extra["wanted"]:
            held = [_holds(column, text, connection) for text in (*_shared_by(texts), *texts)]
            said = [condition for condition, _ in held]
            either = f"({' OR '.join(said[-len(texts) :])})"
            conditions += [*said[: -len(texts)], either]
            parameters += [parameter for _, parameter in held]
        return f"({' AND '.join(conditions)})", parameters


# SQLite's LIKE takes both cases of a plain letter for one, of which folded text has the small one
# alone; and these signs it reads as others. More than 50,000 bytes it refuses.
_READ_OTHERWISE = frozenset("%_\\")
_LONGEST_LIKE = 10_000


def _holds(column: str, text: str, connection: BaseDatabaseWrapper) -> tuple[str, str]:
    is_plain = _READ_OTHERWISE.isdisjoint(text) and len(text) <= _LONGEST_LIKE
    if connection.vendor == "sqlite" and not is_plain:
        return f"INSTR({column}, %s) > 0", text
    return f"{column} LIKE %s", f"%{connection.ops.prep_for_like_query(text)}%"


def _shared_by(texts: tuple[str, ...]) -> list[str]:
    """The shortest of several texts, without its marks, where it is a part of all the others."""
    shortest = min((text.strip(WORD + TAG) for text in texts), key=len)
    is_shared = len(texts) > 1 and all(shortest in text for text in texts)
    return [shortest] if is_shared and shortest else []


def holds_all(text: str, wanted: Wanted) -> bool:
    """What `Says` asks the database, of a text that is here."""
    return all(any(one in text for one in group) for group in wanted)


def starting(column: str, text: str) -> Q:
    """Whether a column begins with a text. SQLite cannot serve LIKE from an index, but compares
    texts by their bytes, so there a range says the same."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST_CHARACTER})
    return Q(**{f"{column}__startswith": text})
