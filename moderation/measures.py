"""Measures that a maintainer can take on a report.

Each calls the action that owns it; closing the report happens in the same transaction.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from foundation.actor import Actor
from moderation.actions import refuse_decision, resolve_report, suspend_account
from moderation.errors import InvalidMeasure
from moderation.models import Report
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from reviews.actions import delete_review
from reviews.errors import ReviewNotFound

RunMeasure = Callable[..., object]


@transaction.atomic
def act_on_report(
    report: Report,
    measure: str,
    *,
    words: str,
    version: str = "",
    cause: str = "",
    close: bool = False,
    by: Actor,
) -> object:
    """Take a measure by its name; ``close`` also resolves the report.

    Returns False if the measure changed nothing. Raises InvalidMeasure for an unknown name.
    """
    if measure not in MEASURES:
        raise InvalidMeasure("Unknown measure.")
    if close:
        refuse_decision(report, by)
    changed = MEASURES[measure](report, words=words, version=version, cause=cause, by=by)
    if close:
        resolve_report(report.pk, status=Report.Status.RESOLVED, notes=words, by=by)
        return True
    return changed


def _dismiss(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    return resolve_report(report.pk, status=Report.Status.DISMISSED, notes=words, by=by)


def _resolve(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    return resolve_report(report.pk, status=Report.Status.RESOLVED, notes=words, by=by)


def _yank(report: Report, *, words: str, version: str, by: Actor, **_: Any) -> object:
    return yank_version(report.agent, version, reason=words, by=by)


def _unyank(report: Report, *, words: str, version: str, by: Actor, **_: Any) -> object:
    return unyank_version(report.agent, version, reason=words, by=by)


def _withhold(
    report: Report, *, words: str, version: str, cause: str, by: Actor, **_: Any
) -> object:
    return withhold_version(report.agent, version, reason=cause, text=words, by=by)


def _lift(report: Report, *, words: str, version: str, by: Actor, **_: Any) -> object:
    return lift_withholding(report.agent, version, reason=words, by=by)


def _delist(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    return delist_agent(report.agent, reason=words, by=by)


def _relist(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    return relist_agent(report.agent, reason=words, by=by)


def _delete_review(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    if report.review is None:
        raise ReviewNotFound
    return delete_review(report.review, reason=words, by=by)


def _suspend(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    return suspend_account(report.agent.owner_user, reason=words, by=by)


def _suspend_reviewer(report: Report, *, words: str, by: Actor, **_: Any) -> object:
    if report.review is None:
        raise ReviewNotFound
    return suspend_account(report.review.reviewer_user, reason=words, by=by)


MEASURES: dict[str, RunMeasure] = {
    "dismiss": _dismiss,
    "resolve": _resolve,
    "yank": _yank,
    "unyank": _unyank,
    "withhold": _withhold,
    "lift": _lift,
    "delist": _delist,
    "relist": _relist,
    "delete_review": _delete_review,
    "suspend": _suspend,
    "suspend_reviewer": _suspend_reviewer,
}
