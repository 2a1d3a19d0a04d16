"""Exported tables and personal data of transfers."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from foundation.export import PersonalDataPart, Row, Table, rows_without
from profiles.rules import may_be_a_scope
from registry.models import AgentTransfer, FormerAddress
from registry.rules.identifiers import AGENT_NAME


def _check_address(row: Row) -> str:
    is_id = may_be_a_scope(row["scope"]) and AGENT_NAME.fullmatch(row["name"])
    return "" if is_id else "scope and name are not those of an agent"


# Public, so that the former ids of an agent lead to it on a mirror, too.
FORMER_ADDRESSES = Table(
    name="former_addresses", model=FormerAddress, order=["id"], problem=_check_address
)
AGENT_TRANSFERS = Table(
    name="agent_transfers", model=AgentTransfer, order=["created_at", "id"], private=True
)


def _own_transfers(user_id: UUID) -> Iterator[Row]:
    rows = AgentTransfer.objects.filter(Q(offered_by=user_id) | Q(decided_by=user_id))
    return rows_without(rows.order_by("created_at", "id"))


PERSONAL_DATA = (PersonalDataPart("agent_transfers", _own_transfers),)
