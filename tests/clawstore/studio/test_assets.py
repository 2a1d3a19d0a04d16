"""Assets in the studio: uploading, choosing, deleting."""

from io import BytesIO

from django.http import HttpResponse
from django.test import Client

from foundation.actor import Actor
from tests.clawstore.studio.conftest import Editor, post_form
from tests.support.page import page_of
from tests.support.uploads import png
from wordclaw.content.items.actions import create_item
from wordclaw.content.models import ContentItem
from wordclaw.content.models.assets import Asset
from wordclaw.content.types.actions import create_content_type
from wordclaw.policy.models import Domain

ADDRESS = "/studio/@ada/assets"
PAGE = {"fields": [{"name": "title", "type": "text"}, {"name": "picture", "type": "asset"}]}


def upload(client: Client, name: str, data: bytes) -> int:
    file = BytesIO(data)
    file.name = name
    return client.post(ADDRESS, {"file": file, "access": "public"}).status_code


def test_picture_is_uploaded_chosen_and_kept(
    ada_client: Client, domain: Domain, by_ada: Actor, storage_folder: object
) -> None:
    create_content_type(domain, {"name": "Pages", "slug": "page"}, manifest=PAGE, by=by_ada)

    waiting_editor = Editor(ada_client, "/studio/@ada/types/page/new")

    assert upload(ada_client, "cat.png", png()) == 302
    assert upload(ada_client, "cat.exe", b"MZ\0\1") == 422
    assert ada_client.post(ADDRESS).status_code == 422

    asset = Asset.objects.get()
    assert (asset.name, asset.width, asset.height) == ("cat.png", 8, 8)
    assert "cat.png" in page_of(ada_client.get(ADDRESS)).text
    # A form that was open meanwhile finds the picture, and keeps its text.
    assert "cat.png" not in waiting_editor.html
    waiting_editor.send("reload:/picture", {"v:/title": "Kept"})
    assert "cat.png" in waiting_editor.html
    assert waiting_editor.form.fields["v:/title"] == "Kept"
    editor = Editor(ada_client, "/studio/@ada/types/page/new")
    assert editor.send("save", {"v:/picture": str(asset.pk)}).status_code == 302
    item = ContentItem.objects.get(content_type__slug="page")
    assert item.data == {"picture": {"assetId": str(asset.pk)}}
    edit_page = ada_client.get(f"/studio/@ada/items/{item.pk}").content.decode()
    assert f'src="/v1/domains/ada/assets/{asset.pk}/content"' in edit_page
    assert post_form(ada_client, f"{ADDRESS}/{asset.pk}/delete", {}).status_code == 409
    assert Asset.objects.alive().count() == 1


def test_unused_asset_is_deleted(
    ada_client: Client, domain: Domain, by_ada: Actor, storage_folder: object
) -> None:
    upload(ada_client, "note.txt", b"words")
    asset = Asset.objects.get()
    create_item(domain, "guide", {"title": {"en": "One"}}, by=by_ada)

    assert post_form(ada_client, f"{ADDRESS}/{asset.pk}/delete", {}).status_code == 302

    assert not Asset.objects.alive().exists()


def test_file_beside_a_field_becomes_its_selected_option(
    ada_client: Client, domain: Domain, storage_folder: object
) -> None:
    def send(name: str, data: bytes, **headers: str) -> HttpResponse:
        file = BytesIO(data)
        file.name = name
        fields = {"for": "f-picture", "file-f-picture": file}
        return ada_client.post(f"{ADDRESS}/upload", fields, headers=headers)

    answer = send("cat.png", png(), HX_Request="true")

    asset = Asset.objects.get()
    assert answer["HX-Retarget"] == "#f-picture"
    assert f'<option value="{asset.pk}" selected>cat.png</option>' in answer.content.decode()
    refusal = send("cat.exe", b"MZ\0\1", HX_Request="true")
    assert refusal["HX-Retarget"] == "#f-picture-upload-error"
    assert 'role="alert"' in refusal.content.decode()
    # Without htmx the item stays open in the first tab.
    assert send("dog.png", png()).headers["Location"] == ADDRESS
    assert send("dog.exe", b"MZ\0\1").status_code == 422
    assert ada_client.post(f"{ADDRESS}/upload", {"for": "#main"}).status_code == 404


def test_form_without_files_is_refused(ada_client: Client, domain: Domain) -> None:
    assert post_form(ada_client, ADDRESS, {"access": "public"}).status_code == 422
    assert post_form(ada_client, f"{ADDRESS}/upload", {"for": "f-picture"}).status_code == 422
