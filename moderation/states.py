"""The states of reports and appeals, as the desk marks them."""

from django.utils.safestring import SafeString

from foundation.desk.states import Tone, state_mark
from moderation.models import Appeal, Report

REPORT_TONES = {
    Report.Status.OPEN: Tone.WARN,
    Report.Status.RESOLVED: Tone.GOOD,
    Report.Status.DISMISSED: Tone.QUIET,
}
APPEAL_TONES = {
    Appeal.Status.OPEN: Tone.WARN,
    Appeal.Status.UPHELD: Tone.GOOD,
    Appeal.Status.REJECTED: Tone.QUIET,
}


def report_state(report: Report) -> SafeString:
    return state_mark(
        report.get_status_display().lower(), REPORT_TONES[Report.Status(report.status)]
    )


def appeal_state(appeal: Appeal) -> SafeString:
    return state_mark(
        appeal.get_status_display().lower(), APPEAL_TONES[Appeal.Status(appeal.status)]
    )


def reason_mark(report: Report) -> SafeString:
    """The reason of a report; malware is urgent."""
    is_urgent = report.reason == Report.Reason.MALICIOUS
    return state_mark(report.get_reason_display().lower(), Tone.BAD if is_urgent else Tone.QUIET)
