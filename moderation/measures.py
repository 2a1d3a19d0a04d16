"""The measures of the desk on reports, appeals, accounts and API keys.

The measures on agents, versions and reviews belong to their apps. The page of a report offers them
about its subject.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext, gettext_noop, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.desk.measures import FormData, Measure
from foundation.notices.outcomes import outcome
from foundation.own_matters import refuse_own_matter
from moderation.actions import (
    decide_appeal,
    lift_suspension,
    refuse_decision,
    reopen_report,
    resolve_report,
    revoke_key,
    suspend_account,
)
from moderation.evidence import cached_evidence
from moderation.holds import lift_hold
from moderation.models import Appeal, HeldText, Report
from profiles.queries import holder_of
from registry.agents.measures import DELIST, LIFT, RELIST, UNYANK, WITHHOLD, YANK
from registry.models import Agent, Version
from reviews.errors import ReviewNotFound
from reviews.measures import DELETE
from reviews.models import Review

FOR_MAINTAINERS = _("The notes are visible to maintainers only.")
FOR_THE_PERSON = _("The reason is emailed to the person and shown when they sign in.")
BY_EMAIL = _("The reason is emailed to the person.")


def account_outcome(sentence: str, user: User, by: Actor) -> str:
    """The message after a measure on an account; ``%s`` in ``sentence`` is the login."""
    return outcome(
        sentence % f"@{user.username}", user, role=gettext("person"), kind="account", by=by
    )


SUSPEND = Measure(
    name="suspend",
    label=_("Suspend the account"),
    consequence=_(
        "Keys and sessions end, and the person can't sign in. What they published stays online."
    ),
    readers=FOR_THE_PERSON,
    applies=lambda user: user.is_active,
    run=lambda user, form, by: suspend_account(user, reason=form["reason"], by=by),
    message=lambda user, form, by: account_outcome(gettext("Suspended %s"), user, by),
    undo="lift",
)
UNSUSPEND = Measure(
    name="lift",
    label=_("Lift the suspension"),
    consequence=_("The person can sign in again. Old keys and sessions stay revoked."),
    readers=BY_EMAIL,
    applies=lambda user: user.is_suspended,
    run=lambda user, form, by: lift_suspension(user, reason=form["reason"], by=by),
    message=lambda user, form, by: account_outcome(
        gettext("Lifted the suspension of %s"), user, by
    ),
    undo="suspend",
)
ACCOUNT_MEASURES = (SUSPEND, UNSUSPEND)


def decide(*, uphold: bool, sentence: str, **declaration: Any) -> Measure:
    """A measure that decides an appeal. A decision on an appeal is final."""
    return Measure(
        readers=_("Your text is emailed to the author."),
        applies=lambda appeal: appeal.status == Appeal.Status.OPEN,
        run=lambda appeal, form, by: decide_appeal(
            appeal.pk, uphold=uphold, notes=form["reason"], by=by
        ),
        message=lambda appeal, form, by: outcome(
            gettext(sentence) % f"@{appeal.user.username}",
            appeal.user,
            role=gettext("author"),
            kind="appeal",
            by=by,
        ),
        **declaration,
    )


APPEAL_MEASURES = (
    decide(
        uphold=True,
        sentence=gettext_noop("Upheld the appeal of %s"),
        name="uphold",
        label=_("Uphold the appeal"),
        consequence=_("The author is right. The decision is reversed immediately."),
    ),
    decide(
        uphold=False,
        sentence=gettext_noop("Rejected the appeal of %s"),
        name="reject",
        label=_("Reject the appeal"),
        consequence=_("The decision stands. The author can't appeal again."),
    ),
)


def _released_outcome(text: HeldText, by: Actor) -> str:
    sentence = gettext("Lifted the hold on a text of @%s") % text.domain.name
    holder = holder_of(text.domain.name)
    if holder is None:
        return sentence
    return outcome(sentence, holder, role=gettext("publisher"), kind="decision", by=by)


LIFT_HOLD = Measure(
    name="lift_hold",
    label=_("Lift the hold"),
    consequence=_("The publisher can publish the text again. It stays a draft until then."),
    readers=_("The reason is emailed to the publisher."),
    applies=lambda text: text.held_at is not None,
    run=lambda text, form, by: lift_hold(text, reason=form["reason"], by=by),
    message=lambda text, form, by: _released_outcome(text, by),
)


def may_be_revoked(key: ApiKey) -> bool:
    """Whether a key still works, or would after a suspension."""
    return key.revoked_at is None and not key.is_expired


REVOKE_KEY = Measure(
    name="revoke",
    label=_("Revoke the API key"),
    consequence=_("The key stops working immediately and for good. The owner can create another."),
    readers=BY_EMAIL,
    applies=may_be_revoked,
    run=lambda key, form, by: revoke_key(key.pk, reason=form["reason"], by=by),
    message=lambda key, form, by: account_outcome(
        gettext("Revoked the key %(key)s of %%s") % {"key": key.key_prefix + "…"},
        key.created_by,
        by,
    ),
)


def on_report(
    measure: Measure,
    subject: Callable[[Report, FormData], Any],
    *,
    applies: Callable[[Report], bool],
    **changes: Any,
) -> Measure:
    """A measure about the subject of a report; ``close`` also resolves the report.

    Both happen in one transaction. It is refused to parties to the report, even if the measure
    alone would be allowed to them.
    """
    about = measure.about(subject, applies=applies, **changes)

    @transaction.atomic
    def run_and_close(report: Report, form: FormData, by: Actor) -> object:
        refuse_own_matter(report, by)
        if not form.get("close"):
            return about.run(report, form, by)
        # Refuse first: a review that the measure deletes is no longer part of the report.
        refuse_decision(report, by)
        about.run(report, form, by)
        resolve_report(report.pk, status=Report.Status.RESOLVED, notes=form["reason"], by=by)
        return True

    def message_and_resolution(report: Report, form: FormData, by: Actor) -> str:
        text = about.message(report, form, by)
        return gettext("%s; report resolved") % text if form.get("close") else text

    return measure.about(
        subject,
        applies=applies,
        **changes | {"run": run_and_close, "message": message_and_resolution},
    )


def is_open(report: Report) -> bool:
    return report.status == Report.Status.OPEN


def subject_of(report: Report) -> str:
    """The agent, version or review that a report is about."""
    if report.review_snapshot:
        return gettext("a review of %(id)s") % {"id": report.agent}
    return f"{report.agent}@{report.version}" if report.version else str(report.agent)


def agent_of(report: Report, _form: FormData) -> Agent:
    return report.agent


def author_of(report: Report, _form: FormData) -> User:
    return report.agent.owner_user


def version_of(report: Report, form: FormData) -> Version:
    """The version of the reported agent that was chosen in the form."""
    versions = cached_evidence(report).versions
    return next(version for version in versions if version.version == form["version"])


def review_of(report: Report, _form: FormData) -> Review:
    """The reported review. Raises ReviewNotFound if it was deleted."""
    if report.review is None:
        raise ReviewNotFound
    return report.review


def reviewer_of(report: Report, form: FormData) -> User:
    return review_of(report, form).reviewer_user


def on_version(measure: Measure) -> Measure:
    """A measure about a version that the maintainer chooses."""
    return on_report(
        measure,
        version_of,
        asks=("version",),
        applies=lambda report: any(map(measure.applies, cached_evidence(report).versions)),
    )


def on_agent(measure: Measure) -> Measure:
    return on_report(measure, agent_of, applies=lambda report: measure.applies(report.agent))


def resolve_as(status: str, sentence: str, **declaration: Any) -> Measure:
    """A measure that closes a report and changes nothing else."""
    return Measure(
        readers=FOR_MAINTAINERS,
        applies=is_open,
        run=lambda report, form, by: resolve_report(
            report.pk, status=status, notes=form["reason"], by=by
        ),
        message=lambda report, form, by: gettext(sentence) % subject_of(report),
        undo="reopen",
        **declaration,
    )


DISMISS = resolve_as(
    Report.Status.DISMISSED,
    gettext_noop("Dismissed the report about %s"),
    name="dismiss",
    label=_("Dismiss the report"),
    many=ngettext_lazy("Dismiss %d report", "Dismiss %d reports"),
    consequence=_(
        "Nothing changes. Owner and reporter are notified that the report was dismissed."
    ),
)
RESOLVE = resolve_as(
    Report.Status.RESOLVED,
    gettext_noop("Resolved the report about %s"),
    name="resolve",
    label=_("Resolve the report"),
    many=ngettext_lazy("Resolve %d report", "Resolve %d reports"),
    consequence=_("The report is closed as justified. Owner and reporter are notified."),
)
REOPEN = Measure(
    name="reopen",
    label=_("Reopen the report"),
    many=ngettext_lazy("Reopen %d report", "Reopen %d reports"),
    consequence=_("The report waits in the queue again, with its first date. Nobody is notified."),
    readers=_("The reason is stored in the audit log."),
    applies=lambda report: not is_open(report),
    run=lambda report, form, by: reopen_report(report.pk, reason=form["reason"], by=by),
    message=lambda report, form, by: gettext("Reopened the report about %s") % subject_of(report),
)

REPORT_MEASURES = (
    DISMISS,
    RESOLVE,
    on_version(YANK),
    on_version(WITHHOLD),
    on_agent(DELIST),
    on_report(
        DELETE,
        review_of,
        name="delete_review",
        applies=lambda report: report.review is not None,
    ),
    on_report(
        SUSPEND,
        author_of,
        label=_("Suspend the author's account"),
        applies=lambda report: report.agent.owner_user.is_active,
        undo="",
    ),
    on_report(
        SUSPEND,
        reviewer_of,
        name="suspend_reviewer",
        label=_("Suspend the reviewer's account"),
        applies=lambda report: report.review is not None and report.review.reviewer_user.is_active,
        undo="",
    ),
    on_version(UNYANK),
    on_version(LIFT),
    on_agent(RELIST),
    REOPEN,
)
