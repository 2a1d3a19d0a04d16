"""Whoever adds a table decides whether it moves: a backup forgets nothing by accident."""

from django.apps import apps

from clawstore.transfer.parts import PARTS, TABLES
from registry.models import Version

STAYS = {
    "limits.LimitCounter",  # of this hour
    "access.DeviceLogin",  # of these ten minutes
    "jobs.Job",  # delivered by the house that recorded it, or it would be delivered twice
    "registry.DownloadSeen",  # of this day
    "registry.FileView",  # holds HTML, and is computed again from the packages
    "caching.Revision",  # marks what this very server has cached
    *("registry.VersionDiff", "registry.VersionDiffPage"),  # made again when they are asked for
    "registry.Draft",  # kept a day, and its bytes are in no export
    "notices.SentNotice",  # of the jobs that stay
    "account.EmailConfirmation",
    "socialaccount.SocialApp",
    "socialaccount.SocialToken",
    "usersessions.UserSession",
    "sessions.Session",  # one signs in again
    "admin.LogEntry",  # the audit log says it too
    "auth.Group",  # as roles
    "auth.Permission",
    "contenttypes.ContentType",
}

SAYS_NOTHING_OF_ITS_WORDS = {
    "agents",  # whose listing is blank where every version is withheld
    "version_withholdings",  # that it is, and why
    "download_days",  # numbers
}


def test_nothing_of_a_withheld_version_goes_to_a_mirror_by_accident() -> None:
    """Whoever adds a table about versions says what of a withheld one everybody may get: its
    ``kept_back`` in the app's ``portable``."""
    silent = [
        table.name
        for table in TABLES
        if not table.private
        and table.redaction is None
        and any(field.related_model is Version for field in table.model._meta.concrete_fields)
    ]

    assert set(silent) == SAYS_NOTHING_OF_ITS_WORDS


def test_every_table_moves_or_is_known_to_stay() -> None:
    moves = {table.model for table in TABLES}
    others = {model._meta.label for model in apps.get_models() if model not in moves}

    assert sorted(others - STAYS) == []
    assert "roles" in {part.name for part in PARTS}
