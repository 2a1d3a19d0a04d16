"""Exported tables of domains, and what belongs to one person."""

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.policy.models import Domain, DomainMember

# The migration adds the store's row, which an import brings with its own id.
DOMAINS = Table(name="domains", model=Domain, order=["id"], private=True, replaces_rows=True)
DOMAIN_MEMBERS = Table(name="domain_members", model=DomainMember, order=["id"], private=True)

PERSONAL_DATA = (
    PersonalDataPart(
        "domain_memberships",
        lambda user_id: rows_without(
            DomainMember.objects.filter(user_id=user_id).order_by("created_at", "id")
        ),
    ),
)
