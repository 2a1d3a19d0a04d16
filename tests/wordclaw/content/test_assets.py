"""Assets: uploads, their bytes, links, references and deletions."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from registry.publishing.sweep import sweep_files
from tests.support.races import run_at_once
from tests.wordclaw.conftest import ContentApi
from wordclaw.content.assets import actions
from wordclaw.content.assets.actions import add_asset, delete_asset
from wordclaw.content.assets.errors import AssetInUse
from wordclaw.content.assets.upload import JudgedUpload
from wordclaw.content.errors import InvalidAssetReference
from wordclaw.content.items.actions import create_item
from wordclaw.content.models import Asset, ContentItem, ContentReference
from wordclaw.content.types.actions import create_content_type
from wordclaw.policy.actions import find_domain

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
GALLERY = {
    "type": "object",
    "properties": {
        "cover": {
            "type": "object",
            "x-wordclaw-field-kind": "asset",
            "properties": {"assetId": {"type": "string"}},
        }
    },
}


def picture(kind: str = "PNG", size: tuple[int, int] = (30, 20), **options: Any) -> bytes:
    output = io.BytesIO()
    # A large one has two colours, because to pack it in red takes a second.
    image = Image.new("RGB", size, "red") if size[0] < 1000 else Image.new("1", size)
    image.save(output, kind, **options)
    return output.getvalue()


def secret_picture() -> bytes:
    """A PNG with a text chunk."""
    chunks = PngInfo()
    chunks.add_text("Comment", "taken at home")
    return picture(pnginfo=chunks)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.once
def test_an_image_is_drawn_again_and_served(content: ContentApi, visitor: ContentApi):
    original = secret_picture()

    response = content.upload(original, "Me at home.png")

    asset = response.json()
    assert response.status_code == 201
    assert (asset["name"], asset["mimeType"], asset["access"]) == (
        *("Me at home.png", "image/png"),
        "public",
    )
    assert (asset["width"], asset["height"], asset["author"]) == (30, 20, "ada")
    assert asset["url"].endswith(f"/v1/domains/ada/assets/{asset['id']}/content")
    download = visitor.get(f"/assets/{asset['id']}/content")
    data = body_of(download)
    assert b"taken at home" in original
    assert b"taken at home" not in data
    assert (len(data), download["ETag"]) == (asset["sizeBytes"], f'"{asset["sha256"]}"')
    assert "sandbox" in download["Content-Security-Policy"]
    assert download["X-Content-Type-Options"] == "nosniff"
    second_answer = visitor.get(f"/assets/{asset['id']}/content", if_none_match=download["ETag"])
    assert second_answer.status_code == 304
    assert visitor.get(f"/assets/{asset['id']}").json() == asset
    assert content.get("/assets").json()["items"] == [asset]


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (picture("JPEG"), "a.png", "image/jpeg"),
        (picture("WEBP"), "a.html", "image/webp"),
        (picture("GIF"), "a", "image/png"),
        (PDF, "a.txt", "application/pdf"),
        ("Grüße\n\tä".encode(), "a.pdf", "text/plain; charset=utf-8"),
        (b"<script>alert(1)</script>", "a.html", "text/plain; charset=utf-8"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "text/plain; charset=utf-8"),
    ],
)
def test_the_type_is_what_the_bytes_say(content: ContentApi, data: bytes, name: str, kind: str):
    asset = content.upload(data, name).json()

    assert asset["mimeType"] == kind
    download = content.get(f"/assets/{asset['id']}/content")
    is_image = kind.startswith("image/")
    assert download["Content-Type"] == kind
    assert download["Content-Disposition"].startswith("inline" if is_image else "attachment")
    if not is_image:
        assert body_of(download) == data


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "asset_type_unsupported"),
        (b"PK\3\4 archive", "asset_type_unsupported"),
        (b"text with NUL \0", "asset_type_unsupported"),
        ("Grüße".encode("latin-1"), "asset_type_unsupported"),
        (picture(size=(400, 400))[:200], "asset_unreadable"),
        (picture(size=(7000, 7000)), "asset_unreadable"),
        (PDF.removesuffix(b"%%EOF\n"), "asset_unreadable"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    content: ContentApi, stored_files: Callable[[], list[str]], data: bytes, code: str
):
    response = content.upload(data, "a.png")

    assert (response.status_code, response.json()["error"]["code"]) == (422, code)
    assert response.json()["error"]["remediation"]
    assert not Asset.objects.exists()
    assert stored_files() == []


@pytest.mark.once
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"access": "entitled"}, "invalid_body"),
        ({"domainId": "1"}, "unknown_field"),
        ({"file": "text"}, "invalid_body"),
    ],
)
def test_a_wrong_form_is_refused(content: ContentApi, fields: dict[str, str], code: str):
    if "file" in fields:
        response = content.api.upload(f"{content.base}/assets", fields, key=content.key)
    else:
        response = content.upload(b"text", fields=fields)

    assert (response.status_code, response.json()["error"]["code"]) == (422, code)
    json = content.post("/assets", {"file": "x"})
    assert (json.status_code, json.json()["error"]["code"]) == (422, "invalid_body")


@pytest.mark.once
def test_a_file_over_20_mib_is_refused(content: ContentApi):
    response = content.upload(b"a" * (20 * 1024 * 1024 + 1))

    assert (response.status_code, response.json()["error"]["code"]) == (413, "asset_too_large")


@pytest.mark.once
def test_a_domain_has_limited_room(content: ContentApi, monkeypatch: pytest.MonkeyPatch):
    content.upload(b"first")
    monkeypatch.setattr(actions, "MAX_TOTAL_BYTES", 8)

    response = content.upload(b"second")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "asset_space_used_up")
    assert Asset.objects.count() == 1


def test_a_dry_run_stores_nothing(content: ContentApi, stored_files: Callable[[], list[str]]):
    response = content.upload(b"text", query="?mode=dry_run")

    assert (response.status_code, response.json()["dryRun"]) == (200, True)
    assert not Asset.objects.exists()
    assert stored_files() == []


@pytest.mark.once
def test_a_repeated_upload_gets_the_first_answer(content: ContentApi):
    first, second = (content.upload(b"text", headers={"idempotency_key": "k"}) for _ in range(2))
    other = content.upload(b"other", headers={"idempotency_key": "k"})

    assert second.json() == first.json()
    assert second["Idempotent-Replayed"] == "true"
    assert other.json()["error"]["code"] == "idempotency_key_reused"
    assert Asset.objects.count() == 1


@pytest.mark.once
def test_a_signed_asset_needs_a_link(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi, monkeypatch: pytest.MonkeyPatch
):
    asset = content.upload(b"text", fields={"access": "signed"}).json()
    other = content.upload(b"more", fields={"access": "signed"}).json()
    address = f"/assets/{asset['id']}/content"
    for ttl in (29, 3601, "60"):
        refusal = content.post(f"/assets/{asset['id']}/signed-url", {"ttlSeconds": ttl})
        assert refusal.status_code == 422

    link = content.post(f"/assets/{asset['id']}/signed-url", {"ttlSeconds": 30}).json()

    assert (visitor.get(address).status_code, stranger.get(address).status_code) == (401, 404)
    answer_by_link = visitor.get(f"{address}?token={link['token']}")
    assert (body_of(answer_by_link), answer_by_link["Cache-Control"]) == (
        b"text",
        "private, no-store",
    )
    assert link["url"].endswith(f"{address}?token={link['token']}")
    assert visitor.get(f"{address}?token={link['token']}x").status_code == 403
    other_answer = visitor.get(f"/assets/{other['id']}/content?token={link['token']}")
    assert other_answer.json()["error"]["code"] == "asset_link_invalid"
    later = now() + timedelta(seconds=31)
    monkeypatch.setattr("wordclaw.content.assets.links.now", lambda: later)
    assert visitor.get(f"{address}?token={link['token']}").status_code == 403


def test_an_asset_in_use_is_not_deleted(
    content: ContentApi, stored_files: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    asset = content.upload(b"text").json()
    content.make_type("gallery", schema=GALLERY)
    item = content.make_item("gallery", {"cover": {"assetId": asset["id"]}})

    uses = content.get(f"/assets/{asset['id']}/used-by").json()
    refusal = content.delete(f"/assets/{asset['id']}")

    assert uses["activeReferences"][0]["pointer"] == "/cover"
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (409, "asset_in_use")
    reference = {"contentItemId": item["id"], "pointer": "/cover"}
    assert refusal.json()["error"]["details"]["references"] == [reference]
    content.put(f"/content-items/{item['id']}", {"data": {}})
    assert content.delete(f"/assets/{asset['id']}").json() == {"ok": True}
    assert content.get(f"/assets/{asset['id']}").status_code == 404
    rolled_back = content.post(f"/content-items/{item['id']}/rollback", {"version": 1})
    assert rolled_back.json()["error"]["code"] == "asset_reference_invalid"
    assert len(stored_files()) == 1
    tomorrow = now() + timedelta(hours=26)
    monkeypatch.setattr("foundation.files.sweep.now", lambda: tomorrow)
    sweep_files()
    assert stored_files() == []


@pytest.mark.once
def test_a_used_file_is_not_swept(
    content: ContentApi, stored_files: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
):
    first, second = (content.upload(b"the same").json() for _ in range(2))
    content.delete(f"/assets/{first['id']}")
    tomorrow = now() + timedelta(hours=26)
    monkeypatch.setattr("foundation.files.sweep.now", lambda: tomorrow)

    sweep_files()

    assert len(stored_files()) == 1
    assert body_of(content.get(f"/assets/{second['id']}/content")) == b"the same"


@pytest.mark.once
@pytest.mark.parametrize("asset_id", ["", "nothing", "00000000-0000-0000-0000-000000000001"])
def test_a_reference_needs_an_asset_of_the_domain(content: ContentApi, asset_id: str):
    content.make_type("gallery", schema=GALLERY)

    response = content.post(
        "/content-types/gallery/items", {"data": {"cover": {"assetId": asset_id}}}
    )

    assert response.json()["error"]["code"] == "asset_reference_invalid"


@pytest.mark.once
def test_an_asset_of_another_domain_does_not_exist(
    content: ContentApi, api: Any, grace: User, key_for: Callable[..., str]
):
    grace_api = ContentApi(api, key_for(grace, "content:read", "content:write"), "grace")
    asset = grace_api.upload(b"text", fields={"access": "signed"}).json()
    content.make_type("gallery", schema=GALLERY)

    answers = [
        content.get(f"/assets/{asset['id']}"),
        content.get(f"/assets/{asset['id']}/content"),
        content.get(f"/assets/{asset['id']}/used-by"),
        content.post(f"/assets/{asset['id']}/signed-url"),
        content.delete(f"/assets/{asset['id']}"),
    ]
    reference = {"data": {"cover": {"assetId": asset["id"]}}}

    assert {answer.status_code for answer in answers} == {404}
    assert content.get("/assets").json() == {"items": []}
    refusal = content.post("/content-types/gallery/items", reference)
    assert refusal.json()["error"]["code"] == "asset_reference_invalid"


def test_the_list_has_pages(content: ContentApi, django_assert_num_queries: Any):
    ids = [content.upload(f"text {number}".encode()).json()["id"] for number in range(5)]

    first = content.get("/assets?limit=3").json()
    second = content.get(f"/assets?limit=3&cursor={first['nextCursor']}").json()

    assert [row["id"] for row in first["items"] + second["items"]] == ids[::-1]
    assert "nextCursor" not in second


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_reference_and_deletion_at_once_leave_no_reference_to_nothing(as_ada: Actor):
    domain = find_domain("ada", as_ada)
    create_content_type(domain, {"name": "G", "slug": "gallery"}, schema=GALLERY, by=as_ada)
    for _ in range(6):
        file = io.BytesIO(b"text")
        text = JudgedUpload(
            file, "a", "public", "text/plain; charset=utf-8", "0" * 64, 4, None, None
        )
        asset = add_asset(domain, text, by=as_ada)
        data = {"cover": {"assetId": str(asset.pk)}}

        creation, deletion = run_at_once(
            [
                lambda data=data: create_item(domain, "gallery", data, by=as_ada),
                lambda asset=asset: delete_asset(domain, asset.pk, by=as_ada),
            ]
        )

        is_deleted = Asset.objects.get(pk=asset.pk).deleted_at is not None
        is_used = ContentReference.objects.filter(target_asset=asset).exists()
        assert is_deleted != is_used, (creation, deletion)
        assert isinstance(creation, ContentItem | InvalidAssetReference)
        assert deletion is None or isinstance(deletion, AssetInUse)
