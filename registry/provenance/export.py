"""Exported tables and personal data of trusted publishing.

Keys of runs are not exported: they end within minutes.
"""

from collections.abc import Iterator
from uuid import UUID

from foundation.export import PersonalDataPart, Row, Table, rows_without
from registry.models import TrustedPublisher, VersionProvenance

VERSION_PROVENANCE = Table(name="version_provenance", model=VersionProvenance, order=["version_id"])
TRUSTED_PUBLISHERS = Table(
    name="trusted_publishers", model=TrustedPublisher, order=["id"], private=True
)


def _own_trusted_publishers(user_id: UUID) -> Iterator[Row]:
    rows = TrustedPublisher.objects.filter(created_by_id=user_id)
    return rows_without(rows.order_by("created_at", "id"))


PERSONAL_DATA = (PersonalDataPart("trusted_publishers", _own_trusted_publishers),)
