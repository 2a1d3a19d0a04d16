"""A small sample shop, and functions to export, import and empty it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from clawstore.transfer.parts import TABLES
from foundation.access.actions import create_key
from foundation.accounts.models import User
from foundation.actor import Actor
from moderation.models import Report
from registry.agents.actions import delist_agent, yank_version
from reviews.actions import post_review
from tests.support.factories import SYSTEM, make_agent, make_version
from tests.support.uploads import ICON, icon, publish


def create_sample_shop(ada: User, grace: User, root: User) -> str:
    """Create two agents of Ada's, one of them delisted; return Ada's key.

    Grace reviews and reports the first, so every exported table has rows.
    """
    by_ada, by_grace, by_root = (Actor(user=user, door="api") for user in (ada, grace, root))
    coach = publish(by_ada, "@ada/coach", "1.0.0").agent
    publish(by_ada, "@ada/coach", "1.1.0-beta.1")
    publish(by_ada, "@ada/coach", "1.1.0", assets=(icon(),), store={"icon": ICON})
    yank_version(coach, "1.0.0", reason="Broken", by=by_ada)
    post_review(coach, rating=4, title="Good", body="Ünïcode, “quotes”\nand lines", by=by_grace)
    delisted = make_agent(ada, "gone")
    make_version(delisted, "0.1.0")
    delist_agent(delisted, reason="Spam", by=by_root)
    Report.objects.create(
        agent=coach, reporter_user=grace, reporter_ip_hash="0" * 64, reason="spam", details="?"
    )
    SocialAccount.objects.create(user=ada, provider="github", uid="7", extra_data={"b": 1, "a": []})
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    return create_key(ada, name="laptop", scopes=["read"], by=SYSTEM)[1]


def delete_all_rows() -> None:
    """Delete all rows but the categories, past the guards of immutable tables."""
    Group.objects.all().delete()
    for table in reversed(TABLES):
        if not table.replaces_rows:
            rows: QuerySet[Any] = QuerySet(table.model)
            rows._raw_delete("default")


def counts() -> dict[str, int]:
    """Number of rows by table, without empty tables."""
    totals = {table.name: table.model._default_manager.count() for table in TABLES}
    return {name: count for name, count in totals.items() if count}


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]


def write(folder: Path, name: str, rows: Iterable[object]) -> None:
    """Write rows as lines of JSON; bytes are written unchanged."""
    folder.mkdir(exist_ok=True)
    written = [row if isinstance(row, bytes) else orjson.dumps(row) for row in rows]
    (folder / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in written))


def contents(folder: Path) -> dict[str, bytes]:
    """All files of an export but its summary, which contains a timestamp."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "catalogue.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
