"""The page of a form and its receipt: people, robots, mistakes."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clawstore.intake import page_stamp
from foundation.accounts.models import User
from foundation.actor import Actor
from tests.support.http import client_of
from tests.support.studio import make_guides
from tests.wordclaw.content.test_assets import PDF
from wordclaw.content.models import Asset, ContentType
from wordclaw.content.types.actions import change_content_type
from wordclaw.forms.definitions.actions import change_form, create_form
from wordclaw.forms.models import FormDefinition, FormSubmission, FormUpload
from wordclaw.policy.actions import find_domain
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


def send(
    client: Client, *, waits: bool = True, stamp: str = "", extra: Any = None, **fields: Any
) -> Any:
    """Open the page and send it, after the time that a person needs."""
    stamp = stamp or stamp_of(client.get(PAGE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_stamp, "MIN_SECONDS", 0 if waits else 3)
        body = {"stamp": stamp} | {f"f-{name}": value for name, value in fields.items()}
        return client.post(PAGE, body | (extra or {}))


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


@pytest.mark.once
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


@pytest.mark.once
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


@pytest.fixture
def proof(ada: User) -> Domain:
    """The form of the wish with a file, in Ada's domain."""
    by = Actor(user=ada, door="page")
    domain = make_guides("ada", by)
    prop = {"type": "object", "x-wordclaw-field-kind": "asset", "properties": {"assetId": {}}}
    content_type = ContentType.objects.get(domain=domain, slug="guide")
    schema = content_type.schema
    schema["properties"]["proof"] = prop
    change_content_type(domain, "guide", {}, schema=schema, by=by)
    columns = {"name": "Wish", "slug": "wish", "fields": [*FIELDS, {"name": "proof"}]}
    create_form(domain, columns, content_type="guide", by=by)
    return domain


def pdf(data: bytes = PDF, name: str = "my proof.pdf") -> Any:
    return SimpleUploadedFile(name, data, content_type="text/html")


@pytest.mark.once
def test_a_file_is_kept_while_the_page_is_shown_again(proof: Domain, client: Client):
    page = client.get(PAGE).content
    assert b'enctype="multipart/form-data"' in page
    answer = send(client, proof=pdf())
    text = answer.content.decode()
    assert (answer.status_code, "my proof.pdf" in text) == (422, True)
    match = re.search(r'name="kept-f-proof" value="([^"]+)"', text)
    assert match
    upload_id = match[1]
    stamp = stamp_of(answer)
    # A second file of a wrong kind leaves the first one.
    wrong = send(client, stamp=stamp, proof=pdf(b"PK\3\4"), extra={"kept-f-proof": upload_id})
    assert (wrong.status_code, "Attach a PNG" in wrong.content.decode()) == (422, True)
    assert upload_id in wrong.content.decode()
    removal = {"kept-f-proof": upload_id, "remove-f-proof": "on"}
    again = send(client, stamp=stamp, extra=removal)
    assert (again.status_code, upload_id in again.content.decode()) == (422, False)

    answer = send(client, stamp=stamp, title="Fly", extra={"kept-f-proof": upload_id})
    assert answer.status_code == 302
    assert FormSubmission.objects.get().item.data["proof"] == {"assetId": upload_id}
    receipt = client.get(answer.headers["Location"]).content.decode()
    assert f"/files/{upload_id}" in receipt
    file = client.get(f"{answer.headers['Location']}/files/{upload_id}")
    assert b"".join(file.streaming_content) == PDF
    assert file["Content-Type"] == "application/pdf"
    assert file["Content-Disposition"].startswith("attachment")
    assert (file["Referrer-Policy"], "sandbox" in file["Content-Security-Policy"]) == (
        *("no-referrer", True),
    )
    assert client.get(f"{answer.headers['Location']}/files/{uuid4()}").status_code == 404
    assert client.get(f"/receipts/{'x' * 32}/files/{upload_id}").status_code == 404


def test_a_page_with_a_file_sent_twice_is_one_submission(proof: Domain, client: Client):
    stamp = stamp_of(client.get(PAGE))
    first, second = (send(client, stamp=stamp, title="T", proof=pdf()) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert (FormSubmission.objects.count(), Asset.objects.count()) == (1, 1)
    assert not FormUpload.objects.exists()
    # A file of a robot, or of a page that is too old, is not stored.
    for fields in ({page_stamp.TRAP: "x"}, {"stamp": "x"}):
        client.post(PAGE, {"f-title": "Buy", "f-proof": pdf(), "stamp": stamp} | fields)
    assert not FormUpload.objects.exists()


@pytest.mark.once
def test_bodies_of_forms_are_limited(wish: Domain, client: Client):
    # This form has no file, so neither announced nor unannounced bytes are taken.
    answer = client.post(PAGE, {"f-title": "x" * 70_000, "stamp": "x"})
    assert answer.status_code == 413


@pytest.mark.once
def test_pages_lead_to_open_forms_of_the_store_alone(client: Client, root: User):
    links = (b'href="/forms/contact"', b'href="/forms/legal-notice"')
    for address in ("/", "/about/terms"):
        assert [link in client.get(address).content for link in links] == [True, True]
    by = Actor(user=root, door="page")
    change_form(find_domain("store", by), "contact", {"is_active": False}, by=by)
    for address in ("/", "/about/terms"):
        assert [link in client.get(address).content for link in links] == [False, True]
    change_form(find_domain("store", by), "contact", {"is_active": True}, by=by)
    assert links[0] in client.get("/").content
