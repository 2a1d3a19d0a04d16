"""Which agents match a search: conditions that both databases answer alike."""

from collections.abc import Callable
from functools import reduce
from operator import add

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, Value, When
from django.db.models.sql.compiler import SQLCompiler

from foundation.text.normalise import is_unspaced, short_singular_of, stem_of, words_of
from registry.agents.search_text import TAG, WORD
from registry.models import Agent, AgentQuerySet, Channel
from registry.search.query import STOP_WORDS, AgentSearch, Operator, Term

Terms = tuple[Term, ...]
# A column must contain at least one text of every group.
TextGroups = tuple[tuple[str, ...], ...]
LAST_CHARACTER = "\U0010ffff"


def matching_agents(search: AgentSearch) -> AgentQuerySet:
    """The agents that pass the filters and match the text, in no order."""
    agents = filtered_agents(search)
    return agents.filter(text_condition(search)) if search.text else agents


def text_condition(search: AgentSearch) -> Q:
    if search.loose:
        return _has_half_of(search.terms)
    return Q(ContainsAny("search_text", word_parts(search.terms)))


# --- Filters and operators -------------------------------------------------------------------


def filtered_agents(search: AgentSearch) -> AgentQuerySet:
    """The agents that pass the filters and operators, whatever the text."""
    if search.channel == Channel.BETA:
        return apply_filters(Agent.objects.offering_beta(), search)
    return apply_filters(Agent.objects.listed(), search)


def apply_filters(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    agents = apply_uncounted_filters(agents, search)
    if search.channel and search.channel != Channel.BETA:
        agents = agents.filter(latest_channel=search.channel)
    if search.category:
        agents = agents.filter(category=search.category)
    if search.license:
        agents = agents.filter(license=search.license)
    if search.provider:
        agents = agents.filter(model_provider=search.provider)
    return agents.filter(asks_for_secrets=False) if search.no_secrets else agents


def apply_uncounted_filters(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    """Apply the filters without facet counts: scope, tags and operators."""
    if search.scope:
        agents = agents.filter(scope=search.scope)
    for tag in search.tags:
        agents = agents.filter(agent_tags__tag=tag)
    for operator in search.operators:
        condition = _operator_condition(operator)
        agents = agents.filter(~condition if operator.excludes else condition)
    return agents


def _operator_condition(operator: Operator) -> Q:
    if operator.kind == "scope":
        return Q(scope=operator.value)
    if operator.kind == "category":
        return Q(category=operator.value)
    if operator.kind == "tag":
        return Q(pk__in=Agent.objects.filter(agent_tags__tag=operator.value).values("pk"))
    term = Term(operator.value, tuple(words_of(operator.value)))
    return Q(ContainsAny("search_text", words_or_tags((term,))))


# --- Names -----------------------------------------------------------------------------------


def has_id(slug: str) -> Q:
    scope, _, name = slug.partition("/")
    return Q(scope=scope, name=name) if name else Q(pk__in=[])


def has_name(text: str, slug: str) -> Q:
    return Q(name=slug) | Q(folded_name=text)


def name_begins(text: str, slug: str) -> Q:
    """The name or the id begins with the text: each condition is an index range.

    "@ada" begins ids, and matches a name only if it is equal.
    """
    scope, slash, name = slug.partition("/")
    if text.startswith("@") and not slash:
        return starts_with("folded_name", text) | Q(name=slug) | starts_with("scope", scope)
    condition = starts_with("folded_name", text) | starts_with("name", slug)
    return condition | (Q(scope=scope) & starts_with("name", name)) if slash else condition


def starts_with(column: str, text: str) -> Q:
    # SQLite answers LIKE from no index, but compares texts by their bytes.
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST_CHARACTER})
    return Q(**{f"{column}__startswith": text})


# --- Words -----------------------------------------------------------------------------------


def whole_words(terms: Terms) -> TextGroups:
    """Every word is in the name or the tagline."""
    return _text_groups(terms, lambda word: (f"{WORD}{word}{WORD}",))


def words_or_tags(terms: Terms) -> TextGroups:
    """Every word is in the name, the tagline or a tag."""
    return _text_groups(terms, lambda word: (f"{WORD}{word}{WORD}", f"{TAG}{word}{TAG}"))


def word_parts(terms: Terms) -> TextGroups:
    """Every word is part of a word anywhere in the agent, or another form of it."""
    return _text_groups(terms, _forms)


def _text_groups(terms: Terms, texts_of: Callable[[str], tuple[str, ...]]) -> TextGroups:
    groups: list[tuple[str, ...]] = []
    for term in terms:
        groups += [texts_of(word) for word in term.words] or [(term.text,)]
    return tuple(dict.fromkeys(groups))


def _forms(word: str) -> tuple[str, ...]:
    stem, singular = stem_of(word), short_singular_of(word)
    stems = (f"{WORD}{stem}", f"{TAG}{stem}") if stem != word else ()
    # A short singular ("tax") is matched as a whole word, or "taxi" would match too.
    is_telling = singular and singular not in STOP_WORDS
    singulars = (f"{WORD}{singular}{WORD}", f"{TAG}{singular}{TAG}") if is_telling else ()
    return (word, *stems, *singulars)


# --- Loose matches ---------------------------------------------------------------------------


def contains_loosely(term: Term) -> Q:
    """The term is anywhere in the agent, the description included."""
    texts = term.words or (term.text,)
    condition = Q(ContainsAny("search_text", tuple((text,) for text in texts)))
    if is_unspaced(term.text):
        return Q(ContainsAny("more_words", ((term.text,),))) | condition
    stems = tuple((f"{WORD}{stem_of(word)}",) for word in term.words)
    return Q(ContainsAny("more_words", stems)) | condition if stems else condition


def _has_half_of(terms: Terms) -> Q:
    """At least half of the terms match; of three, one."""
    hits = [
        Case(When(contains_loosely(term), then=1), default=0, output_field=IntegerField())
        for term in terms
    ]
    return Q(GreaterOrEqual(reduce(add, hits), Value(max(1, len(terms) // 2))))


# --- SQL -------------------------------------------------------------------------------------


class GreaterOrEqual(Func):
    """Compares two expressions."""

    arity = 2
    output_field = BooleanField()
    conditional = True
    template = "(%(expressions)s)"
    arg_joiner = " >= "


class ContainsAny(Func):
    """Whether a column contains, of every group of texts, at least one, byte for byte.

    One expression for all groups: Django takes longer to combine one per text than the database to
    answer them. PostgreSQL answers LIKE from a trigram index; SQLite reads all rows, with LIKE in
    two thirds of the time that INSTR takes.
    """

    arity = 1
    output_field = BooleanField()
    conditional = True

    def __init__(self, column: str, groups: TextGroups) -> None:
        super().__init__(F(column), groups=groups)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[str]]:
        column, _ = compiler.compile(self.source_expressions[0])
        conditions: list[str] = []
        parameters: list[str] = []
        for texts in self.extra["groups"]:
            # First the plain text that all of the group contain: it rules out nearly every row.
            shared = [_contains(column, text, connection) for text in _shared_part(texts)]
            any_of = [_contains(column, text, connection) for text in texts]
            conditions += [sql for sql, _ in shared]
            conditions.append(f"({' OR '.join(sql for sql, _ in any_of)})")
            parameters += [parameter for _, parameter in (*shared, *any_of)]
        return f"({' AND '.join(conditions)})", parameters


# LIKE has a meaning of its own for these.
_WILDCARDS = frozenset("%_\\")


def _contains(column: str, text: str, connection: BaseDatabaseWrapper) -> tuple[str, str]:
    # SQLite's LIKE ignores the case of plain letters, but folded text has no capitals.
    if connection.vendor == "sqlite" and not _WILDCARDS.isdisjoint(text):
        return f"INSTR({column}, %s) > 0", text
    return f"{column} LIKE %s", f"%{connection.ops.prep_for_like_query(text)}%"


def _shared_part(texts: tuple[str, ...]) -> list[str]:
    """The shortest of the texts without its marks, if all of them contain it."""
    shortest = min((text.strip(WORD + TAG) for text in texts), key=len)
    is_shared = shortest and all(shortest in text for text in texts)
    return [shortest] if is_shared and texts != (shortest,) else []
