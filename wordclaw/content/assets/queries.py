"""Reads of assets."""

from uuid import UUID

from django.db.models import QuerySet

from foundation.actor import Actor
from foundation.paging import Ordering, Sort
from foundation.text.input import read_uuid
from wordclaw.content.assets.errors import ContentAssetNotFound
from wordclaw.content.assets.links import require_valid_link
from wordclaw.content.models.assets import Asset
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

NEWEST_FIRST: Ordering = (Sort("created_at", descending=True), Sort("id"))


def assets_of(domain: Domain, *, by: Actor) -> QuerySet[Asset]:
    """Return the assets of a domain, for its members."""
    authorize(by, "content.read", domain, resource_type="asset")
    assets: QuerySet[Asset] = Asset.objects.alive().of_members().filter(domain=domain)
    return assets.select_related("domain", "author")


def find_asset(
    domain: Domain, asset_id: str | UUID, *, token: str | None = None, by: Actor
) -> Asset:
    """Return a public asset, one of the actor's domains, or one by a link.

    ``token``: of a signed link. Raises ContentAssetNotFound, InvalidAssetLink or Unauthenticated.
    """
    assets = Asset.objects.alive().select_related("domain", "author")
    asset = assets.filter(domain=domain, pk=read_uuid(asset_id)).first()
    if asset is not None and asset.is_public:
        return asset
    # The link is enough: it was made by a member for readers without an account.
    if asset is not None and token is not None:
        require_valid_link(asset, token)
        return asset
    return find_members_asset(domain, asset_id, by=by)


def find_members_asset(domain: Domain, asset_id: str | UUID, *, by: Actor) -> Asset:
    """Return an asset for a member of its domain.

    Raises ContentAssetNotFound or Unauthenticated.
    """
    authorize(
        by,
        "content.read",
        domain,
        resource_type="asset",
        resource_id=str(asset_id),
        hidden_as=ContentAssetNotFound,
    )
    assets = Asset.objects.alive().select_related("domain", "author")
    asset: Asset | None = assets.filter(domain=domain, pk=read_uuid(asset_id)).first()
    if asset is None:
        raise ContentAssetNotFound
    return asset
