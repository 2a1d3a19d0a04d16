"""Problems of mirrors, kept until a version can be taken over."""

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from registry.models import Mirror, MirrorProblem

MAX_MESSAGE_LENGTH = 4000


def note_problem(
    mirror: Mirror,
    full_id: str,
    version: str = "",
    *,
    code: str,
    message: str,
    sha256: str = "",
    is_alarm: bool = False,
    by: Actor,
) -> None:
    """Store a problem, and record it once; the caller has a transaction.

    ``full_id`` is the id of an agent, or a scope with its at sign.
    """
    rows = MirrorProblem.objects.filter(mirror=mirror, full_id=full_id, version=version)
    text = message.replace("\0", "\ufffd")[:MAX_MESSAGE_LENGTH]
    moment = now()
    columns = {"message": text, "is_alarm": is_alarm, "last_seen_at": moment}
    if rows.filter(code=code, sha256=sha256).update(**columns):
        return
    columns |= {"code": code, "sha256": sha256, "first_seen_at": moment}
    MirrorProblem.objects.update_or_create(
        mirror=mirror, full_id=full_id, version=version, defaults=columns
    )
    event = "mirror.alarm" if is_alarm else "mirror.skipped"
    about = f"{full_id}@{version}" if version else full_id
    record(event, "mirror", mirror.source, by=by, about=about, code=code, reason=text[:500])


def forget_problem(mirror: Mirror, full_id: str, version: str = "") -> None:
    MirrorProblem.objects.filter(mirror=mirror, full_id=full_id, version=version).delete()
