"""Refusals about reports and appeals."""

from foundation.own_matters import OwnMatter
from foundation.refusals import Conflict, Invalid, Malformed, NotFound


class MissingFields(Malformed):
    code = "missing_fields"


class UnknownReason(Malformed):
    code = "invalid_reason"


class DetailsTooLong(Malformed):
    code = "details_too_long"


class InvalidStatus(Malformed):
    code = "invalid_status"
    message = "A report is either resolved or dismissed."


class InvalidNotes(Invalid):
    code = "invalid_body"


class ReportNotFound(NotFound):
    code = "report_not_found"
    message = "There is no report with this ID."


class AlreadyResolved(Conflict):
    code = "already_resolved"
    message = "Another maintainer already decided on this report."


class NotClosed(Conflict):
    code = "report_is_open"
    message = "This report is open, so there is nothing to reopen."


class DecisionNotFound(NotFound):
    code = "decision_not_found"
    message = "There is no decision that you can appeal against."


class DecisionNotInForce(Conflict):
    code = "decision_not_in_force"
    message = "This decision is no longer in force, so there is nothing to appeal against."


class AlreadyAppealed(Conflict):
    code = "already_appealed"
    message = (
        "You already appealed against this decision. You can appeal against each decision once."
    )


class InvalidAppeal(Invalid):
    code = "invalid_body"
    message = "The appeal was not sent."


class AppealNotFound(NotFound):
    code = "appeal_not_found"
    message = "There is no appeal with this ID."


class AppealDecided(Conflict):
    code = "already_decided"
    message = "Another maintainer already decided on this appeal."


class OwnReview(OwnMatter):
    code = "own_review"
    message = "The report is about your review. Another maintainer must decide."


class OwnContent(OwnMatter):
    code = "own_content"
    message = "You are a member of this publisher. Another maintainer must decide."


class OwnReport(OwnMatter):
    code = "own_report"
    message = "You filed a report about this. Another maintainer must decide."


class OwnDecision(OwnMatter):
    code = "own_decision"
    message = "The appeal is against your own decision, so another maintainer must decide."
