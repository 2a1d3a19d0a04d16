"""Every audit event that changes a page also changes a revision."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Sum

from foundation.audit.models import AuditLog
from foundation.caching.models import Revision
from registry.models import Agent
from tests.support import visible_writes as writes
from tests.support.visible_writes import Shop

# Kind of event → random writes that lead to it, in an order in which each can happen.
VISIBLE: dict[str, Callable[[Shop], None]] = {
    "version.published": writes.publish_version,
    "review.posted": writes.review,
    "review.edited": writes.rewrite_review,
    "reply.posted": writes.reply,
    "reply.edited": writes.reply,
    "reply.deleted": writes.remove_reply,
    "review.deleted": writes.remove_review,
    "agent.picked": writes.pick,
    "agent.unpicked": writes.unpick,
    "agent.delisted": writes.delist,
    "agent.relisted": writes.relist,
    "agent.deprecated": writes.deprecate,
    "agent.deprecation_changed": writes.deprecate,
    "agent.undeprecated": writes.undeprecate,
    "agent.archived": writes.archive,
    "agent.unarchived": writes.unarchive,
    "agent.transferred": writes.transfer,
    "version.deprecated": writes.deprecate_one,
    "version.deprecation_changed": writes.deprecate_one,
    "version.undeprecated": writes.undeprecate_one,
    "version.yanked": writes.yank,
    "version.unyanked": writes.unyank,
    "version.withheld": writes.withhold,
    "version.withholding_lifted": writes.lift,
    "content_item.taken_down": writes.take_down_content,
    "category.curated": writes.curate_category,
    "profile.edited": writes.describe_person,
    "profile.picture_kept": writes.fetch_picture,
    "agent.recounted": writes.recount,
    "account.deleted": writes.leave,
    "user.returned": writes.come_back,
}
# Those of kinds whose beginning alone is in the code.
VISIBLE_CONTENT: dict[str, Callable[[Shop], None]] = {
    "content_item.publish": writes.publish_any_text,
    "content_item.unpublish": writes.unpublish_content,
    "content_item.archive": writes.archive_content,
    "content_item.delete": writes.delete_content,
    "content_type.update": writes.hide_content_type,
    "offer.create": writes.sell,
    "offer.update": writes.switch_offer,
}
# Kinds that change no page for anonymous readers.
INVISIBLE = {
    *("access.ended", "account.exported", "account.suspended", "account.suspension_lifted"),
    *("api_key.created", "api_key.leaked", "api_key.revoked", "api_key.withdrawn", "appeal.filed"),
    *("connected_app.granted", "connected_app.ended", "connected_app.stolen"),
    *("draft.discarded", "draft.kept", "report.reopened", "version.inspected"),
    *("notices.chosen", "report.filed", "role.granted", "role.revoked"),
    # The text stays a draft.
    "content_item.hold_lifted",
    *("email.changed", "session.ended", "user.arrived"),
    # Pages change by what a mirror publishes or decides, which are events of their own.
    *("mirror.alarm", "mirror.extended", "mirror.skipped", "mirror.started_over"),
    "scope.mirrored",
    # Drafts, which no page shows; see VISIBLE_CONTENT for what readers get.
    *("member.", "content_type.", "content_item.", "asset."),
    *("workflow.", "review_task.", "review_comment.", "webhook.", "webhook.disabled"),
    *("form.", "form.submitted", "form.set_apart", "form_submission.", "form_submission.follow_up"),
    # Offers of content; see VISIBLE_CONTENT for those of agents.
    *("licence_policy.", "offer.", "entitlement.create", "entitlement.refund"),
    *("payment.", "payment.check", "revenue.payout"),
    *("job.cancel", "job.retry", "trusted_publisher."),
    # Only the two sides see an offer.
    *("agent.transfer_offered", "agent.transfer_declined", "agent.transfer_cancelled"),
    *("follow.set", "follow.end", "follow.feed_replaced"),
    *("external_feedback.create", "external_feedback_token.", ".revision_requested"),
    # Beginnings of kinds that end with a state.
    *("appeal.", "device_login.", "report."),
}
# Tested elsewhere: an import only goes into an empty catalogue, ratings differ only by a bug, and
# only an account from before scopes were derived has none.
WHOLE_CATALOGUE = {
    "catalogue.imported",
    "rating.repaired",
    "scope.derived",
    "search_counts.repaired",
}
APPS = ("clawstore", "foundation", "moderation", "profiles", "registry", "reviews", "wordclaw")
TRIES = 60


def recorded_kinds() -> Iterator[str]:
    """The kinds in calls of ``record``, or the beginnings of computed kinds."""
    for app in APPS:
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assignments = {
                node.targets[0].id: node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            for node in ast.walk(tree):
                is_record = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                if not is_record or node.func.id != "record" or not node.args:
                    continue
                kind = node.args[0]
                kind = assignments[kind.id] if isinstance(kind, ast.Name) else kind
                constants = [c.value for c in ast.walk(kind) if isinstance(c, ast.Constant)]
                yield from (value for value in constants if isinstance(value, str))


@pytest.mark.once
def test_every_kind_of_event_is_declared() -> None:
    declared_kinds = VISIBLE.keys() | INVISIBLE | WHOLE_CATALOGUE

    assert {kind for kind in recorded_kinds() if "." in kind} == declared_kinds


def revisions() -> tuple[object, ...]:
    totals = Revision.objects.order_by("name").values_list("name").annotate(Sum("number"))
    return tuple(totals), tuple(Agent.objects.order_by("pk").values_list("pk", "revision"))


@pytest.mark.django_db
def test_every_visible_event_changes_a_revision(storage_folder: Path) -> None:
    shop = Shop(3)
    for kind, write in (VISIBLE | VISIBLE_CONTENT).items():
        for _ in range(TRIES):
            events, before = AuditLog.objects.filter(action=kind), revisions()
            count = events.count()
            try:
                write(shop)
            except writes.Refusal:
                continue
            if events.count() > count:
                assert revisions() != before, kind
                break
        else:
            pytest.fail(f"{write.__name__} recorded no {kind}")
