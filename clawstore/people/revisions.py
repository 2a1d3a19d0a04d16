"""Revisions of the pages of a person."""

from functools import cache
from typing import Any

from django.db.models import BigIntegerField, CharField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from clawstore.editorial.revisions import revision_of_content
from foundation.caching.models import SITE
from foundation.caching.queries import get_revisions
from foundation.compiled_query import CompiledQuery, Parameter
from profiles.models import Profile, Scope
from profiles.revisions import revision_of_person
from registry.models import Agent
from reviews.models import Review


def person_revision(_request: object, login: str) -> object:
    """The revision of a person, their texts, and their own and reviewed agents.

    None if no person has this name. The sums only grow: an agent that is reviewed no more
    increases the revision of the person.
    """
    rows = _profile_by_login_query().tuples(login=login.lower())
    if not rows:
        return None
    [(user_id, scope, of_agents, of_reviews), *_] = rows
    names = [SITE, revision_of_person(user_id), revision_of_content(scope or "")]
    return get_revisions(*names), of_agents, of_reviews


@cache
def _profile_by_login_query() -> CompiledQuery:
    login = Parameter("login", CharField())
    # In the order of `profile_named`. Either name has an index, which a condition with OR over two
    # tables would not use: it would read all profiles.
    profiles = Profile.objects.filter(
        pk=Coalesce(
            Subquery(Profile.objects.filter(github_login=login).values("pk")[:1]),
            Subquery(Scope.objects.filter(name=login).values("holder")[:1]),
        )
    )
    agents = Agent.objects.filter(owner_user=OuterRef("pk")).values("owner_user")
    reviews = Review.objects.filter(reviewer_user=OuterRef("pk")).values("reviewer_user")
    return CompiledQuery(
        profiles.values("pk", "user__held_scope__name").annotate(
            of_agents=_sum(agents, "revision"), of_reviews=_sum(reviews, "agent__revision")
        )
    )


def _sum(rows: "QuerySet[Any, Any]", column: str) -> Coalesce:
    total = Subquery(rows.annotate(total=Sum(column)).values("total"))
    # The sum of no rows is NULL, which would equal no other revision.
    return Coalesce(total, 0, output_field=BigIntegerField())
