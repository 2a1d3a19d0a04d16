"""JSON schemas of agents and versions, in camelCase."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from ninja import Schema
from pydantic import BaseModel, ConfigDict, StrictStr

from foundation.clock import iso, iso_or_none
from registry.agents.deprecation import (
    DeprecationOut,
    deprecation_of,
    retirement_of,
    version_deprecation,
)
from registry.agents.mirrored import (
    MIRROR_COLUMNS,
    MirroredFromOut,
    mirrored_from,
    source_of_version,
)
from registry.agents.moves import MOVE_COLUMNS, MoveOut, move_of
from registry.agents.provenance import Provenance, ProvenanceOut, provenance_out
from registry.models import Version, VersionAsset, VersionWithholding


class CategoryOut(Schema):
    id: str
    name: str
    icon: str
    sortOrder: int


class AgentOffer(Schema):
    """The price of the shown version.

    A purchase is POST /v1/domains/{scope}/offers/{id}/purchase.
    """

    id: str
    amountSatoshis: int


class AgentItem(Schema):
    """One row of a list.

    ``offer`` is absent if the agent is free, ``deprecatedAt`` and ``archivedAt`` if it is neither.
    """

    id: str
    scope: str
    name: str
    displayName: str
    tagline: str
    category: str
    license: str
    downloadCount: int
    avgRating: float | None
    reviewCount: int
    createdAt: str
    updatedAt: str
    offer: AgentOffer | None = None
    deprecatedAt: str | None = None
    archivedAt: str | None = None


class LatestVersion(Schema):
    id: str
    version: str
    channel: str
    manifest: dict[str, Any]
    tarballSha256: str
    tarballSizeBytes: int
    downloadCount: int
    uploadedAt: str
    yankedAt: str | None


class Owner(Schema):
    githubLogin: str
    displayName: str | None
    avatarUrl: str | None


class AgentDetail(AgentItem):
    description: str
    homepage: str | None
    repository: str | None
    tags: list[str]
    latestVersion: LatestVersion | None
    owner: Owner
    move: MoveOut | None = None
    deprecation: DeprecationOut | None = None
    mirroredFrom: MirroredFromOut | None = None


class Withholding(Schema):
    """The reason of a withholding: malware, leaked_secrets or court."""

    reason: str
    text: str
    since: str


class VersionItem(Schema):
    id: str
    version: str
    channel: str
    tarballSizeBytes: int
    downloadCount: int
    uploadedAt: str
    yankedAt: str | None
    yankedReason: str | None
    withheld: bool
    deprecation: DeprecationOut | None = None


class VersionPage(Schema):
    items: list[VersionItem]
    nextCursor: str | None = None


class AssetOut(Schema):
    id: str
    kind: str
    path: str
    url: str
    contentType: str
    sizeBytes: int
    sha256: str
    ordering: int


class VersionDetail(LatestVersion):
    uploadedByUserId: str
    yankedByUserId: str | None
    yankedReason: str | None
    withheld: Withholding | None
    provenance: ProvenanceOut | None
    assets: list[AssetOut]
    deprecation: DeprecationOut | None = None
    mirroredFrom: MirroredFromOut | None = None


class FindingOut(Schema):
    """A fault of a package. ``help`` is the address of its explanation."""

    code: str
    severity: str
    path: str
    message: str
    help: str
    line: int | None = None


class Published(Schema):
    id: str
    version: str
    agentId: str
    versionId: str
    channel: str
    tarballSha256: str
    tarballSizeBytes: int
    url: str
    tarballUrl: str
    assets: list[AssetOut]
    findings: list[FindingOut]


class YankIn(BaseModel):
    # Otherwise a number would become the text of a public reason.
    model_config = ConfigDict(strict=True)

    reason: StrictStr | None = None


class Yanked(Schema):
    ok: bool
    alreadyYanked: bool | None = None


class Unyanked(Schema):
    ok: bool
    alreadyActive: bool | None = None


LIST_COLUMNS = (
    "id",
    "scope",
    "name",
    "display_name",
    "tagline",
    "category_id",
    "license",
    "download_count",
    "avg_rating",
    "review_count",
    "created_at",
    "updated_at",
    "price_satoshis",
    "price_offer_id",
    "deprecated_at",
    "archived_at",
)


def agent_item(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a list, from the values of LIST_COLUMNS."""
    return {
        "id": str(row["id"]),
        "scope": row["scope"],
        "name": row["name"],
        "displayName": row["display_name"],
        "tagline": row["tagline"],
        "category": row["category_id"],
        "license": row["license"],
        "downloadCount": row["download_count"],
        "avgRating": row["avg_rating"],
        "reviewCount": row["review_count"],
        "createdAt": iso(row["created_at"]),
        "updatedAt": iso(row["updated_at"]),
    } | (offer_of(row) | retirement_of(row))


def offer_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The price of an agent, from PRICE values; empty if it is free."""
    if row["price_satoshis"] is None:
        return {}
    offer = {"id": str(row["price_offer_id"]), "amountSatoshis": row["price_satoshis"]}
    return {"offer": offer}


LATEST = "latest_version__"
OWNER = "owner_user__profile__"
LATEST_COLUMNS = (
    "id",
    "version",
    "channel",
    "manifest",
    "tarball_sha256",
    "tarball_size_bytes",
    "download_count",
    "uploaded_at",
    "yanked_at",
)


DETAIL_COLUMNS = (
    *LIST_COLUMNS,
    *("description", "homepage", "repository", "owner_user_id", "delisted_at"),
    *("deprecation_reason", "successor", *MOVE_COLUMNS, *MIRROR_COLUMNS),
    *(LATEST + column for column in LATEST_COLUMNS),
    *(OWNER + column for column in ("github_login", "display_name", "avatar_url")),
)


def agent_detail(row: Mapping[str, Any], tags: list[str]) -> dict[str, Any]:
    """One agent in full, from the values of DETAIL_COLUMNS.

    Plain values, because building models of four tables takes most of the time.
    """
    latest = {column: row[LATEST + column] for column in LATEST_COLUMNS}
    return (
        agent_item(row)
        | {
            "description": row["description"],
            "homepage": row["homepage"],
            "repository": row["repository"],
            "tags": tags,
            "latestVersion": version_head(latest) if latest["id"] else None,
            "owner": {
                "githubLogin": row[OWNER + "github_login"],
                "displayName": row[OWNER + "display_name"],
                "avatarUrl": row[OWNER + "avatar_url"],
            },
        }
        | deprecation_of(row)
        | move_of(row)
        | mirrored_from(row)
    )


def version_head(row: Mapping[str, Any]) -> dict[str, Any]:
    """The common part of an agent's and a version's detail, from LATEST_COLUMNS."""
    return {
        "id": str(row["id"]),
        "version": row["version"],
        "channel": row["channel"],
        "manifest": row["manifest"],
        "tarballSha256": row["tarball_sha256"],
        "tarballSizeBytes": row["tarball_size_bytes"],
        "downloadCount": row["download_count"],
        "uploadedAt": iso(row["uploaded_at"]),
        "yankedAt": iso_or_none(row["yanked_at"]),
    }


VERSION_COLUMNS = (
    "id",
    "version",
    "channel",
    "tarball_size_bytes",
    "download_count",
    "uploaded_at",
    "yanked_at",
    "yanked_reason",
    "is_withheld",
)


def version_item(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the version list, from the values of VERSION_COLUMNS."""
    return {
        "id": str(row["id"]),
        "version": row["version"],
        "channel": row["channel"],
        "tarballSizeBytes": row["tarball_size_bytes"],
        "downloadCount": row["download_count"],
        "uploadedAt": iso(row["uploaded_at"]),
        "yankedAt": iso_or_none(row["yanked_at"]),
        "yankedReason": row["yanked_reason"],
        "withheld": row["is_withheld"],
    }


def version_detail(
    version: Version,
    assets: list[dict[str, Any]],
    withholding: VersionWithholding | None,
    provenance: Provenance | None,
) -> dict[str, Any]:
    """One version in full; a withheld one has an empty manifest."""
    yanked_by = version.yanked_by_user_id
    row = {column: getattr(version, column) for column in LATEST_COLUMNS}
    # The manifest has texts of the withheld version, and the names of its secrets.
    return (
        version_head(row | ({"manifest": {}} if withholding else {}))
        | {
            "uploadedByUserId": str(version.uploaded_by_user_id),
            "yankedByUserId": str(yanked_by) if yanked_by else None,
            "yankedReason": version.yanked_reason,
            "withheld": withholding_out(withholding) if withholding else None,
            "provenance": provenance_out(provenance),
            "assets": assets,
        }
        | version_deprecation(version.agent, version.version)
        | source_of_version(version.uploaded_by_user, version.agent.scope, version.agent.name)
    )


def withholding_out(withholding: VersionWithholding) -> dict[str, str]:
    return {
        "reason": withholding.reason,
        "text": withholding.text,
        "since": iso(withholding.withheld_at),
    }


def asset_out(asset: VersionAsset, base: str) -> dict[str, Any]:
    """``base`` is the canonical API address of the asset's version."""
    return {
        "id": str(asset.pk),
        "kind": asset.kind,
        "path": asset.path,
        "url": f"{base}/assets/{asset.pk}",
        "contentType": asset.content_type,
        "sizeBytes": asset.size_bytes,
        "sha256": asset.sha256,
        "ordering": asset.ordering,
    }


def version_base(scope: str, name: str, version: str) -> str:
    """The canonical API address of a version."""
    return f"{settings.BASE_URL}/v1/agents/{scope}/{name}/versions/{version}"
