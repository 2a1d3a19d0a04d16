"""What maintainers see of events. Answers, never acts."""

MAINTAINER_PERMISSIONS = ("events.view_auditlog", "events.view_job")
