"""Refusals about reports."""

from foundation.refusals import Conflict, Invalid, Malformed, NotFound


class MissingFields(Malformed):
    code = "missing_fields"


class InvalidReason(Malformed):
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
    message = "There is no such report."


class AlreadyResolved(Conflict):
    code = "already_resolved"
    message = "Another maintainer has already decided on this report."
