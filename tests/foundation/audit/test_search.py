"""The search of the audit log, and its entries as sentences."""

from uuid import UUID, uuid4

import pytest
from django.db import transaction

from clawstore.event_sentences import SENTENCES
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.audit.models import AuditLog
from foundation.audit.search import audit_condition
from foundation.audit.sentences import sentence_of
from tests.contract.test_visible_events import recorded_kinds

KEY = uuid4()
HASH = "9f3c" + "0" * 60


@pytest.fixture
def log(ada: User, grace: User) -> None:
    by_ada = Actor(user=ada, door="api", key_id=KEY, address_hash=HASH, request_id="req-4bf1")
    # Both have arrived, which are two entries more.
    with transaction.atomic():
        record("version.yanked", "version", "@ada/coach@1.0.0", by=by_ada, reason="It <b>lies</b>.")
        record("agent.delisted", "agent", "@ada/coach", by=Actor(user=grace, door="admin"))
        record("agent.delisted", "agent", "@ada/coach-two", by=Actor(door="command"))
        record("report.filed", "report", str(uuid4()), by=Actor(door="page"), agent="@ada/coach")
        record("api_key.revoked", "api_key", str(KEY), by=Actor(user=ada, door="page"), prefix="c")


def keys_of(text: str) -> list[UUID]:
    return [KEY] if text == "claw_ab12" else []


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("", 7),
        ("key:claw_ab12", 2),
        ("claw_ab12", 2),
        ("reason:lies", 1),
        ("lies", 1),
        ('reason:"it <b>lies"', 1),
        ("address:9f3c", 1),
        (HASH, 1),
        ("address:9", 0),
        ("actor:@ada", 2),
        ("actor:grace", 1),
        ("object:@ada/coach", 3),
        ("object:coach", 3),
        ("object:@ada", 1),
        ("request:req-4bf1", 1),
        ("action:delisted via:admin", 1),
        ("grace delisted", 1),
        ("nonsense:lies", 0),
        ("key:unknown", 0),
    ],
)
def test_search_finds_events_by_text(log: None, text: str, actions: int):
    condition = audit_condition(text, keys_of=keys_of)

    assert AuditLog.objects.filter(condition).count() == actions


def test_entries_are_sentences_with_links(log: None):
    events = AuditLog.objects.select_related("user").order_by("created_at", "id")
    sentences = {event.entity_id: str(sentence_of(event)) for event in events}

    find = "/admin/find?q="
    assert sentences["@ada/coach@1.0.0"] == (
        f'<a href="{find}user%3Aada">@ada</a> yanked '
        f'<a href="{find}version%3A%40ada%2Fcoach%401.0.0">@ada/coach@1.0.0</a>'
    )
    assert sentences["@ada/coach-two"].startswith("The operator delisted ")
    assert any(sentence.startswith("A visitor sent a ") for sentence in sentences.values())


def test_sentence_escapes_its_details_and_lacks_none(ada: User):
    event = AuditLog(
        action="device_login.approved",
        entity_type="device_login",
        entity_id="1",
        user=ada,
        details={"client": "<script>{0}{actor}"},
    )

    assert "&lt;script&gt;{0}{actor}" in sentence_of(event)
    event.details = {}
    assert sentence_of(event).endswith(": —")


@pytest.mark.once
def test_every_recorded_action_has_a_sentence():
    kinds = set(recorded_kinds())
    # The other part of such a kind is a state or a type of subject.
    beginnings = tuple(kind for kind in kinds if kind.endswith("."))
    endings = tuple(kind for kind in kinds if kind.startswith("."))

    assert kinds - {*beginnings, *endings} <= SENTENCES.keys()
    unknown_names = [
        action
        for action in SENTENCES.keys() - kinds
        if not action.startswith(beginnings) and not action.endswith(endings)
    ]
    assert unknown_names == []
