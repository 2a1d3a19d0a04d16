"""A small sample shop, and functions to export, import and empty it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db.models import QuerySet

from clawstore.editorial.models import ContentPage, RenderedContent
from clawstore.transfer.parts import TABLES
from foundation.access.actions import create_key
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from moderation.models import Report
from registry.agents.actions import delist_agent, yank_version
from registry.models import (
    IndexedAgent,
    SearchColumns,
    SearchPosting,
    SearchValue,
    SearchWord,
    StoredPage,
    StoredRow,
    WordFilterBlock,
)
from reviews.actions import post_review
from tests.support.factories import SYSTEM, make_agent, make_version
from tests.support.uploads import ICON, icon, publish
from wordclaw.content.items.actions import create_item, publish_item, replace_data
from wordclaw.content.types.actions import create_content_type
from wordclaw.forms.definitions.actions import create_form
from wordclaw.forms.submissions.actions import answer_submission, submit_form
from wordclaw.policy.actions import find_domain
from wordclaw.policy.models import Domain


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
    delisted_agent = make_agent(ada, "gone")
    make_version(delisted_agent, "0.1.0")
    delist_agent(delisted_agent, reason="Spam", by=by_root)
    Report.objects.create(
        agent=coach, reporter_user=grace, reporter_ip_hash="0" * 64, reason="spam", details="?"
    )
    SocialAccount.objects.create(user=ada, provider="github", uid="7", extra_data={"b": 1, "a": []})
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    create_sample_content(by_ada)
    return create_key(ada, name="laptop", scopes=["read"], by=SYSTEM)[1]


def create_sample_content(by: Actor) -> None:
    """Create a published item, edited since, that refers to another one."""
    domain = find_domain("ada", by)
    link = {"type": "object", "x-wordclaw-field-kind": "content-ref"}
    schema = {"type": "object", "properties": {"next": link}}
    create_content_type(domain, {"name": "Guide", "slug": "guide"}, schema=schema, by=by)
    first = create_item(domain, "guide", {"title": "Ünïcode"}, by=by)
    data = {"title": "Two", "a": 1, "next": {"contentItemId": str(first.pk)}}
    second = create_item(domain, "guide", data, message="Why", by=by)
    publish_item(domain, second.pk, by=by)
    replace_data(domain, second.pk, data | {"title": "Three"}, by=by)
    create_sample_form(domain, by)


def create_sample_form(domain: Domain, by: Actor) -> None:
    """Create a type with a form, and a submission that was answered."""
    manifest = {"fields": [{"name": "title", "type": "text"}]}
    create_content_type(domain, {"name": "Wish", "slug": "wish"}, manifest=manifest, by=by)
    columns = {"name": "Wish", "slug": "wish", "fields": [{"name": "title"}]}
    create_form(domain, columns, content_type="wish", by=by)
    submission = submit_form(domain, "wish", {"title": "More"}, network="n", by=ANONYMOUS)
    answer_submission(domain, str(submission.pk), body="Soon.", by=by)


def delete_all_rows() -> None:
    """Delete all rows but the categories, past the guards of immutable tables."""
    Group.objects.all().delete()
    for model in (IndexedAgent, StoredPage, StoredRow, ContentPage, RenderedContent):
        model.objects.all().delete()
    for table in reversed(TABLES):
        if not table.replaces_rows or table.replaced_with:
            rows: QuerySet[Any] = QuerySet(table.model)
            rows._raw_delete("default")
    for model in (SearchPosting, SearchWord, SearchColumns, SearchValue, WordFilterBlock):
        model.objects.all().delete()


def counts() -> dict[str, int]:
    """Number of rows by table, without empty tables."""
    totals = {table.name: table.model._default_manager.count() for table in TABLES}
    return {name: count for name, count in totals.items() if count}


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]


def write(folder: Path, name: str, rows: Iterable[object]) -> None:
    """Write rows as lines of JSON; bytes are written unchanged."""
    folder.mkdir(exist_ok=True)
    lines = [row if isinstance(row, bytes) else orjson.dumps(row) for row in rows]
    (folder / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def contents(folder: Path) -> dict[str, bytes]:
    """All files of an export but its summary, which contains a timestamp."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "catalogue.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
