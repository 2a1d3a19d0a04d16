"""The measures of the desk on reports and accounts.

Each is declared once, with its name, its words, the rows that it applies to and the action that it
calls.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.desk.measures import Measure
from foundation.notices.outcomes import outcome
from foundation.own_matters import refuse_own_matter
from moderation.actions import (
    lift_suspension,
    refuse_decision,
    resolve_report,
    suspend_account,
)
from moderation.evidence import cached_evidence
from moderation.models import Report
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.agents.outcomes import decision_outcome
from registry.models import Version
from reviews.actions import delete_review
from reviews.errors import ReviewNotFound
from reviews.models import Review

FOR_MAINTAINERS = _("The notes are visible to maintainers only.")
FOR_THE_PUBLIC = _("The reason is shown on the page and emailed to the author.")
FOR_THE_AUTHOR = _("The reason is emailed to the author.")
FOR_THE_LOG = _("The reason is stored in the audit log.")
FOR_THE_PERSON = _("The reason is emailed to the person and shown when they sign in.")

FormData = Mapping[str, Any]


def report_measure(
    *,
    run: Callable[[Report, FormData, Actor], object],
    done: Callable[[Report, FormData, Actor], str],
    **declaration: Any,
) -> Measure:
    """A measure on a report; the box ``close`` of its form also resolves the report.

    Both happen in one transaction. It is refused to people whom the report concerns, even if the
    measure alone would be allowed to them.
    """

    @transaction.atomic
    def run_and_close(report: Report, form: FormData, by: Actor) -> object:
        refuse_own_matter(report, by)
        if not form.get("close"):
            return run(report, form, by)
        # Refuse first: a review that the measure deletes is no longer part of the report.
        refuse_decision(report, by)
        run(report, form, by)
        resolve_report(report.pk, status=Report.Status.RESOLVED, notes=form["words"], by=by)
        return True

    def done_and_closed(report: Report, form: FormData, by: Actor) -> str:
        text = done(report, form, by)
        return gettext("%s; report resolved") % text if form.get("close") else text

    return Measure(run=run_and_close, done=done_and_closed, **declaration)


def is_open(report: Report) -> bool:
    return report.status == Report.Status.OPEN


def has_version(report: Report, fits: Callable[[Version], bool]) -> bool:
    """Whether a version of the reported agent is in the state that a measure needs."""
    return any(fits(version) for version in cached_evidence(report).versions)


def subject_of(report: Report) -> str:
    """The agent, version or review that a report is about."""
    if report.review_snapshot:
        return gettext("a review of %(id)s") % {"id": report.agent}
    return f"{report.agent}@{report.version}" if report.version else str(report.agent)


def review_of(report: Report) -> Review:
    """The reported review. Raises ReviewNotFound if it was deleted."""
    if report.review is None:
        raise ReviewNotFound
    return report.review


def version_outcome(done: str, report: Report, form: FormData, by: Actor) -> str:
    """The message after a decision about the version chosen in the form."""
    return decision_outcome(done, report.agent, by, form["version"])


def account_outcome(done: str, user: User, by: Actor) -> str:
    """The message after a measure on an account; ``done`` has a ``%s`` for the login."""
    return outcome(done % f"@{user.username}", user, role=gettext("person"), kind="account", by=by)


REPORT_MEASURES = (
    Measure(
        name="dismiss",
        label=_("Dismiss the report"),
        consequence=_(
            "Nothing changes. Owner and reporter are notified that the report was dismissed."
        ),
        readers=FOR_MAINTAINERS,
        applies=is_open,
        run=lambda report, form, by: resolve_report(
            report.pk, status=Report.Status.DISMISSED, notes=form["words"], by=by
        ),
        done=lambda report, form, by: gettext("Dismissed the report about %s") % subject_of(report),
    ),
    Measure(
        name="resolve",
        label=_("Resolve the report"),
        consequence=_("The report is closed as justified. Owner and reporter are notified."),
        readers=FOR_MAINTAINERS,
        applies=is_open,
        run=lambda report, form, by: resolve_report(
            report.pk, status=Report.Status.RESOLVED, notes=form["words"], by=by
        ),
        done=lambda report, form, by: gettext("Resolved the report about %s") % subject_of(report),
    ),
    report_measure(
        name="yank",
        label=_("Yank a version"),
        consequence=_("Removed from search and updates; pinned installs can still download it."),
        readers=FOR_THE_PUBLIC,
        asks=("version",),
        applies=lambda report: has_version(report, lambda version: not version.is_yanked),
        run=lambda report, form, by: yank_version(
            report.agent, form["version"], reason=form["words"], by=by
        ),
        done=lambda report, form, by: version_outcome(gettext("Yanked %s"), report, form, by),
    ),
    report_measure(
        name="withhold",
        label=_("Withhold a version"),
        consequence=_(
            "Nobody can download it any more, by any route. For malware, leaked "
            "secrets or a court order."
        ),
        readers=FOR_THE_PUBLIC,
        asks=("version", "cause"),
        applies=lambda report: has_version(report, lambda version: not version.is_withheld),
        run=lambda report, form, by: withhold_version(
            report.agent, form["version"], reason=form["cause"], text=form["words"], by=by
        ),
        done=lambda report, form, by: version_outcome(gettext("Withheld %s"), report, form, by),
    ),
    report_measure(
        name="delist",
        label=_("Delist the agent"),
        consequence=_("Removed from lists and search; pinned versions can still be downloaded."),
        readers=FOR_THE_PUBLIC,
        applies=lambda report: not report.agent.is_delisted,
        run=lambda report, form, by: delist_agent(report.agent, reason=form["words"], by=by),
        done=lambda report, form, by: decision_outcome(gettext("Delisted %s"), report.agent, by),
    ),
    report_measure(
        name="delete_review",
        label=_("Delete the review"),
        consequence=_("The review is deleted permanently and the rating is recalculated."),
        readers=FOR_THE_LOG,
        applies=lambda report: report.review is not None,
        run=lambda report, form, by: delete_review(review_of(report), reason=form["words"], by=by),
        # The review is gone; the report keeps the login of its author.
        done=lambda report, form, by: (
            gettext("Deleted the review by @%s") % (report.review_snapshot or {})["reviewer"]
        ),
    ),
    report_measure(
        name="suspend",
        label=_("Suspend the author's account"),
        consequence=_(
            "Keys and sessions end, and the person can't sign in. What they published stays online."
        ),
        readers=FOR_THE_PERSON,
        applies=lambda report: report.agent.owner_user.is_active,
        run=lambda report, form, by: suspend_account(
            report.agent.owner_user, reason=form["words"], by=by
        ),
        done=lambda report, form, by: account_outcome(
            gettext("Suspended %s"), report.agent.owner_user, by
        ),
    ),
    report_measure(
        name="suspend_reviewer",
        label=_("Suspend the reviewer's account"),
        consequence=_("Keys and sessions end, and the person can't sign in. Their reviews stay."),
        readers=FOR_THE_PERSON,
        applies=lambda report: report.review is not None and report.review.reviewer_user.is_active,
        run=lambda report, form, by: suspend_account(
            review_of(report).reviewer_user, reason=form["words"], by=by
        ),
        done=lambda report, form, by: account_outcome(
            gettext("Suspended %s"), review_of(report).reviewer_user, by
        ),
    ),
    report_measure(
        name="unyank",
        label=_("Unyank a version"),
        consequence=_("It appears in search and updates again."),
        readers=FOR_THE_AUTHOR,
        asks=("version",),
        applies=lambda report: has_version(report, lambda version: version.is_yanked),
        run=lambda report, form, by: unyank_version(
            report.agent, form["version"], reason=form["words"], by=by
        ),
        done=lambda report, form, by: version_outcome(gettext("Unyanked %s"), report, form, by),
    ),
    report_measure(
        name="lift",
        label=_("Make a withheld version available again"),
        consequence=_("Its files can be downloaded again."),
        readers=FOR_THE_AUTHOR,
        asks=("version",),
        applies=lambda report: has_version(report, lambda version: version.is_withheld),
        run=lambda report, form, by: lift_withholding(
            report.agent, form["version"], reason=form["words"], by=by
        ),
        done=lambda report, form, by: version_outcome(
            gettext("Made %s available again"), report, form, by
        ),
    ),
    report_measure(
        name="relist",
        label=_("Relist the agent"),
        consequence=_("Listed again."),
        readers=FOR_THE_AUTHOR,
        applies=lambda report: report.agent.is_delisted,
        run=lambda report, form, by: relist_agent(report.agent, reason=form["words"], by=by),
        done=lambda report, form, by: decision_outcome(gettext("Relisted %s"), report.agent, by),
    ),
)

ACCOUNT_MEASURES = (
    Measure(
        name="suspend",
        label=_("Suspend the account"),
        consequence=_(
            "Keys and sessions end, and the person can't sign in. What they published stays online."
        ),
        readers=FOR_THE_PERSON,
        applies=lambda user: user.is_active,
        run=lambda user, form, by: suspend_account(user, reason=form["words"], by=by),
        done=lambda user, form, by: account_outcome(gettext("Suspended %s"), user, by),
    ),
    Measure(
        name="lift",
        label=_("Lift the suspension"),
        consequence=_("The person can sign in again. Old keys and sessions stay revoked."),
        readers=_("The reason is emailed to the person."),
        applies=lambda user: user.is_suspended,
        run=lambda user, form, by: lift_suspension(user, reason=form["words"], by=by),
        done=lambda user, form, by: account_outcome(
            gettext("Lifted the suspension of %s"), user, by
        ),
    ),
)
