"""Record that a maintainer read a withheld version."""

from datetime import timedelta

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.audit.models import AuditLog
from foundation.clock import now
from registry.models import Version

# One entry for a visit, not one for each page.
VISIT_LENGTH = timedelta(hours=1)


@transaction.atomic
def record_inspection(version: Version, *, by: Actor) -> bool:
    """Record that the actor read a withheld version, at most once an hour.

    Returns False for a version that is not withheld, and during the same visit.
    """
    if not version.is_withheld:
        return False
    name = f"{version.agent.full_id}@{version.version}"
    visits = AuditLog.objects.filter(
        action="version.inspected",
        entity_type="version",
        entity_id=name,
        user_id=by.require_user().pk,
        created_at__gt=now() - VISIT_LENGTH,
    )
    if visits.exists():
        return False
    record("version.inspected", "version", name, by=by)
    return True
