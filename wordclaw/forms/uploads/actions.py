"""Writes of files that are sent with forms.

A file is judged as an asset is, and stored before its form is sent: a page that is shown again
keeps it. With the submission it becomes an asset that only members, and the sender, can read.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from foundation.actor import Actor
from foundation.clock import now
from foundation.files.sweep import StoredFolder
from foundation.limits.actions import count_use
from foundation.limits.budgets import charged_to, cpu_budget
from foundation.limits.declarations import KIB, MIB, get_limit
from foundation.sandbox.pool import Lane
from wordclaw.content.assets.actions import STORED_ASSETS, storage_key, store_bytes
from wordclaw.content.assets.upload import POOL, AssetUpload, JudgedUpload, judge_upload
from wordclaw.content.models import Asset
from wordclaw.content.models.assets import AssetAccess
from wordclaw.content.space import add_space, require_domain_space, require_space
from wordclaw.forms.definitions.queries import find_active_form
from wordclaw.forms.errors import FileFieldNotFound, FileTooLarge, NoRoomForFiles
from wordclaw.forms.limits import FILES, FILES_OF_ALL, MAX_FILE_BYTES
from wordclaw.forms.models import FormDefinition, FormUpload
from wordclaw.policy.models import Domain

LIFETIME = timedelta(hours=24)
"""As long as a page of a form can be sent."""
MAX_WAITING = 20
"""Files of one sender that wait for their form to be sent."""
MAX_WAITING_BYTES = 200 * MIB
"""The same of all senders of a form without an account."""
MAX_SUBMITTED = 5_000
MAX_SUBMITTED_BYTES = 512 * MIB
"""Files of all submissions of a domain; senders without an account may use half of it."""
# Apart from the uploads of members, which must not wait for the files of strangers.
LANE = Lane(POOL, max_running=1, max_waiting=4, patience=10.0)
STORED_FILES = StoredFolder(
    STORED_ASSETS.name,
    lambda key: STORED_ASSETS.is_used(key) or FormUpload.objects.filter(storage_key=key).exists(),
)
"""The folder of assets, in which the files of forms are, too."""


def sender_of(network: str, by: Actor) -> str:
    """Return whose uses are counted together: a user's, or those of a network."""
    return f"user:{by.user_id}" if by.is_known else network


def file_fields(form: FormDefinition) -> list[str]:
    """Return the names of the fields that ask for a file."""
    return [field["name"] for field in form.fields if field["type"] == "file"]


def count_upload(form: FormDefinition, size: int, *, network: str, by: Actor) -> None:
    """Count a file before its body is read. Raises RateLimited or Unauthenticated."""
    if form.requires_sign_in:
        by.require_user()
    if not settings.LIMITS_ON:
        return
    cost = 1 + size // KIB
    key = f"{form.pk}:{sender_of(network, by)}"
    count_use(get_limit(FILES), key, cost=cost).require_within_limit()
    if not by.is_known:
        count_use(get_limit(FILES_OF_ALL), str(form.pk), cost=cost).require_within_limit()


def find_file_form(domain: Domain, slug: str) -> FormDefinition:
    """Return a form that asks for files. Raises FormNotFound or FileFieldNotFound."""
    form = find_active_form(domain, slug)
    if not file_fields(form):
        raise FileFieldNotFound
    return form


def judge_file(upload: AssetUpload, *, network: str, by: Actor) -> JudgedUpload:
    """Return what the bytes of a file say.

    Raises RateLimited, FileTooLarge, UnsupportedAsset, AssetUnreadable or SandboxBusy.
    """
    if upload.file.seek(0, 2) > MAX_FILE_BYTES:
        raise FileTooLarge
    upload.file.seek(0)
    if settings.LIMITS_ON:
        # People with an account find something left when a flood has used up the rest.
        cpu_budget(FILES).require_available(reserve=0.0 if by.is_known else 0.3)
    with charged_to(FILES):
        return judge_upload(upload, lane=LANE, owner=sender_of(network, by))


@transaction.atomic
def keep_upload(
    form: FormDefinition,
    field: str,
    upload: JudgedUpload,
    *,
    network: str,
    upload_id: UUID | None = None,
    is_dry_run: bool = False,
    by: Actor,
) -> FormUpload:
    """Keep a judged file until its form is sent; a dry run stores no bytes.

    ``upload_id``: of a page that may be sent twice; the second time the same file is returned.
    Raises FileFieldNotFound, NoRoomForFiles or InsufficientStorage.
    """
    if field not in file_fields(form):
        raise FileFieldNotFound
    key = storage_key(form.domain, upload)
    row = FormUpload(
        form=form,
        field=field,
        name=upload.name,
        content_type=upload.content_type,
        size_bytes=upload.size_bytes,
        sha256=upload.sha256,
        storage_key=key,
        width=upload.width,
        height=upload.height,
        sender=sender_of(network, by),
    )
    if upload_id is not None:
        row.pk = upload_id
        if present_row := FormUpload.objects.filter(pk=upload_id).first():
            return present_row
        # The page was sent before, so its file is that of the submission.
        if Asset.objects.filter(pk=upload_id).exists():
            return row
    # Senders of one form wait for each other, so that two cannot take the last place.
    FormDefinition.objects.select_for_update(no_key=True).get(pk=form.pk)
    _require_place(form, row, by=by)
    if not is_dry_run:
        store_bytes(key, upload)
    row.save(force_insert=True)
    return row


def _require_place(form: FormDefinition, row: FormUpload, *, by: Actor) -> None:
    uploads = FormUpload.objects.filter(form=form)
    if uploads.filter(sender=row.sender).count() >= MAX_WAITING:
        raise NoRoomForFiles("You uploaded many files without sending the form.")
    totals = uploads.exclude(sender__startswith="user:").aggregate(size=Sum("size_bytes"))
    if not by.is_known and (totals["size"] or 0) + row.size_bytes > MAX_WAITING_BYTES:
        raise NoRoomForFiles
    _require_place_of_submissions(form.domain, row.size_bytes, by=by)
    require_domain_space(form.domain_id, row.size_bytes)


def _require_place_of_submissions(domain: Domain, size: int, *, by: Actor) -> None:
    """Raise NoRoomForFiles if submissions have no place for another file."""
    files = Asset.objects.alive().filter(domain=domain, is_submitted=True)
    totals = files.aggregate(Count("pk"), Sum("size_bytes"))
    share = 1 if by.is_known else 2
    if (
        totals["pk__count"] >= MAX_SUBMITTED // share
        or (totals["size_bytes__sum"] or 0) + size > MAX_SUBMITTED_BYTES // share
    ):
        raise NoRoomForFiles


def attach_uploads(
    form: FormDefinition, uploads: Iterable[tuple[str, str]], *, by: Actor
) -> list[str]:
    """Make assets of the files of a submission, in its transaction.

    ``uploads``: names of fields with the IDs of their files. Returns the fields whose file is not
    there. Raises NoRoomForFiles, or what `require_space` raises.
    """
    lost_fields = []
    for field, upload_id in uploads:
        rows = FormUpload.objects.select_for_update().filter(pk=upload_id, form=form, field=field)
        row = rows.filter(created_at__gte=now() - LIFETIME).first()
        if row is None:
            lost_fields.append(field)
            continue
        _require_place_of_submissions(form.domain, row.size_bytes, by=by)
        if by.is_known:
            require_space(form.domain_id, row.size_bytes, author_id=by.user_id)
        else:
            require_domain_space(form.domain_id, row.size_bytes)
        Asset.objects.create(**_columns_of(row), domain=form.domain, author_id=by.user_id)
        add_space(form.domain_id, row.size_bytes)
        row.delete()
    return lost_fields


def _columns_of(row: FormUpload) -> dict[str, Any]:
    names = ("id", "name", "content_type", "size_bytes", "sha256", "storage_key", "width", "height")
    columns = {name: getattr(row, name) for name in names}
    # Never public: it is for the members who read the submission.
    return columns | {"access": AssetAccess.SIGNED, "is_submitted": True}


def delete_old_uploads() -> int:
    """Delete files of forms that were never sent. Returns their number.

    The sweep deletes their bytes.
    """
    old_rows = FormUpload.objects.filter(created_at__lt=now() - LIFETIME)
    deleted_count: int = old_rows.delete()[0]
    return deleted_count


def waiting_uploads(form: FormDefinition, ids: Iterable[UUID]) -> dict[UUID, FormUpload]:
    """Return the files of a page that were kept, by their ID."""
    since = Q(created_at__gte=now() - LIFETIME)
    return {row.pk: row for row in FormUpload.objects.filter(since, form=form, pk__in=list(ids))}
