"""Pages of an author who has no package: a zip or a folder becomes a draft."""

import io
import json
import os
import re
import tarfile
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foundation.accounts.models import User
from foundation.clock import now
from registry.limits import MAX_FOLDER_FILES
from registry.models import Draft, Version
from registry.publishing.sweep import sweep_files
from tests.support.factories import make_user
from tests.support.http import client_of
from tests.support.packages import pack_files, package_files, png
from tests.support.zips import LINK_MODE, Entry, deflate, make_zip

pytestmark = pytest.mark.once

IDENTITY = "# IDENTITY.md - Who Am I?\n\n- **Name:** Jarvis\n- **Vibe:** calm\n- **Emoji:** 🤖\n"
WORKSPACE = {
    "AGENTS.md": "You keep the calendar.\n",
    "SOUL.md": "Be kind.\n",
    "IDENTITY.md": IDENTITY,
    "TOOLS.md": "The printer is in the hall.\n",
    "USER.md": "Her name is Ada Byron.\n",
    "MEMORY.md": "She likes tea.\n",
    "memory/2026-11-30.md": "She was ill.\n",
    ".env": "OPENAI_API_KEY=x\n",
    ".git/config": "[core]\n",
    "skills/plan/SKILL.md": "---\nname: plan\ndescription: Plans\n---\nPlan.\n",
    "skills/plan/run.py": "print()\n",
    "avatars/jarvis.png": png(8, 8),
}
FORM = {
    "name": "Jarvis",
    "slug": "jarvis",
    "version": "0.1.0",
    "tagline": "Keeps a calendar",
    "description": "Keeps a calendar.",
    "category": "productivity",
    "tags": "calendar, planning",
    "license": "MIT",
    "author_name": "Ada",
    "model": "anthropic/claude-sonnet-4-5",
    "secrets": "CALENDAR_TOKEN: to read the calendar (optional)",
    "icon": "avatars/jarvis.png",
}
KEPT = {
    *("AGENTS.md", "SOUL.md", "IDENTITY.md", "TOOLS.md"),
    *("skills/plan/SKILL.md", "avatars/jarvis.png"),
}


def zipped(files: dict[str, Any], folder: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(f"{folder}{path}", content)
    return stream.getvalue()


def upload(client: Client, data: bytes, name: str = "agent.zip", **fields: Any) -> Any:
    return client.post("/publish", {"tarball": SimpleUploadedFile(name, data)} | fields)


def send_folder(client: Client, files: dict[str, Any]) -> Any:
    """Sends a folder as browsers do: the file name of each part is a path."""
    body, boundary = b"", "border"
    for path, content in files.items():
        disposition = f'form-data; name="folder"; filename="{path}"'
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode()
        body += (content if isinstance(content, bytes) else content.encode()) + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return client.post("/publish", body, content_type=f"multipart/form-data; boundary={boundary}")


def names_of(draft: Draft) -> set[str]:
    with default_storage.open(draft.tarball_r2_key) as stream:
        return names_in(stream.read())


def names_in(package: bytes) -> set[str]:
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        return set(archive.getnames())


def test_workspace_becomes_a_published_agent(ada_client: Client):
    answer = upload(ada_client, zipped(WORKSPACE, "workspace/"))

    draft = Draft.objects.get()
    assert answer["Location"] == f"/publish/drafts/{draft.pk}/manifest"
    page = ada_client.get(answer["Location"]).text
    for name in ("USER.md", "MEMORY.md", "memory/", ".env", "skills/plan/run.py", ".git/"):
        assert f'<span class="mono">{name}</span>' in page
    assert 'value="Jarvis"' in page
    assert 'value="jarvis"' in page
    assert "Read these before you publish" in page

    answer = ada_client.post(answer["Location"], FORM)

    assert answer["Location"] == f"/publish/drafts/{draft.pk}"
    draft.refresh_from_db()
    assert names_of(draft) == {"agent.json", *KEPT}
    assert (draft.full_id, draft.manifest["files"]) == (
        "@ada/jarvis",
        *[["AGENTS.md", "IDENTITY.md", "SOUL.md", "TOOLS.md", "avatars/**", "skills/**"]],
    )
    assert draft.manifest["setup"]["secrets"][0] == {
        "key": "CALENDAR_TOKEN",
        "prompt": "to read the calendar",
        "required": False,
        "target": "env",
    }
    page = ada_client.get(answer["Location"]).text
    assert "Publish version 0.1.0" in page
    assert "&quot;license&quot;: &quot;MIT&quot;" in page
    package = b"".join(ada_client.get(f"/publish/drafts/{draft.pk}/package.tgz"))
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        text = archive.extractfile("agent.json")
        assert text is not None
        assert json.loads(text.read()) == draft.manifest

    ada_client.post(f"/publish/drafts/{draft.pk}/publish")

    version = Version.objects.get()
    assert (version.agent.full_id, version.version) == ("@ada/jarvis", "0.1.0")
    assert [asset.path for asset in version.assets.all()] == ["avatars/jarvis.png"]
    assert Draft.objects.count() == 0


def test_folder_of_a_browser_is_imported(ada_client: Client):
    files = {f"workspace/{path}": content for path, content in WORKSPACE.items()}

    answer = send_folder(ada_client, files)

    assert answer["Location"].endswith("/manifest")
    draft = Draft.objects.get()
    assert names_of(draft) == KEPT
    assert draft.import_facts["root"] == "workspace"


def test_zip_of_a_package_becomes_a_complete_draft(ada_client: Client):
    junk = {"__MACOSX/._agent.json": "x", "planner/.DS_Store": "x"}
    files = {f"planner/{path}": data for path, data in package_files().items()}

    answer = upload(ada_client, zipped(junk | files))

    draft = Draft.objects.get()
    assert answer["Location"] == f"/publish/drafts/{draft.pk}"
    assert names_of(draft) == set(package_files())
    page = ada_client.get(answer["Location"]).text
    assert "2 files were left out" in page
    assert "planner" in page
    assert ada_client.get(f"/publish/drafts/{draft.pk}/manifest").status_code == 404


def test_tarball_with_a_folder_around_it_is_unwrapped(ada_client: Client):
    files = {f"planner-main/{path}": data for path, data in package_files().items()}

    upload(ada_client, pack_files(files), "package.tgz")

    assert Draft.objects.get().full_id == "@ada/planner"


def test_tarball_of_a_package_keeps_its_bytes(ada_client: Client):
    package = pack_files(package_files())

    upload(ada_client, package, "package.tgz")

    draft = Draft.objects.get()
    with default_storage.open(draft.tarball_r2_key) as stream:
        assert stream.read() == package
    assert draft.import_facts == {}


def test_errors_are_beside_their_fields_and_what_was_typed_is_kept(ada_client: Client):
    address = upload(ada_client, zipped(WORKSPACE))["Location"]

    answer = ada_client.post(
        address, FORM | {"tagline": "x" * 141, "slug": "No Name", "license": "", "category": ""}
    )

    assert answer.status_code == 422
    page = answer.text
    assert 'id="id_tagline_error">Must have at most 140 characters.' in page
    assert 'id="id_slug_error">Must look like @scope/name' in page
    assert "id_license_error" in page
    assert "id_category_error" in page
    assert "x" * 141 in page
    assert Draft.objects.get().full_id == ""


def test_agent_json_can_be_changed_until_it_is_published(ada_client: Client):
    address = upload(ada_client, zipped(WORKSPACE))["Location"]
    ada_client.post(address, FORM)

    page = ada_client.get(address).text
    assert 'value="Keeps a calendar"' in page
    assert "CALENDAR_TOKEN to read the calendar (optional)" in page
    ada_client.post(address, FORM | {"tagline": "Another"})

    draft = Draft.objects.get()
    assert draft.manifest["tagline"] == "Another"
    assert [asset["path"] for asset in draft.assets] == ["avatars/jarvis.png"]


def test_version_that_is_not_newer_is_an_error_of_the_form(ada_client: Client):
    address = upload(ada_client, zipped(WORKSPACE))["Location"]
    ada_client.post(address, FORM)
    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    address = upload(ada_client, zipped(WORKSPACE))["Location"]

    answer = ada_client.post(address, FORM)

    assert answer.status_code == 409
    assert "id_version_error" in answer.text


def test_secret_in_a_workspace_is_shown_at_once_and_refused(ada_client: Client):
    secret = {"AGENTS.md": "Use ghp_16C7e42F292c6912E7710c838347Ae178B4a\n"}
    address = upload(ada_client, zipped(WORKSPACE | secret))["Location"]

    page = ada_client.get(address).text
    assert "secret_detected" in page
    assert "ghp_16C7" not in page

    answer = ada_client.post(address, FORM)
    assert answer.status_code == 422
    assert "secret_detected" in answer.text
    assert Draft.objects.get().full_id == ""


def test_pictures_that_were_sent_first_are_offered_as_icon(ada_client: Client):
    icon = SimpleUploadedFile("my icon.png", png(8, 8))
    address = upload(ada_client, zipped({"AGENTS.md": "x"}), icon=icon)["Location"]

    assert '<option value="store/icon-0.png"' in ada_client.get(address).text
    ada_client.post(address, FORM | {"icon": "store/icon-0.png"})

    draft = Draft.objects.get()
    assert [(asset["kind"], asset["path"]) for asset in draft.assets] == [
        ("icon", "store/icon-0.png")
    ]
    assert names_of(draft) == {"agent.json", "AGENTS.md"}


def test_pictures_of_a_zip_are_those_that_agent_json_names(ada_client: Client):
    from tests.support.packages import manifest

    document = manifest(store={"icon": "art/i.png"}, files=["workspace/**", "*.md", "docs/**"])
    files = package_files(document=document) | {"art/i.png": png(8, 8)}

    upload(ada_client, zipped(files))

    draft = Draft.objects.get()
    assert [asset["path"] for asset in draft.assets] == ["art/i.png"]
    assert "art/i.png" not in names_of(draft)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(make_zip(Entry("../a.md", "x")), "unsafe_path", id="outside"),
        pytest.param(
            make_zip(Entry("agent.json", "{}"), Entry("a.md", "b", mode=LINK_MODE)),
            "link",
            id="link",
        ),
        pytest.param(
            make_zip(Entry("A.md", "x"), Entry("a.md", "x")), "duplicate_path", id="collision"
        ),
        pytest.param(
            make_zip(Entry("a.md", "x"), Entry("a.md", "y")), "duplicate_path", id="twice"
        ),
        pytest.param(make_zip(Entry("a.md", "x"), suffix=b"\0"), "archive_unreadable", id="suffix"),
        pytest.param(make_zip(Entry(".git/x", "x")), "archive_unreadable", id="junk alone"),
        pytest.param(
            make_zip(Entry("a.md", "x", packed_bytes=deflate(b"y"))),
            "archive_unreadable",
            id="checksum",
        ),
    ],
)
def test_hostile_zip_is_refused_with_a_code(ada_client: Client, data: bytes, code: str):
    answer = upload(ada_client, data)

    assert answer.status_code == 422
    assert f'guide/authors#{code}"' in answer.text
    assert Draft.objects.count() == 0


def test_folder_with_too_many_files_is_refused(ada_client: Client):
    files = {f"a/{number}.md": "" for number in range(MAX_FOLDER_FILES + 1)}

    answer = send_folder(ada_client, files)

    assert answer.status_code == 413
    assert "too_many_folder_files" in answer.text
    assert Draft.objects.count() == 0


def test_import_is_private_and_cannot_be_published_before_it_is_complete(
    ada_client: Client, grace: User
):
    address = upload(ada_client, zipped(WORKSPACE))["Location"]
    draft = Draft.objects.get()
    stranger = client_of(grace)

    assert stranger.get(address).status_code == 404
    assert stranger.post(address, FORM).status_code == 404
    for path in ("", "/package.tgz"):
        assert ada_client.get(f"/publish/drafts/{draft.pk}{path}").status_code == 404
    assert ada_client.post(f"/publish/drafts/{draft.pk}/publish").status_code == 404
    assert "needs an agent.json" in ada_client.get("/publish").text


def test_source_of_an_import_is_kept_while_the_draft_is(ada_client: Client, storage_folder: Path):
    address = upload(ada_client, zipped(WORKSPACE))["Location"]
    ada_client.post(address, FORM)
    draft = Draft.objects.get()
    key = draft.import_facts["source"]["key"]

    for path in storage_folder.rglob("*.tgz"):
        os.utime(path, (0, 0))
    sweep_files()
    assert default_storage.exists(key)

    draft.expires_at = now() - timedelta(seconds=1)
    draft.save()
    sweep_files()
    assert not default_storage.exists(key)


def test_import_without_agent_json_is_discarded_by_its_author(ada_client: Client):
    upload(ada_client, zipped(WORKSPACE))
    discard = f"/publish/drafts/{Draft.objects.get().pk}/discard"

    client_of(make_user("grace")).post(discard)
    assert Draft.objects.exists()
    ada_client.post(discard)

    assert not Draft.objects.exists()


EXPORT = {"workspace/AGENTS.md": "x", "manifest.json": "{}"}


@pytest.mark.parametrize(
    "files",
    [
        {"AGENTS.md": "x", "._a\0b": "x"},
        {"AGENTS.md": "x", "README.md": "a\0b"},
        EXPORT | {"package.json": '{"version": "\\u0000"}'},
        EXPORT | {"package.json": json.dumps({"version": "1" * 9_000})},
        EXPORT | {"manifest.json": '{"summary": "\\ud800", "skills": ["\\ud800", "\\u0000"]}'},
    ],
)
def test_texts_that_databases_refuse_are_not_suggested(
    ada_client: Client, files: dict[str, str]
) -> None:
    """PostgreSQL stores neither NUL nor a lone surrogate, which SQLite does."""
    address = upload(ada_client, make_zip(*(Entry(*file) for file in files.items())))["Location"]

    assert ada_client.get(address).status_code == 200
    facts = json.dumps(Draft.objects.get().import_facts)
    assert not re.search(r"\\u0000|\\ud800|\d{9000}", facts)


@pytest.mark.parametrize("secrets", [":", "(optional)", "TOKEN: to read\n : (optional)"])
def test_line_without_a_name_is_an_error_of_the_form(ada_client: Client, secrets: str) -> None:
    address = upload(ada_client, zipped(WORKSPACE))["Location"]

    answer = ada_client.post(address, FORM | {"secrets": secrets})

    assert answer.status_code == 422
    assert "id_secrets_error" in answer.text
