"""What is in a package, as pages and as bytes: nothing of it runs, nothing is hidden."""

from collections.abc import Callable

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import withhold_version
from registry.models import FileView, Version, VersionAnalysis
from registry.publishing.publish import publish_version
from registry.publishing.reanalyse import recompute_version
from tests.support.factories import make_agent, make_user, make_version
from tests.support.packages import manifest
from tests.support.page import Page
from tests.support.uploads import png, upload

FILES = {
    "docs/deep/notes.md": "# Notes\n\nSee https://api.example.org\n",
    "data/list.yaml": "a: 1\nb: <script>alert(1)</script>\n",
    "data/trick.txt": "price\u202e001",
    "pictures/dot.png": png(),
    "pictures/dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}
BASE = "/agents/@ada/planner/versions/1.0.0/files"
BYTES = "/v1/agents/ada/planner/versions/1.0.0/files"


def planner(number: str, by: Actor) -> Version:
    document = manifest(id="@ada/planner", version=number)
    return publish_version(upload(document, files=FILES), by=by)


@pytest.fixture
def version(as_ada: Actor) -> Version:
    return planner("1.0.0", as_ada)


def test_the_tree_shows_every_file_in_its_folder(
    version: Version, read: Callable[..., Page]
) -> None:
    page = read("/agents/@ada/planner/files")

    folders = [text for text in page.texts if text.endswith("/") and text != "/"]
    assert folders == ["data/", "docs/", "deep/", "pictures/", "workspace/"]
    for name in ("agent.json", "list.yaml", "notes.md", "dot.png"):
        assert name in page.texts


def test_markdown_is_shown_as_prose_and_as_source(version: Version, client: Client) -> None:
    prose = client.get(f"{BASE}/docs/deep/notes.md").content.decode()
    source = client.get(f"{BASE}/docs/deep/notes.md?view=source").content.decode()

    assert 'id="readme-notes"' in prose
    assert 'id="L3"' in source
    assert "# Notes" in source


def test_a_text_that_looks_like_a_page_stays_text(version: Version, client: Client) -> None:
    page = client.get(f"{BASE}/data/list.yaml").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.once
def test_what_turns_the_direction_is_made_visible(version: Version, client: Client) -> None:
    page = client.get(f"{BASE}/data/trick.txt").content.decode()

    assert 'title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</mark>' in page
    assert "1 invisible or look-alike character" in page
    assert "\u202e" not in page


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "kind", "way"),
    [
        ("data/list.yaml", "text/plain; charset=utf-8", "inline"),
        ("pictures/dot.png", "image/png", "inline"),
        ("pictures/dot.svg", "application/octet-stream", "attachment"),
    ],
)
def test_raw_bytes_are_never_a_page(
    version: Version, client: Client, path: str, kind: str, way: str
) -> None:
    answer = client.get(f"{BYTES}/{path}")

    expected = FILES[path]
    data = b"".join(answer.streaming_content)
    assert data == (expected.encode() if isinstance(expected, str) else expected)
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == way
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"{BYTES}/{path}", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.once
@pytest.mark.parametrize(
    "path", ["nothing.md", "docs", "docs/", "../agent.json", "%2e%2e/x", "a\u202eb"]
)
def test_a_path_that_is_not_there_is_not_found(version: Version, client: Client, path: str) -> None:
    assert client.get(f"{BASE}/{path}").status_code == 404
    answer = client.get(f"{BYTES}/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "file_not_found"


def test_files_of_a_withheld_version_are_shown_by_no_door(version: Version, client: Client) -> None:
    root = Actor(user=make_user("root", maintainer=True), door="admin")
    withhold_version(version.agent, "1.0.0", reason="malware", text="It phones home.", by=root)

    for path in (
        BASE,
        f"{BASE}/agent.json",
        BYTES,
        f"{BYTES}/agent.json",
        BYTES.replace("files", "facts"),
    ):
        assert client.get(path).status_code == 451, path
    assert "phones home" in client.get("/agents/@ada/planner/versions/1.0.0").content.decode()


def test_a_version_without_its_package_says_so(ada: User, read: Callable[..., Page]) -> None:
    make_version(make_agent(ada, "bare"))

    assert "is not stored here" in read("/agents/@ada/bare/files").text


def test_facts_are_served_as_they_are_shown(version: Version, client: Client) -> None:
    facts = client.get("/v1/agents/ada/planner/versions/1.0.0/facts").json()

    assert [host["host"] for host in facts["hosts"]].count("api.example.org") == 1
    page = client.get("/agents/@ada/planner").content.decode()
    assert f'href="{BASE}/docs/deep/notes.md?view=source#L3"' in page


def test_the_same_bytes_are_kept_once(version: Version, as_ada: Actor) -> None:
    before = FileView.objects.count()
    planner("1.0.1", as_ada)

    assert FileView.objects.count() == before + 1  # agent.json names another version.


def test_recomputing_says_the_same(version: Version) -> None:
    said = VersionAnalysis.objects.get(version=version).facts

    assert recompute_version(version)
    assert VersionAnalysis.objects.get(version=version).facts == said


def test_the_prompt_is_told_version_by_version(as_ada: Actor, read: Callable[..., Page]) -> None:
    document = manifest(
        id="@ada/grows", version="1.0.0", openclaw={"entrypoints": {"SOUL.md": "soul.md"}}
    )
    for number, size in (("1.0.0", 400), ("1.1.0", 1000), ("1.2.0", 800)):
        files = {"soul.md": "x" * size}
        publish_version(upload(document | {"version": number}, files=files), by=as_ada)

    words = read("/agents/@ada/grows/files").texts

    at = words.index("Always in the prompt, by version")
    trend = words[at + 4 : at + 13]
    assert trend == ["1.2.0", "200", "−50", "1.1.0", "250", "+150", "1.0.0", "100", "–"]
