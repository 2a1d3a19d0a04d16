"""The page of a form and its receipt: people, robots, mistakes."""

import re
from typing import Any

import pytest
from django.test import Client

from clawstore.intake import page_stamp
from foundation.accounts.models import User
from foundation.actor import Actor
from tests.support.http import client_of
from tests.support.studio import make_guides
from wordclaw.forms.definitions.actions import change_form, create_form
from wordclaw.forms.models import FormDefinition, FormSubmission
from wordclaw.policy.models import Domain

PAGE = "/forms/@ada/wish"
FIELDS: list[dict[str, Any]] = [
    {"name": "title", "required": True, "label": "Your wish"},
    {"name": "body", "help": "All of it."},
    {"name": "stars"},
    {"name": "level"},
    {"name": "is_open", "label": "Public"},
    {"name": "agent", "required": False},
]


@pytest.fixture
def wish(ada: User) -> Domain:
    """A form with a field of each kind in Ada's domain."""
    by = Actor(user=ada, door="page")
    domain = make_guides("ada", by)
    columns = {"name": "Wish", "slug": "wish", "fields": FIELDS, "success_message": "We read it."}
    create_form(domain, columns, content_type="guide", by=by)
    return domain


def send(client: Client, *, waits: bool = True, stamp: str = "", **fields: str) -> Any:
    """Open the page and send it, after the time that a person needs."""
    stamp = stamp or stamp_of(client.get(PAGE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_stamp, "MIN_SECONDS", 0 if waits else 3)
        return client.post(PAGE, {"stamp": stamp} | {f"f-{k}": v for k, v in fields.items()})


def stamp_of(response: Any) -> str:
    match = re.search(r'name="stamp" value="([^"]+)"', response.content.decode())
    assert match
    return match[1]


def test_a_person_gets_a_receipt_with_what_was_sent(wish: Domain, client: Client):
    answer = send(client, title="Fly", body="a\r\nb", stars="3,5", level="hard", is_open="on")
    assert answer.status_code == 302
    address = answer.headers["Location"]
    submission = FormSubmission.objects.get()
    assert address == f"/receipts/{submission.receipt}"
    assert submission.item.data == {
        "title": {"en": "Fly"},
        "body": {"en": "a\nb"},
        "stars": 3.5,
        "level": "hard",
        "is_open": True,
    }
    receipt = client.get(address)
    assert receipt.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in receipt.headers["Cache-Control"]
    text = receipt.content.decode()
    assert "We read it." in text
    assert "Fly" in text
    assert "noindex" in text
    # Nothing of it is public.
    assert "Fly" not in client.get("/@ada/texts").content.decode()
    assert client.get("/receipts/" + "x" * 32).status_code == 404


def test_mistakes_keep_what_was_typed(wish: Domain, client: Client):
    answer = send(client, body="A long <text>", stars="many", level="odd", agent="@no/agent")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "A long &lt;text&gt;" in text
    assert 'value="many"' in text
    # The controls first, then the rules of the definition, then those of the type.
    answer = send(client, body="Kept", stars="9")
    assert answer.status_code == 422
    assert "Fill in this field." in answer.content.decode()
    answer = send(client, title="T", body="Kept", stars="9")
    assert (answer.status_code, "Kept" in answer.content.decode()) == (422, True)
    assert 'aria-invalid="true"' in answer.content.decode()
    answer = send(client, title="T", agent="@no/agent")
    assert (answer.status_code, "@no/agent" in answer.content.decode()) == (422, True)
    assert not FormSubmission.objects.exists()


def test_robots_store_nothing_and_a_quick_person_sends_again(wish: Domain, client: Client):
    trapped = client.post(PAGE, {"f-title": "Buy", page_stamp.TRAP: "x"})
    assert (trapped.status_code, FormSubmission.objects.count()) == (200, 0)
    for stamp in ("", "x", "x:y:z"):
        answer = client.post(PAGE, {"f-title": "Buy", "stamp": stamp})
        assert (answer.status_code, b'value="Buy"' in answer.content) == (422, True)
    quick = send(client, waits=False, title="Quick")
    assert (quick.status_code, b'value="Quick"' in quick.content) == (422, True)
    again = send(client, stamp=stamp_of(quick), title="Quick")
    assert again.status_code == 302
    # The same page once more leads to the same receipt, and other words need a new page.
    repetition = send(client, stamp=stamp_of(quick), title="Quick")
    assert repetition.headers["Location"] == again.headers["Location"]
    other = send(client, stamp=stamp_of(quick), title="Other")
    assert (other.status_code, b'value="Other"' in other.content) == (409, True)
    assert send(client, stamp=stamp_of(other), title="Other").status_code == 302
    assert FormSubmission.objects.count() == 2


def test_a_form_may_ask_who_writes_and_be_switched_off(
    wish: Domain, client: Client, grace: User, ada: User
):
    by = Actor(user=ada, door="page")
    change_form(wish, "wish", {"requires_sign_in": True}, by=by)
    page = client.get(f"{PAGE}?title=x")
    assert b"Sign in to use this form" in page.content
    assert b'name="f-title"' not in page.content
    stamp = page_stamp.new_stamp(FormDefinition.objects.get(slug="wish"))
    assert send(client, stamp=stamp, title="T").status_code == 401
    grace_client = client_of(grace)
    assert b'value="from a link"' in grace_client.get(f"{PAGE}?title=from+a+link").content
    assert send(grace_client, title="T").status_code == 302
    assert FormSubmission.objects.get().submitter == grace
    assert FormSubmission.objects.get().item.status == "draft"
    change_form(wish, "wish", {"is_active": False}, by=by)
    assert grace_client.get(PAGE).status_code == 404
    preview = client_of(ada).get("/studio/@ada/forms/wish/preview")
    assert preview.status_code == 200
    assert client.get("/forms/@nobody/wish").status_code == 404
