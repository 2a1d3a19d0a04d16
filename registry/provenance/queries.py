"""Trusted publishers: those of a user, and those that mean a run."""

from uuid import UUID

from foundation.clock import now
from registry.models import CiKey, TrustedPublisher
from registry.provenance.rules import Run, is_trusted


def list_trusted_publishers(user_id: UUID) -> list[TrustedPublisher]:
    """Return the active trusted publishers that a user has added, by agent."""
    rows = TrustedPublisher.objects.active().filter(created_by=user_id)
    return list(rows.order_by("full_id", "created_at"))


def find_trusting(run: Run, full_id: str = "") -> list[TrustedPublisher]:
    """Return the trusted publishers that mean a run; with ``full_id`` of one agent."""
    rows = TrustedPublisher.objects.active().filter(
        issuer=run.issuer.url, repository__iexact=run.repository
    )
    if full_id:
        rows = rows.filter(full_id=full_id)
    rows = rows.select_related("created_by").order_by("full_id", "created_at", "id")
    return [publisher for publisher in rows if is_trusted(run, publisher)]


def count_valid_keys(publisher: TrustedPublisher) -> int:
    """Return how many keys of a trusted publisher are neither expired nor revoked."""
    keys = CiKey.objects.filter(publisher=publisher, api_key__revoked_at=None)
    return keys.filter(api_key__expires_at__gt=now()).count()
