"""Space for content: free disk, bytes of an account in an hour, bytes of a domain.

The bytes of a domain are a number that each write changes, and that `recount` proves.
"""

import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, DateTimeField, Q, QuerySet, Sum, UUIDField
from django.db.models.functions import Coalesce

from foundation.clock import now
from foundation.compiled_insert import CompiledInsert
from foundation.compiled_query import CompiledQuery, Parameter
from foundation.files.space import require_free_space
from foundation.limits.actions import count_use
from foundation.limits.declarations import KIB, MIB, get_limit
from foundation.limits.errors import RateLimited
from wordclaw.content.errors import ContentSpaceUsedUp
from wordclaw.content.models import (
    Asset,
    ContentItemVersion,
    ContentSpace,
    ContentType,
    ContentTypeSchema,
)
from wordclaw.policy.models import Domain

Rows: TypeAlias = QuerySet[ContentSpace]
ADD_SPACE = CompiledInsert(ContentSpace)

CONTENT_BYTES = "content_bytes"
"""The name of the limit of bytes of an account."""
MERGED_ROWS = 100
"""Rows of a domain that are added up at each write, before they become one."""
SWEEP_DELAY = timedelta(days=1)
"""The sweep deletes the file of a deleted asset then."""


def size_of(data: Any) -> int:
    """Return the bytes of a JSON value as it is stored."""
    # PostgreSQL stores no negative zero, so what is read back would be shorter.
    text = json.dumps(data, ensure_ascii=False).replace("-0.0", "0.0")
    # A lone surrogate is valid in JSON, and must not be an error of the server here.
    return len(text.encode("utf-8", "surrogatepass"))


def require_space(domain_id: UUID, size: int, *, author_id: UUID | None) -> None:
    """Refuse ``size`` more bytes for which there is no space.

    ``author_id`` is None for migrations and commands, which must not be refused half-way. Raises
    InsufficientStorage, RateLimited or ContentSpaceUsedUp.
    """
    _require_other_space(size, author_id=author_id)
    if author_id is not None:
        require_domain_space(domain_id, size)


def take_space(domain_id: UUID, size: int, *, author_id: UUID | None) -> None:
    """Count bytes of a domain, in the transaction that stores them.

    Refuses them as `require_space` does.
    """
    _require_other_space(size, author_id=author_id)
    if _add(domain_id, size) > _domain_limit() and author_id is not None:
        raise _used_up()


def _require_other_space(size: int, *, author_id: UUID | None) -> None:
    # The working copy, the version, and the log of the database.
    require_free_space(3 * size)
    if author_id is not None and settings.LIMITS_ON:
        _count_for_account(size, author_id)


def require_domain_space(domain_id: UUID, size: int) -> None:
    """Raise ContentSpaceUsedUp if the domain may not store ``size`` more bytes."""
    if used_bytes(domain_id) + size > _domain_limit():
        raise _used_up()


def _domain_limit() -> int:
    limit: int = settings.DOMAIN_CONTENT_MIB * MIB
    return limit


def _used_up() -> ContentSpaceUsedUp:
    return ContentSpaceUsedUp(
        f"The content of a domain has at most {settings.DOMAIN_CONTENT_MIB:,} MiB together: all"
        " versions of its items, its schemas and its assets. Nothing was stored.",
        limit_bytes=_domain_limit(),
    )


def _count_for_account(size: int, author_id: UUID) -> None:
    # One unit for each write beside its size, so that tiny edits in a loop end, too.
    usage = count_use(get_limit(CONTENT_BYTES), f"user:{author_id}", cost=1 + size // KIB)
    if usage.used_units > usage.limit.max_units:
        raise RateLimited(
            f"Your account may write {usage.limit.max_units // KIB} MiB of content in an hour."
            f" Try again in {usage.reset} seconds.",
            limit=CONTENT_BYTES,
            retry_after=usage.reset,
        )


def used_bytes(domain_id: UUID) -> int:
    """Return the bytes that the content of a domain takes."""
    return _total_and_rows(domain_id)[0]


def _total_and_rows(domain_id: UUID) -> tuple[int, int]:
    """Return the bytes of a domain, and the number of rows that make them."""
    rows = _sums_query().rows(domain=domain_id, moment=now())
    return (rows[0]["total"], rows[0]["number"]) if rows else (0, 0)


@cache
def _sums_query() -> CompiledQuery:
    rows = _effective_rows(Parameter("domain", UUIDField()), Parameter("moment", DateTimeField()))
    return CompiledQuery(
        rows.values("domain")
        .annotate(total=Sum("size_bytes"), number=Count("pk"))
        .values("total", "number"),
        is_prepared=True,
    )


def _effective_rows(domain_id: UUID | Parameter, moment: datetime | Parameter) -> Rows:
    """Rows of a domain whose ``counts_from`` has passed, or that have none."""
    rows: Rows = ContentSpace.objects.filter(domain_id=domain_id)
    return rows.filter(Q(counts_from=None) | Q(counts_from__lte=moment))


def add_space(domain_id: UUID, size: int) -> None:
    """Count bytes that a domain stores from now on, without a limit."""
    _add(domain_id, size)


def _add(domain_id: UUID, size: int) -> int:
    """Add a row and return the bytes of the domain with it."""
    ADD_SPACE.add(ContentSpace(domain_id=domain_id, size_bytes=size))
    total, row_count = _total_and_rows(domain_id)
    if row_count > MERGED_ROWS:
        _merge(domain_id)
    return total


def return_space(domain_id: UUID, size: int) -> None:
    """Count bytes less, as soon as the sweep has deleted the file."""
    # Not at once: uploading and deleting in a loop would otherwise fill the disk within the limit.
    moment = now() + SWEEP_DELAY
    ContentSpace.objects.create(domain_id=domain_id, size_bytes=-size, counts_from=moment)


def _merge(domain_id: UUID) -> None:
    # Rows that another writer merges are left to it, so that no writer waits here.
    rows = _effective_rows(domain_id, now())
    parts = dict(rows.select_for_update(skip_locked=True).values_list("pk", "size_bytes"))
    ContentSpace.objects.filter(pk__in=parts).delete()
    ContentSpace.objects.create(domain_id=domain_id, size_bytes=sum(parts.values()))


def wrong_spaces() -> Iterator[tuple[Domain, int, int]]:
    """Yield domain, stored and counted bytes where they differ."""
    for domain in Domain.objects.order_by("name"):
        cached_bytes, actual = stored_bytes(domain), count_bytes(domain)
        if cached_bytes != actual:
            yield domain, cached_bytes, actual


def stored_bytes(domain: Domain) -> int:
    """Return the number of a domain, without deleted files that are still there."""
    rows = ContentSpace.objects.filter(domain=domain)
    total: int = rows.aggregate(total=Coalesce(Sum("size_bytes"), 0))["total"]
    return total


def count_bytes(domain: Domain) -> int:
    """Add up all that a domain stores; this reads all its content."""
    versions = ContentItemVersion.objects.filter(item__domain=domain).order_by()
    types = ContentType.objects.filter(domain=domain).values("pk")
    schemas = ContentTypeSchema.objects.filter(content_type_id__in=types).order_by()
    texts = schemas.values_list("schema_text", "manifest_text").iterator(chunk_size=100)
    assets = Asset.objects.alive().filter(domain=domain).aggregate(size=Sum("size_bytes"))
    return (
        sum(map(size_of, versions.values_list("data", flat=True).iterator(chunk_size=100)))
        + sum(schema_size(schema, manifest) for schema, manifest in texts)
        + (assets["size"] or 0)
    )


def schema_size(schema_text: str, manifest_text: str | None) -> int:
    """Return the bytes of one version of a schema."""
    return len((schema_text + (manifest_text or "")).encode("utf-8", "surrogatepass"))


def repair_spaces() -> None:
    """Store the counted bytes of all domains that have wrong ones."""
    for domain, _, _ in wrong_spaces():
        with transaction.atomic():
            # Each writer refers to the domain, so it waits here until the number is right.
            Domain.objects.select_for_update().get(pk=domain.pk)
            difference = count_bytes(domain) - stored_bytes(domain)
            ContentSpace.objects.create(domain=domain, size_bytes=difference)


def after_import(_absent: Collection[str]) -> None:
    """Count the space of all domains: an export has no numbers."""
    # Those of the migrations, too, whose domains the import has replaced.
    ContentSpace.objects.all().delete()
    repair_spaces()
