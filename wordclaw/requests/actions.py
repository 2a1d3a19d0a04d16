"""Idempotency keys: a repeated request gets the first answer, once more."""

import hashlib
import json
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from foundation.actor import Actor
from foundation.clock import now
from foundation.encryption import NotReadable, decrypt_text, encrypt_text
from foundation.files.space import require_free_space
from foundation.limits.actions import count_use
from foundation.limits.declarations import KIB, get_limit
from foundation.limits.errors import RateLimited
from wordclaw.requests.errors import (
    IdempotencyConflict,
    IdempotencyKeyReused,
    InvalidIdempotencyKey,
)
from wordclaw.requests.models import IdempotentRequest

KEPT_ANSWERS = "kept_answers"
"""The name of the limit of bytes that are kept for one account."""
ENCRYPTED = b"\0encrypted:"
"""Beginning of an encrypted answer; no JSON begins with it."""
ENCRYPTED_HEADERS = "encrypted"
"""The name under which encrypted headers are stored, in place of their own."""
MAX_KEY_LENGTH = 255
RETENTION = timedelta(hours=24)
LEASE = timedelta(minutes=1)
"""A request that runs longer was killed: its key is free again."""


def credential_of(by: Actor) -> str:
    """Return the owner of an idempotency key: an API key, a user, or an address."""
    # Keys of one user are apart: two clients may well count from 1.
    if by.key_id:
        return f"key:{by.key_id}"
    # Without an account the address is all that tells callers apart.
    return f"user:{by.user_id}" if by.user_id else f"address:{by.address_hash}"[:80]


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    # A digest, because a body may have megabytes and is only compared.
    digest = hashlib.sha256(f"{method} {path}\n".encode())
    digest.update(body)
    return digest.hexdigest()


def begin_request(
    key: str, fingerprint: str, *, token: str = "", by: Actor
) -> tuple[IdempotentRequest, bool]:
    """Return the row of a key, and whether the answer is kept in it already.

    ``token``: that of a link, if the request has one. Raises InvalidIdempotencyKey,
    IdempotencyKeyReused or IdempotencyConflict.
    """
    # PostgreSQL stores no NUL, and a header of 8 KiB would be in an index.
    if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise InvalidIdempotencyKey
    credential = credential_of(by)
    if token and not by.is_known:
        # People behind one address have links of their own.
        credential = f"token:{hashlib.sha256(token.encode()).hexdigest()}"
    # Here, too, because the scheduled job may be late for this key.
    _delete_expired(credential, key)
    try:
        # Committed before the work begins, so that a second request sees the key at once.
        with transaction.atomic():
            row = IdempotentRequest.objects.create(
                credential=credential, key=key, fingerprint=fingerprint
            )
    except IntegrityError:
        return _former_request(credential, key, fingerprint), True
    return row, False


def _delete_expired(credential: str, key: str) -> None:
    rows = IdempotentRequest.objects.filter(credential=credential, key=key)
    rows.filter(started_at__lt=now() - RETENTION).delete()
    rows.filter(status=None, started_at__lt=now() - LEASE).delete()


def _former_request(credential: str, key: str, fingerprint: str) -> IdempotentRequest:
    row = IdempotentRequest.objects.filter(credential=credential, key=key).first()
    # The other request failed and freed the key in this moment.
    if row is None:
        raise IdempotencyConflict
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    # Refused and not waited for: a thread that waits is missing for other requests.
    if row.status is None:
        raise IdempotencyConflict
    return row


def keep_answer(
    row: IdempotentRequest,
    status: int,
    answer: bytes,
    headers: dict[str, str],
    *,
    is_secret: bool = False,
    by: Actor,
) -> None:
    """Keep the answer of a request, encrypted if it has a secret.

    A success is kept in the transaction of its effect. Raises RateLimited or InsufficientStorage.
    """
    _require_space(len(answer), by=by)
    if is_secret:
        answer = ENCRYPTED + encrypt_text(answer.decode()).encode()
        # The header of a challenge has the same token as the body.
        headers = {ENCRYPTED_HEADERS: encrypt_text(json.dumps(headers))}
    IdempotentRequest.objects.filter(pk=row.pk).update(
        status=status, answer=answer, headers=headers
    )


def _require_space(size: int, *, by: Actor) -> None:
    require_free_space(size)
    if not settings.LIMITS_ON:
        return
    usage = count_use(get_limit(KEPT_ANSWERS), _owner_of(by), cost=1 + size // KIB)
    if usage.used_units > usage.limit.max_units:
        raise RateLimited(
            "Too many answers are kept for the idempotency keys of your account. Send the request"
            f" without a key, or try again in {usage.reset} seconds.",
            limit=KEPT_ANSWERS,
            retry_after=usage.reset,
        )


def _owner_of(by: Actor) -> str:
    return f"user:{by.user_id}" if by.user_id else credential_of(by)


def read_answer(row: IdempotentRequest) -> bytes:
    """Return the kept answer.

    Raises IdempotencyConflict if it cannot be decrypted any more.
    """
    answer = bytes(row.answer or b"")
    if not answer.startswith(ENCRYPTED):
        return answer
    try:
        return decrypt_text(answer.removeprefix(ENCRYPTED).decode()).encode()
    except NotReadable:
        raise IdempotencyConflict from None


def read_headers(row: IdempotentRequest) -> dict[str, str]:
    """Return the kept headers.

    Raises IdempotencyConflict if they cannot be decrypted any more.
    """
    headers: dict[str, str] = row.headers
    if ENCRYPTED_HEADERS not in headers:
        return headers
    try:
        return dict(json.loads(decrypt_text(headers[ENCRYPTED_HEADERS])))
    except NotReadable:
        raise IdempotencyConflict from None


def free_key(row: IdempotentRequest) -> None:
    """Forget a request that failed: it had no effect, so it may be sent again."""
    IdempotentRequest.objects.filter(pk=row.pk, status=None).delete()


def delete_old_requests() -> int:
    """Delete answers after 24 hours. Returns how many."""
    old = IdempotentRequest.objects.filter(started_at__lt=now() - RETENTION)
    deleted_count: int = old.delete()[0]
    return deleted_count
