"""A small shop to move, and the means to empty it: rows that no code of the shop may delete."""

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
from tests.support.factories import make_agent, make_version
from tests.support.uploads import ICON, icon, publish

SYSTEM = Actor(door="system")


def furnish(ada: User, grace: User, root: User) -> str:
    """Two agents of Ada's, one with real bytes and one delisted, and all that people did with
    them. Gives Ada's key."""
    by_ada, by_grace, by_root = (Actor(user=user, door="api") for user in (ada, grace, root))
    coach = publish(by_ada, "@ada/coach", "1.0.0").agent
    publish(by_ada, "@ada/coach", "1.1.0-beta.1")
    publish(by_ada, "@ada/coach", "1.1.0", assets=(icon(),), store={"icon": ICON})
    yank_version(coach, "1.0.0", reason="Broken", by=by_ada)
    post_review(coach, rating=4, title="Good", body="Ünïcode, “quotes”\nand lines", by=by_grace)
    gone = make_agent(ada, "gone")
    make_version(gone, "0.1.0")
    delist_agent(gone, reason="Spam", by=by_root)
    Report.objects.create(
        agent=coach, reporter_user=grace, reporter_ip_hash="0" * 64, reason="spam", details="?"
    )
    SocialAccount.objects.create(user=ada, provider="github", uid="7", extra_data={"b": 1, "a": []})
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    return create_key(ada, name="laptop", scopes=["read"], by=SYSTEM)[1]


def move_out() -> None:
    """Leave the shop as its migrations leave it, but for the categories."""
    Group.objects.all().delete()
    for table in reversed(TABLES):
        if not table.is_replaced:
            rows: QuerySet[Any] = QuerySet(table.model)
            rows._raw_delete("default")


def counts() -> dict[str, int]:
    """Rows by table, those without any left out."""
    found = {table.name: table.model._default_manager.count() for table in TABLES}
    return {name: count for name, count in found.items() if count}


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]


def write(folder: Path, name: str, rows: Iterable[object]) -> None:
    """Lines of JSON; bytes stand as they are."""
    folder.mkdir(exist_ok=True)
    written = [row if isinstance(row, bytes) else orjson.dumps(row) for row in rows]
    (folder / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in written))


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a catalogue but its summary, which says when it was made."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "catalogue.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
