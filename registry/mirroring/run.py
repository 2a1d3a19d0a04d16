"""One run of a mirror: its lease, and transactions that only its holder commits."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import connections, transaction
from django.db.models import Q

from foundation.clock import iso, now
from profiles.mirrored import mirrored_scopes
from profiles.models import Scope
from registry.mirroring.errors import LeaseLost, MirrorBusy
from registry.mirroring.source import Source
from registry.models import Mirror

# Short, because the mirror of a killed process waits so long.
LEASE = timedelta(seconds=60)
RENEWAL_INTERVAL = LEASE.total_seconds() / 3
log = logging.getLogger("clawstore.mirror")


@dataclass
class MirrorRun:
    """A run that has the lease. ``scopes`` are those that it mirrors, by name."""

    mirror: Mirror
    source: Source
    token: UUID
    retries_refused: bool = False
    scopes: dict[str, Scope] = field(default_factory=dict)
    published_count: int = 0
    skipped_count: int = 0
    failures_in_a_row: int = 0

    def read_scopes(self) -> None:
        self.scopes = {scope.name: scope for scope in mirrored_scopes(self.mirror.source)}

    @contextmanager
    def progress(self) -> Iterator[Mirror]:
        """A transaction with the mirror's row locked. Raises LeaseLost.

        What a run has done and how far it has come are therefore stored together, or not at all.
        """
        with transaction.atomic():
            rows = Mirror.objects.select_for_update().filter(
                pk=self.mirror.pk, lease_token=self.token
            )
            mirror = rows.first()
            if mirror is None:
                raise LeaseLost
            yield mirror
        self.mirror = mirror


@contextmanager
def leased(mirror: Mirror) -> Iterator[UUID]:
    """Hold the lease of a mirror inside the block. Raises MirrorBusy."""
    token, moment = uuid4(), now()
    is_free = Q(lease_ends_at=None) | Q(lease_ends_at__lt=moment)
    is_leased = Mirror.objects.filter(is_free, pk=mirror.pk).update(
        lease_token=token, lease_ends_at=moment + LEASE, started_at=moment
    )
    if not is_leased:
        mirror.refresh_from_db()
        until = mirror.lease_ends_at or moment
        raise MirrorBusy(
            f"Another run mirrors {mirror.source}. If it was killed, its lease ends at"
            f" {until:%H:%M:%S} UTC.",
            until=iso(until),
        )
    is_done = threading.Event()
    arguments = (mirror.pk, token, is_done)
    thread = threading.Thread(target=_renew, args=arguments, name="mirror-lease", daemon=True)
    thread.start()
    try:
        yield token
    finally:
        is_done.set()
        # Otherwise its connection would outlive the run.
        thread.join()
        lease = Mirror.objects.filter(pk=mirror.pk, lease_token=token)
        lease.update(lease_token=None, lease_ends_at=None)


def _renew(mirror_id: UUID, token: UUID, is_done: threading.Event) -> None:
    lease = Mirror.objects.filter(pk=mirror_id, lease_token=token)
    while not is_done.wait(RENEWAL_INTERVAL):
        try:
            lease.update(lease_ends_at=now() + LEASE)
        except Exception:
            log.warning("The lease of a mirror was not renewed", exc_info=True)
        finally:
            # This thread's own connection.
            connections.close_all()
