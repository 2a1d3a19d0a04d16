"""Writes of content at the same time."""

import json
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from tests.support.races import run_at_once
from wordclaw.content.errors import (
    InvalidReference,
    ItemInUse,
    SchemaBreaksItems,
    SingletonExists,
)
from wordclaw.content.items.actions import add_item, create_item, publish_item, replace_data
from wordclaw.content.items.batch import BatchOperation, run_batch
from wordclaw.content.items.deletion import delete_item
from wordclaw.content.lookup import find_type
from wordclaw.content.models import (
    ContentItem,
    ContentItemVersion,
    ContentReference,
    ContentType,
)
from wordclaw.content.singletons.actions import write_global
from wordclaw.content.sorting import wrong_sort_values
from wordclaw.content.types.actions import change_content_type, create_content_type
from wordclaw.policy.actions import find_domain
from wordclaw.policy.models import Domain
from wordclaw.requests.actions import begin_request
from wordclaw.requests.errors import IdempotencyConflict, PreconditionFailed
from wordclaw.requests.models import IdempotentRequest
from wordclaw.workflow.definitions.actions import add_transition, create_workflow
from wordclaw.workflow.errors import ReviewTaskNotPending
from wordclaw.workflow.models import ReviewTask, Workflow
from wordclaw.workflow.reviews.actions import decide_task, submit_item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
LINK = {"type": "object", "x-wordclaw-field-kind": "content-ref"}
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"next": LINK}}
MARKED = {
    "type": "object",
    "properties": {"next": LINK, "n": {"type": "integer", "x-wordclaw-indexed": True}},
}


@pytest.fixture
def domain(as_ada: Actor) -> Domain:
    domain = find_domain("ada", as_ada)
    fields = {"name": "Post", "slug": "post"}
    create_content_type(domain, fields, schema=SCHEMA, by=as_ada)
    site = {"name": "Site", "slug": "site", "kind": "singleton"}
    create_content_type(domain, site, schema=SCHEMA, by=as_ada)
    return domain


def test_updates_at_once_are_versions_of_their_own(domain: Domain, as_ada: Actor):
    item = create_item(domain, "post", {}, by=as_ada)

    results = run_at_once(
        [lambda n=n: replace_data(domain, item.pk, {"n": n}, by=as_ada) for n in range(12)]
    )

    assert sorted(result.version for result in results) == list(range(2, 14))
    numbers = ContentItemVersion.objects.filter(item=item).values_list("version", flat=True)
    assert sorted(numbers) == list(range(1, 14))


def test_one_of_several_updates_of_the_same_version_wins(domain: Domain, as_ada: Actor):
    item = create_item(domain, "post", {}, by=as_ada)

    results = run_at_once(
        [
            lambda n=n: replace_data(domain, item.pk, {"n": n}, expected_version=1, by=as_ada)
            for n in range(8)
        ]
    )

    refusals = [result for result in results if isinstance(result, PreconditionFailed)]
    assert len(refusals) == 7
    assert ContentItem.objects.filter(domain__name="ada").get().version == 2


def test_global_has_one_document_however_many_write_it_first(domain: Domain, as_ada: Actor):
    results = run_at_once(
        [lambda n=n: write_global(domain, "site", {"n": n}, by=as_ada) for n in range(8)]
    )

    assert all(isinstance(result, tuple | SingletonExists) for result in results)
    assert ContentItem.objects.filter(domain__name="ada").count() == 1


def test_reference_and_deletion_at_once_leave_no_reference_to_nothing(
    domain: Domain, as_ada: Actor
):
    for _ in range(6):
        target = create_item(domain, "post", {}, by=as_ada)
        data = {"next": {"contentItemId": str(target.pk)}}

        creation, deletion = run_at_once(
            [
                lambda data=data: create_item(domain, "post", data, by=as_ada),
                lambda target=target: delete_item(domain, target.pk, by=as_ada),
            ]
        )

        is_deleted = ContentItem.objects.get(pk=target.pk).deleted_at is not None
        is_used = ContentReference.objects.filter(target_item=target).exists()
        assert is_deleted != is_used, (creation, deletion)
        assert isinstance(creation, ContentItem | InvalidReference)
        assert deletion is None or isinstance(deletion, ItemInUse)


def test_batches_of_the_same_items_in_opposite_orders_do_not_wait_for_each_other(
    domain: Domain, as_ada: Actor
):
    items = [create_item(domain, "post", {}, by=as_ada) for _ in range(15)]
    forth = [BatchOperation("update", str(item.pk), {"n": 1}) for item in items]

    results = run_at_once(
        [
            lambda operations=operations: run_batch(
                domain, "post", operations, atomic=True, by=as_ada
            )
            for operations in (forth, forth[::-1]) * 3
        ]
    )

    assert [result[0].version for result in results if isinstance(result, list)], results
    assert {item.version for item in ContentItem.objects.filter(domain=domain)} == {7}


def test_idempotency_key_begins_once(ada: User, as_ada: Actor):
    results = run_at_once([lambda: begin_request("k", "f", by=as_ada) for _ in range(8)])

    beginning = [result for result in results if isinstance(result, tuple)]
    conflicts = [result for result in results if isinstance(result, IdempotencyConflict)]
    assert (len(beginning), len(conflicts)) == (1, 7)
    assert IdempotentRequest.objects.count() == 1


def test_one_of_many_decisions_on_a_task_is_made(domain: Domain, as_ada: Actor):
    create_workflow(domain, "post", name="Editing", by=as_ada)
    workflow = Workflow.objects.get(domain=domain)
    add_transition(
        domain,
        str(workflow.pk),
        from_state="draft",
        to_state="published",
        required_roles=[],
        by=as_ada,
    )
    item = create_item(domain, "post", {}, by=as_ada)
    task = submit_item(domain, str(item.pk), to_state="published", by=as_ada)

    results = run_at_once(
        [
            lambda word=word: decide_task(
                domain, str(task.pk), decision=word, reason="x", by=as_ada
            )
            for word in ("approved", "rejected") * 25
        ]
    )

    decisions = [result.status for result in results if isinstance(result, ReviewTask)]
    assert len(decisions) == 1
    refusals = [result for result in results if not isinstance(result, ReviewTask)]
    assert [result for result in refusals if not isinstance(result, ReviewTaskNotPending)] == []
    item.refresh_from_db()
    assert (item.status == "published") == (decisions == ["approved"])
    assert item.version == 3


def test_item_that_a_new_schema_forbids_is_not_published_beside_it(domain: Domain, as_ada: Actor):
    strict = SCHEMA | {"required": ["n"]}
    publication, stop = Event(), Event()
    item = create_item(domain, "post", {}, by=as_ada)

    def publish() -> None:
        with transaction.atomic():
            publish_item(domain, item.pk, by=as_ada)
            publication.set()
            # The change of the schema has this time to pass, which it must not.
            stop.wait(0.5)

    def change() -> None:
        publication.wait(10)
        change_content_type(domain, "post", {}, schema=strict, by=as_ada)

    first_result, second_result = run_at_once([publish, change])

    assert first_result is None
    assert isinstance(second_result, SchemaBreaksItems)
    assert ContentType.objects.get(slug="post", domain=domain).schema_version == 1


def test_publications_and_changes_of_a_schema_do_not_wait_for_each_other_for_ever(
    domain: Domain, as_ada: Actor
):
    strict, items = MARKED | {"required": ["n"]}, []
    for _ in range(4):
        items.append(create_item(domain, "post", {}, by=as_ada))

    results = run_at_once(
        [
            *[lambda item=item: publish_item(domain, item.pk, by=as_ada) for item in items],
            *[
                lambda s=s: change_content_type(domain, "post", {}, schema=s, by=as_ada)
                for s in (MARKED, strict)
            ],
        ]
    )

    assert not [result for result in results if isinstance(result, OperationalError)], results
    content_type = ContentType.objects.get(slug="post", domain=domain)
    live_items = ContentItem.objects.of_type(content_type).exclude(published_version=None)
    is_strict = "required" in content_type.schema_text
    assert not (is_strict and live_items.exists()), results


def test_new_item_and_a_field_marked_at_the_same_time_are_both_in_the_list(
    domain: Domain, as_ada: Actor
):
    creation, stop = Event(), Event()

    def create() -> None:
        with transaction.atomic():
            create_item(domain, "post", {"n": 1}, by=as_ada)
            creation.set()
            # The other transaction has this time to pass, which it must not.
            stop.wait(0.5)

    def mark() -> None:
        creation.wait(10)
        change_content_type(domain, "post", {}, schema=MARKED, by=as_ada)

    assert run_at_once([create, mark]) == [None, None]

    assert ContentType.objects.get(slug="post", domain=domain).sorted_fields
    assert list(wrong_sort_values()) == []
    if connection.vendor == "postgresql":
        # It read the schema before the mark, and wrote its row after it.
        stale = find_type(domain, "post")
        stale.schema_version, stale.schema_text = 1, json.dumps(SCHEMA)
        with transaction.atomic():
            add_item(stale, {"n": 2}, by=as_ada)
        assert list(wrong_sort_values()) == []
