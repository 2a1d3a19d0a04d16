"""The quota of an account: bytes of versions and drafts, and drafts at a time."""

from functools import cache

from django.conf import settings
from django.db.models import CharField, DateTimeField, Sum, UUIDField

from foundation.actor import Actor
from foundation.clock import now
from foundation.compiled_query import CompiledQuery, Parameter
from foundation.files.space import require_free_space
from profiles.mirrored import MIRROR_DOOR
from registry.models import Draft, Version, VersionAsset
from registry.publishing.errors import QuotaExceeded, TooManyDrafts

MIB = 1024 * 1024


def require_space(by: Actor, *, announced_bytes: int) -> None:
    """Refuse an upload, before it is read, for which there is no space."""
    require_free_space(announced_bytes)
    # The size that a client announces is not trusted; the real one is checked with the rows.
    require_quota(by, size=1)


def require_quota(by: Actor, *, size: int, tarball_key: str = "") -> None:
    """Raise QuotaExceeded if ``size`` more bytes would exceed the actor's quota.

    A draft with this key has the same bytes, which are stored once.
    """
    # The operator has chosen what is mirrored, and the disk still has to have the space.
    if by.door == MIRROR_DOOR:
        return
    quota = settings.ACCOUNT_QUOTA_MIB * MIB
    if used_bytes(by, except_digest=tarball_key) + size > quota:
        raise QuotaExceeded(
            f"Your account may keep {settings.ACCOUNT_QUOTA_MIB:,} MiB of packages here, and this"
            " upload would exceed it. Discard drafts that you do not need, publish a smaller"
            f" package, or ask {settings.CONTACT_EMAIL} for more.",
            quota_bytes=quota,
        )


def used_bytes(by: Actor, *, except_digest: str = "") -> int:
    """Return the bytes of the actor's versions and drafts, images included.

    Drafts whose tarball has the key ``except_digest`` are left out.
    """
    user = by.require_user()
    total: int = sum(size for query in _sums_of_user() for (size,) in query.tuples(user=user.pk))
    # Their images are in a JSON column, which the databases sum up in different ways.
    drafts = _drafts_of_user_query().tuples(user=user.pk, moment=now(), digest=except_digest)
    for tarball_size, draft_images, import_facts in drafts:
        total += tarball_size + sum(image["size"] for image in draft_images)
        total += import_facts.get("source", {}).get("size", 0)
    return total


@cache
def _sums_of_user() -> tuple[CompiledQuery, CompiledQuery]:
    """The bytes of a user's packages and of their images; no row without any."""
    user = Parameter("user", UUIDField())
    versions = Version.objects.filter(uploaded_by_user__pk=user).values("uploaded_by_user")
    images = VersionAsset.objects.filter(version__uploaded_by_user__pk=user)
    return (
        CompiledQuery(versions.annotate(size=Sum("tarball_size_bytes")).values("size")),
        CompiledQuery(
            images.values("version__uploaded_by_user")
            .annotate(size=Sum("size_bytes"))
            .values("size")
        ),
    )


@cache
def _drafts_of_user_query() -> CompiledQuery:
    drafts = Draft.objects.unexpired(Parameter("moment", DateTimeField()))
    drafts = drafts.filter(owner_user__pk=Parameter("user", UUIDField()))
    drafts = drafts.exclude(tarball_r2_key=Parameter("digest", CharField()))
    return CompiledQuery(drafts.values("tarball_size_bytes", "assets", "import_facts"))


def require_place_for_draft(by: Actor) -> None:
    """Raise TooManyDrafts if the actor has as many drafts as an account may have."""
    drafts = Draft.objects.unexpired().filter(owner_user_id=by.require_user().pk)
    if drafts.count() >= settings.ACCOUNT_DRAFTS:
        raise TooManyDrafts(
            f"You have {settings.ACCOUNT_DRAFTS} drafts, as many as an account may have."
            " First publish or discard one; a draft is deleted after a day.",
            drafts=settings.ACCOUNT_DRAFTS,
        )
