"""JSON of follows."""

from typing import Any, Literal, get_args

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from clawstore.following.models import Follow
from clawstore.following.news import CHANGES
from foundation.clock import iso

# The names that JSON has for the kinds of news, by those of the columns.
WIRE_CHANGES = {
    "new_version": "newVersion",
    "asks_more": "asksForMore",
    "yanked": "yanked",
    "withheld": "withheld",
}
Change = Literal["newVersion", "asksForMore", "yanked", "withheld"]


class FollowIn(BaseModel):
    """Absent keys mean all kinds of news, by email."""

    model_config = ConfigDict(extra="forbid")

    changes: list[Change] = Field(list(get_args(Change)), max_length=4)
    byMail: StrictBool = True
    byWebhook: StrictBool = False

    def columns(self) -> dict[str, Any]:
        changes = [change for change in CHANGES if WIRE_CHANGES[change] in self.changes]
        return {"changes": changes, "by_mail": self.byMail, "by_webhook": self.byWebhook}


class FollowOut(Schema):
    kind: str
    target: str
    title: str
    changes: list[str]
    byMail: bool
    byWebhook: bool
    createdAt: str


class FollowPage(Schema):
    items: list[FollowOut]
    nextCursor: str | None = None


def follow_out(row: Follow) -> dict[str, Any]:
    changes = [WIRE_CHANGES[change] for change in CHANGES if getattr(row, f"wants_{change}")]
    return {
        "kind": row.kind,
        "target": row.target,
        "title": row.title,
        "changes": changes,
        "byMail": row.by_mail,
        "byWebhook": row.by_webhook,
        "createdAt": iso(row.created_at),
    }
