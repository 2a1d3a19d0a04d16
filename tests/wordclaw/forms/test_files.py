"""Files of forms: uploads, limits, who reads them, and when they are deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.clock import now
from foundation.jobs.models import Job
from foundation.limits.budgets import cpu_budget
from foundation.limits.declarations import get_limit
from registry.publishing.sweep import sweep_files
from tests.support.http import status_and_code
from tests.wordclaw.conftest import ContentApi
from tests.wordclaw.content.test_assets import PDF, body_of, picture, secret_picture
from wordclaw.content.models import Asset, ContentItem, ContentSpace
from wordclaw.content.space import wrong_spaces
from wordclaw.forms.jobs import delete_old_files
from wordclaw.forms.limits import FILES, FILES_OF_ALL, MAX_FILE_BYTES
from wordclaw.forms.models import FormSubmission, FormUpload
from wordclaw.forms.uploads import actions

TYPE = {
    "fields": [
        {"name": "title", "type": "text", "required": True, "max": 40},
        *({"name": f"file{n}", "type": "asset"} for n in range(1, 5)),
    ]
}
FIELDS = [{"name": "title", "required": True}, {"name": "file1", "label": "Proof"}]
UPLOADS, SEND = "/forms/claim/uploads", "/forms/claim/submissions"


@pytest.fixture
def claims(content: ContentApi) -> ContentApi:
    content.make_type("claims", schemaManifest=TYPE)
    body = {"name": "Claim", "slug": "claim", "contentType": "claims", "fields": FIELDS}
    answer = content.post("/forms", body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["fields"][1]["type"] == "file"
    return content


def send_file(client: ContentApi, data: bytes = PDF, **options: Any) -> Any:
    fields = {"field": "file1", "file": SimpleUploadedFile("proof.pdf", data)}
    fields |= options.get("fields", {})
    path = f"{client.base}{UPLOADS}{options.get('query', '')}"
    return client.api.upload(path, fields, key=client.key, **options.get("headers", {}))


def send_claim(client: ContentApi, upload_id: Any, **fields: Any) -> Any:
    data = {"title": "Mine", "file1": {"uploadId": upload_id}} | fields
    return client.post(SEND, {"data": data})


@pytest.mark.once
def test_a_file_belongs_to_its_submission(claims: ContentApi, visitor: ContentApi):
    original = secret_picture()
    upload = send_file(visitor, original)
    assert upload.status_code == 201
    assert (upload.json()["mimeType"], upload.json()["name"]) == ("image/png", "proof.pdf")
    # Until the form is sent no member reads it, and it is no asset.
    assert not Asset.objects.exists()
    upload_id = upload.json()["uploadId"]
    assert visitor.get(f"/assets/{upload_id}/content").status_code == 401

    assert send_claim(visitor, upload_id).status_code == 201
    assert not FormUpload.objects.exists()
    [row] = claims.get(SEND).json()["items"]
    assert row["data"]["file1"] == {"assetId": upload_id}
    answer = claims.get(f"/assets/{upload_id}/content")
    assert b"taken at home" in original
    assert b"taken at home" not in body_of(answer)
    assert claims.get(f"/assets/{upload_id}").json()["access"] == "signed"
    # It is not among the files that members choose from, and no stranger reads it.
    assert claims.get("/assets").json()["items"] == []
    assert visitor.get(f"/assets/{upload_id}").status_code == 401
    assert status_and_code(claims.delete(f"/assets/{upload_id}")) == (409, "asset_in_use")
    lines = b"".join(claims.get(f"{SEND}.csv").streaming_content).decode()
    assert f"/v1/domains/ada/assets/{upload_id}/content" in lines
    assert list(wrong_spaces()) == []

    # It is used once, and only for its form and field.
    answer = send_claim(visitor, upload_id)
    assert status_and_code(answer) == (422, "content_schema_validation_failed")
    assert answer.json()["error"]["details"]["errors"][0]["pointer"] == "/file1"
    assert FormSubmission.objects.count() == 1


@pytest.mark.once
@pytest.mark.parametrize(
    "value",
    [
        {"assetId": "00000000-0000-0000-0000-000000000001"},
        {"uploadId": "nope"},
        {"uploadId": 1},
        {"uploadId": "00000000-0000-0000-0000-000000000001", "x": 1},
        "text",
    ],
)
def test_a_form_takes_uploads_and_nothing_else(claims: ContentApi, visitor: ContentApi, value: Any):
    answer = visitor.post(SEND, {"data": {"title": "T", "file1": value}})
    assert status_and_code(answer) == (422, "content_schema_validation_failed")
    assert not FormSubmission.objects.exists()


@pytest.mark.once
def test_an_asset_of_the_domain_cannot_be_taken_by_a_form(claims: ContentApi, visitor: ContentApi):
    asset = claims.upload(PDF, fields={"access": "signed"}).json()
    for value in ({"assetId": asset["id"]}, {"uploadId": asset["id"]}):
        answer = visitor.post(SEND, {"data": {"title": "T", "file1": value}})
        assert answer.status_code == 422
    assert not FormSubmission.objects.exists()


@pytest.mark.once
def test_refused_uploads_have_a_code_and_store_nothing(claims: ContentApi, visitor: ContentApi):
    claims.post(
        "/forms",
        {"name": "P", "slug": "plain", "contentType": "claims", "fields": [{"name": "title"}]},
    )
    big = b"%PDF-" + b"x" * MAX_FILE_BYTES + b"%%EOF"
    cases: list[tuple[dict[str, Any], bytes, int, str]] = [
        ({}, b"PK\3\4 archive", 422, "asset_type_unsupported"),
        ({}, picture(size=(400, 400))[:200], 422, "asset_unreadable"),
        ({}, big, 413, "form_file_too_large"),
        ({"field": "title"}, PDF, 404, "form_file_field_not_found"),
        ({"more": "x"}, PDF, 422, "unknown_field"),
        ({"file": "text"}, PDF, 422, "invalid_body"),
    ]
    for fields, data, status, code in cases:
        answer = send_file(visitor, data, fields=fields)
        assert (fields, *status_and_code(answer)) == (fields, status, code)
        assert answer.json()["error"]["remediation"]
    path = f"{visitor.base}/forms/plain/uploads"
    answer = visitor.api.upload(path, {"file": SimpleUploadedFile("a", PDF)}, key="")
    assert status_and_code(answer) == (404, "form_file_field_not_found")
    claims.patch("/forms/claim", {"signInRequired": True})
    assert send_file(visitor).status_code == 401
    assert send_file(claims).status_code == 201
    claims.patch("/forms/claim", {"active": False})
    assert send_file(claims).status_code == 404
    fields_of_four = [{"name": f"file{n}"} for n in range(1, 5)]
    answer = claims.patch("/forms/claim", {"fields": fields_of_four})
    assert status_and_code(answer) == (422, "too_many_file_fields")
    assert FormUpload.objects.count() == 1
    assert not Asset.objects.exists()


def test_repetitions_and_dry_runs_of_an_upload(claims: ContentApi, visitor: ContentApi):
    dry_run = send_file(visitor, query="?mode=dry_run")
    assert dry_run.status_code == 200
    assert (dry_run.json()["dryRun"], dry_run.json()["uploadId"]) == (True, None)
    assert not FormUpload.objects.exists()
    headers = {"idempotency_key": "a"}
    first, second = (send_file(visitor, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    other = send_file(visitor, PDF + b"\n", headers=headers)
    assert status_and_code(other) == (422, "idempotency_key_reused")
    assert FormUpload.objects.count() == 1
    # A dry run of the form leaves the file for the real one.
    upload_id = first.json()["uploadId"]
    data = {"title": "T", "file1": {"uploadId": upload_id}}
    assert visitor.post(f"{SEND}?mode=dry_run", {"data": data}).json()["dryRun"]
    assert FormUpload.objects.count() == 1
    assert not Asset.objects.exists()
    # So does a refusal.
    assert send_claim(visitor, upload_id, title="x" * 41).status_code == 422
    assert send_claim(visitor, upload_id).status_code == 201


def test_files_that_are_not_sent_go_after_a_day(claims: ContentApi, visitor: ContentApi):
    upload_id = send_file(visitor).json()["uploadId"]
    key = FormUpload.objects.get().storage_key
    assert default_storage.exists(key)
    FormUpload.objects.update(created_at=now() - actions.LIFETIME - timedelta(seconds=1))
    # Too old to be sent, also before the job has run.
    assert send_claim(visitor, upload_id).status_code == 422
    assert run_cleaning() == {"uploads": 1, "files": 0}
    assert not FormUpload.objects.exists()


def run_cleaning() -> Any:
    return delete_old_files(Job())


def test_files_go_with_their_submission(claims: ContentApi, visitor: ContentApi):
    upload_ids = [send_file(visitor, PDF + b"\n" * n).json()["uploadId"] for n in range(2)]
    for upload_id in upload_ids:
        assert send_claim(visitor, upload_id).status_code == 201
    item_ids = [row["contentItemId"] for row in claims.get(SEND).json()["items"]]
    assert claims.delete(f"/content-items/{item_ids[1]}").status_code == 200
    # As long as the item can be restored, its file stays.
    Asset.objects.update(created_at=now() - timedelta(days=90))
    assert run_cleaning() == {"uploads": 0, "files": 0}
    ContentItem.objects.exclude(deleted_at=None).update(deleted_at=now() - timedelta(days=31))
    assert run_cleaning() == {"uploads": 0, "files": 1}
    assert list(Asset.objects.alive().values_list("pk", flat=True)) != []
    assert str(Asset.objects.alive().get().pk) == upload_ids[1]
    assert Asset.objects.get(pk=upload_ids[0]).storage_key is None
    assert list(wrong_spaces()) == []
    assert ContentSpace.objects.filter(size_bytes=-len(PDF)).exists()
    assert sweep_files() == 0
    lines = b"".join(claims.get(f"{SEND}.csv").streaming_content).decode()
    assert ",deleted\r\n" in lines


def test_a_flood_of_files_leaves_room_for_people(
    claims: ContentApi,
    visitor: ContentApi,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(actions, "MAX_WAITING", 2)
    for n in range(2):
        assert send_file(visitor, PDF + b"\n" * n).status_code == 201
    assert status_and_code(send_file(visitor)) == (409, "form_files_used_up")
    FormUpload.objects.all().delete()
    # Senders without an account share a place, and half of that of all submissions.
    monkeypatch.setattr(actions, "MAX_WAITING_BYTES", len(PDF))
    assert send_file(visitor).status_code == 201
    assert status_and_code(send_file(visitor)) == (409, "form_files_used_up")
    assert send_file(claims).status_code == 201
    FormUpload.objects.all().delete()
    monkeypatch.setattr(actions, "MAX_WAITING_BYTES", 10**9)
    monkeypatch.setattr(actions, "MAX_SUBMITTED_BYTES", 2 * len(PDF))
    first, second = (send_file(visitor).json()["uploadId"] for _ in range(2))
    assert send_claim(visitor, first).status_code == 201
    assert status_and_code(send_claim(visitor, second)) == (409, "form_files_used_up")
    assert send_claim(claims, send_file(claims).json()["uploadId"]).status_code == 201
    assert status_and_code(send_file(claims)) == (409, "form_files_used_up")
    # The files of submissions take none of the members' place.
    monkeypatch.setattr("wordclaw.content.assets.actions.MAX_ASSETS", 1)
    assert claims.upload(PDF).status_code == 201


@pytest.mark.once
def test_files_are_limited_by_network_and_by_processor_time(
    claims: ContentApi, visitor: ContentApi, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    settings.LIMITS_ON = True
    small = {FILES: 3, FILES_OF_ALL: 4}

    def declared(name: str) -> Any:
        limit = get_limit(name)
        return limit.__class__(name, small[name], limit.seconds, limit.per)

    monkeypatch.setattr(actions, "get_limit", declared)
    codes = [send_file(visitor).status_code for _ in range(4)]
    assert codes == [201, 201, 201, 429]
    assert send_file(claims).status_code == 201
    budget = cpu_budget(FILES)
    monkeypatch.setattr(budget, "rate", 0.001)
    budget.remaining_seconds = -1.0
    small[FILES] = 100
    answer = send_file(claims)
    assert status_and_code(answer) == (429, "rate_limited")
