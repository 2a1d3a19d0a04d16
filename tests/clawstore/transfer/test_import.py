"""Import of a catalogue: complete, or refused with the line of the error."""

import hashlib
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from profiles.models import Profile, Scope
from registry.agents.listing import listing_of
from registry.downloads.recount import find_differences
from registry.models import Agent, Category, Version, VersionRendering
from registry.search import parse_search, search
from tests.support.catalogue import (
    contents,
    counts,
    create_sample_shop,
    delete_all_rows,
    lines,
    write,
)

pytestmark = pytest.mark.django_db

USER = {
    "id": "00000000-0000-4000-8000-000000000001",
    "username": "ada",
    "name": "Ada",
    "image": "",
    "created_at": "2026-01-01T00:00:00.000Z",
}
AGENT = {
    "id": "00000000-0000-4000-8000-0000000000a1",
    "scope": "ada",
    "name": "coach",
    "owner_user_id": USER["id"],
    "latest_version_id": "00000000-0000-4000-8000-0000000000b1",
    "category": "other",
    "description": "Looks **after** you.",
    "tagline": "A calm voice",
    "display_name": "Calorie Coach",
    "homepage": None,
    "repository": None,
    "license": "MIT",
    "download_count": 3,
    "avg_rating": None,
    "review_count": 0,
    "created_at": "2026-01-02T00:00:00.000Z",
    "updated_at": "2026-01-03T00:00:00.000Z",
}
VERSION = {
    "id": AGENT["latest_version_id"],
    "agent_id": AGENT["id"],
    "version": "1.0.0",
    "channel": "community",
    "manifest": {
        "name": "Calorie Coach",
        "tagline": "A calm voice",
        "description": "Looks **after** you.",
        "category": "other",
        "license": "MIT",
        "tags": [],
    },
    "tarball_r2_key": "tarballs/ada/coach/1.0.0.tgz",
    "tarball_sha256": hashlib.sha256(b"bytes").hexdigest(),
    "tarball_size_bytes": 5,
    "download_count": 3,
    "uploaded_by_user_id": USER["id"],
    "uploaded_at": "2026-01-02T00:00:00.000Z",
    "yanked_at": None,
    "yanked_by_user_id": None,
    "yanked_reason": None,
}


@pytest.fixture
def folder(tmp_path: Path, storage_folder: Path) -> Path:
    """The smallest catalogue: only columns of the data model."""
    write(tmp_path / "in", "users", [USER])
    write(tmp_path / "in", "agents", [AGENT])
    write(tmp_path / "in", "versions", [VERSION])
    return tmp_path / "in"


def import_from(folder: Path, *arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_catalogue", *arguments, str(folder), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refusal_of(folder: Path, *arguments: str) -> str:
    """The message of a refused import, which must change nothing."""
    before = counts()
    with pytest.raises(CommandError) as refusal:
        import_from(folder, *arguments)
    assert counts() == before
    return str(refusal.value)


@pytest.mark.once
def test_import_of_a_backup_refuses_a_folder_without_private_parts(folder: Path) -> None:
    assert "is a public export" in refusal_of(folder, "--private")


# --- Optional parts ----


def test_import_needs_only_the_columns_of_the_data_model(folder: Path) -> None:
    import_from(folder)

    agent = Agent.objects.get()
    assert (agent.is_listed, agent.offers_beta) == (True, False)
    assert search(parse_search("CALORIE c"), fallback=False).ids == [agent.pk]
    assert (agent.download_count, agent.updated_at.isoformat()) == (3, "2026-01-03T00:00:00+00:00")
    assert VersionRendering.objects.get().html == "<p>Looks <strong>after</strong> you.</p>\n"
    assert list(find_differences()) == []


@pytest.mark.once
def test_columns_of_earlier_exports_are_left_out(folder: Path) -> None:
    write(folder, "agents", [AGENT | {"search_text": "coach", "more_words": ""}])

    call_command("import_catalogue", str(folder), stdout=StringIO())

    assert Agent.objects.get().full_id == "@ada/coach"


def test_import_creates_missing_profiles_and_scopes(folder: Path) -> None:
    import_from(folder)

    profile = Profile.objects.get()
    assert (profile.github_login, profile.user.has_usable_password()) == ("ada", False)
    assert Scope.objects.get().name == "ada"


def test_imported_user_has_the_login_of_the_profile(folder: Path) -> None:
    nameless = {key: value for key, value in USER.items() if key != "username"}
    write(folder, "users", [nameless | {"email": "ada@example.org"}])
    write(folder, "profiles", [{"user_id": USER["id"], "github_login": "ada"}])

    import_from(folder)

    assert list(User.objects.values_list("username", "email")) == [("ada", "ada@example.org")]


def test_imported_scope_holder_can_sign_in(folder: Path) -> None:
    write(folder, "scopes", [{"name": "ada", "github_id": 77, "holder_id": USER["id"]}])

    import_from(folder)

    account = SocialAccount.objects.get()
    assert (account.provider, account.uid, account.user.username) == ("github", "77", "ada")


def test_audit_log_names_the_imported_catalogue(folder: Path) -> None:
    import_from(folder)

    event = AuditLog.objects.get()
    assert (event.action, event.door) == ("catalogue.imported", "command")
    assert event.details == {"rows": {"users": 1, "agents": 1, "versions": 1}, "files": 0}


@pytest.mark.once
def test_imported_categories_replace_existing_ones(folder: Path) -> None:
    other = {"id": "other", "name": "Else", "icon": "box", "sort_order": 1}
    write(folder, "categories", [other])

    import_from(folder)

    assert list(Category.objects.values()) == [other | {"sentence": ""}]


@pytest.mark.once
def test_unknown_file_in_the_catalogue_is_named(folder: Path) -> None:
    write(folder, "friends", [{}])

    assert "not part of a catalogue: friends.jsonl" in import_from(folder)[1]


# --- Errors with file and line ----

WRONG: list[tuple[str, Any, str]] = [
    ("agents", b"{", "agents.jsonl:2: the line is not valid JSON ("),
    ("agents", b"[]", "agents.jsonl:2: the line is not a JSON object"),
    ("agents", b'"\xff"', "agents.jsonl:2: the line is not valid JSON ("),
    ("agents", {"colour": "red"}, "agents.jsonl:2: colour is not a column of agents"),
    ("agents", {"tagline": ...}, "agents.jsonl:2: tagline is missing"),
    ("agents", {"id": ...}, "agents.jsonl:2: id is missing"),
    ("agents", {"tagline": None}, "agents.jsonl:2: tagline is null"),
    ("agents", {"tagline": 5}, "agents.jsonl:2: tagline is not a string"),
    ("agents", {"tagline": "x" * 141}, "agents.jsonl:2: tagline has more than 140 characters"),
    ("agents", {"tagline": "a\0b"}, "agents.jsonl:2: a string contains a NUL character"),
    ("agents", {"id": "coach"}, "agents.jsonl:2: id is not a UUID"),
    ("agents", {"id": 5}, "agents.jsonl:2: id is not a UUID"),
    ("agents", {"created_at": "yesterday"}, "agents.jsonl:2: created_at is not an ISO 8601 time"),
    ("agents", {"created_at": 1700000000}, "agents.jsonl:2: created_at is not an ISO 8601 time"),
    (
        "agents",
        {"created_at": "2026-01-01T00:00:00"},
        "agents.jsonl:2: created_at is a time without a UTC offset",
    ),
    ("agents", {"review_count": "3"}, "agents.jsonl:2: review_count is not a whole number"),
    ("agents", {"review_count": True}, "agents.jsonl:2: review_count is not a whole number"),
    ("agents", {"download_count": 2**63}, "agents.jsonl:2: download_count is not a whole number"),
    ("agents", {"is_listed": 1}, "agents.jsonl:2: is_listed is not true or false"),
    ("agents", {"avg_rating": "good"}, "agents.jsonl:2: avg_rating is not a number"),
    ("agents", {"avg_rating": 6.0}, "agents.jsonl:2: "),
    ("agents", {"name": "a/b"}, "agents.jsonl:2: scope and name are not those of an agent"),
    (
        "agents",
        {"homepage": "javascript:alert(1)"},
        "agents.jsonl:2: homepage is not an http or https address",
    ),
    (
        "agents",
        {"category": "cooking"},
        "agents.jsonl:2: category cooking refers to a row that does not exist",
    ),
    (
        "agents",
        {"owner_user_id": "00000000-0000-4000-8000-0000000000ff"},
        "agents.jsonl:2: owner_user_id 00000000-0000-4000-8000-0000000000ff "
        "refers to a row that does not exist",
    ),
    (
        "agents",
        {"latest_version_id": "00000000-0000-4000-8000-0000000000ff"},
        "agents.jsonl:2: latest_version_id 00000000-0000-4000-8000-0000000000ff "
        "refers to a row that does not exist",
    ),
    ("agents", {"name": "coach"}, "agents.jsonl:2: "),
    ("versions", {"version": "new"}, "versions.jsonl:2: version is not a semantic version"),
    ("versions", {"manifest": []}, "versions.jsonl:2: manifest is not an object"),
    (
        "versions",
        {"manifest": {"a": ["\0"]}},
        "versions.jsonl:2: a string contains a NUL character",
    ),
    ("versions", {"channel": "secret"}, "versions.jsonl:2: "),
    (
        "versions",
        {"tarball_r2_key": "tarballs/../../secret"},
        "versions.jsonl:2: the key of the stored file is not a plain path",
    ),
    (
        "versions",
        {"tarball_sha256": "ABC"},
        "versions.jsonl:2: the SHA-256 is not 64 small hexadecimal digits",
    ),
    (
        "users",
        {"created_at": "2026-01-01T00:00:00.000+14:00", "username": "ada"},
        "users.jsonl:2: ",
    ),
]


def second_line(table: str, change: Any) -> Any:
    """A second valid row with a change; ``...`` removes a key."""
    if isinstance(change, bytes):
        return change
    fresh: dict[str, Any] = {
        "agents": AGENT | {"id": "00000000-0000-4000-8000-0000000000a2", "name": "scout"},
        "versions": VERSION | {"id": "00000000-0000-4000-8000-0000000000b2", "version": "2.0.0"},
        "users": USER | {"id": "00000000-0000-4000-8000-000000000002", "username": "bob"},
    }[table]
    return {key: value for key, value in (fresh | change).items() if value is not ...}


@pytest.mark.parametrize(("table", "change", "begins"), WRONG)
def test_invalid_line_is_named_and_nothing_is_stored(
    folder: Path, table: str, change: Any, begins: str
) -> None:
    first = {"agents": AGENT, "versions": VERSION, "users": USER}[table]
    write(folder, table, [first, second_line(table, change)])

    message = refusal_of(folder)

    assert message.startswith(begins)
    assert "\n" not in message


def test_lines_of_the_previous_test_are_valid_without_the_error(folder: Path) -> None:
    for table, first in (("users", USER), ("agents", AGENT), ("versions", VERSION)):
        write(folder, table, [first, second_line(table, {})])

    import_from(folder)

    assert Agent.objects.count() == Version.objects.count() == User.objects.count() == 2


def test_line_that_is_too_long_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clawstore.transfer.lines.LONGEST_LINE", 5000)
    write(folder, "agents", [AGENT, AGENT | {"description": "x" * 5000}])

    assert refusal_of(folder) == "agents.jsonl:2: the line is too long"


def test_imported_html_is_sanitised(folder: Path) -> None:
    html = '<p onclick="x()">Hello<script>alert(1)</script></p>'
    rendering = {"version_id": VERSION["id"], "rule_set": "1", "document": "readme"}
    write(folder, "version_renderings", [rendering | {"html": html, "is_cut": False}])

    import_from(folder)

    assert VersionRendering.objects.get().html == "<p>Hello</p>"


@pytest.mark.once
def test_imported_names_are_visible(folder: Path) -> None:
    hidden_text = "Calo\u200brie\u202e Coach"
    manifest = VERSION["manifest"] | {"name": hidden_text}
    write(
        folder, "agents", [AGENT | {"display_name": hidden_text, "tagline": "A\u2066 calm voice"}]
    )
    write(folder, "versions", [VERSION | {"manifest": manifest}])

    import_from(folder)

    agent = Agent.objects.get()
    assert (agent.display_name, agent.tagline) == ("Calorie Coach", "A calm voice")
    assert listing_of(manifest)["display_name"] == "Calorie Coach"
    assert listing_of({"name": "\u200b"})["display_name"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("table", "row", "complaint"),
    [
        ("users", {"username": "ada\u200b"}, "username has invisible characters"),
        ("agents", {"display_name": "\u200b"}, "display_name has no visible character"),
        ("versions", {"manifest": {"name": "x" * 2**20}}, "manifest is larger than 1 MiB"),
    ],
)
def test_import_refuses_what_no_publish_accepts(
    folder: Path, table: str, row: dict[str, Any], complaint: str
) -> None:
    base = {"users": USER, "agents": AGENT, "versions": VERSION}[table]
    write(folder, table, [base | row])

    assert complaint in refusal_of(folder)


# --- The target database ----


@pytest.mark.once
def test_import_refuses_a_shop_with_users(folder: Path, grace: User) -> None:
    assert refusal_of(folder) == (
        "The database already contains a catalogue (users has rows). "
        "An import goes into an empty one."
    )


def test_folder_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == f"{tmp_path} is not a catalogue: there is no agents.jsonl."


# --- Stored files ----


def put_file(folder: Path, content: bytes) -> None:
    path = folder / "files" / VERSION["tarball_r2_key"]
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


@pytest.mark.once
def test_imported_files_are_stored(folder: Path) -> None:
    put_file(folder, b"bytes")

    import_from(folder)

    assert default_storage.open(VERSION["tarball_r2_key"]).read() == b"bytes"


@pytest.mark.once
@pytest.mark.parametrize("content", [b"other", b"other bytes"])
def test_file_with_a_wrong_digest_is_refused(folder: Path, content: bytes) -> None:
    put_file(folder, content)

    assert refusal_of(folder) == (
        "versions.jsonl:1: files/tarballs/ada/coach/1.0.0.tgz has different bytes"
    )
    assert not default_storage.exists(VERSION["tarball_r2_key"])


@pytest.mark.once
def test_missing_files_are_counted(folder: Path) -> None:
    (folder / "files").mkdir()

    assert import_from(folder)[1] == "1 files are missing in the folder.\n"


# --- The summary ----


@pytest.fixture
def make_export(
    ada: User, grace: User, root: User, storage_folder: Path, tmp_path: Path
) -> Callable[[], Path]:
    """An export of the sample shop, whose rows are deleted afterwards."""

    def export() -> Path:
        create_sample_shop(ada, grace, root)
        call_command("export_catalogue", str(tmp_path / "in"), stdout=StringIO(), stderr=StringIO())
        delete_all_rows()
        return tmp_path / "in"

    return export


@pytest.mark.once
def test_changed_table_is_refused(make_export: Callable[[], Path]) -> None:
    folder = make_export()
    with (folder / "reviews.jsonl").open("ab") as out:
        out.write(b"\n")

    assert refusal_of(folder) == ("reviews.jsonl: its SHA-256 differs from catalogue.json")


def test_missing_table_is_refused(make_export: Callable[[], Path]) -> None:
    folder = make_export()
    (folder / "reviews.jsonl").unlink()

    assert refusal_of(folder) == "reviews.jsonl: the file is missing; it should have 1 rows"


def test_missing_stored_file_is_refused(make_export: Callable[[], Path]) -> None:
    folder = make_export()
    key = next(row["tarball_r2_key"] for row in lines(folder, "versions") if "coach" in str(row))
    (folder / "files" / key).unlink()

    message = refusal_of(folder)

    assert message.startswith("files: 3 of 4 files are present (the first missing: tarballs/ada/")


@pytest.mark.once
def test_catalogue_without_files_is_imported(make_export: Callable[[], Path]) -> None:
    folder = make_export()
    (folder / "files").rename(folder.parent / "elsewhere")

    import_from(folder)

    assert Version.objects.count() == 4


@pytest.mark.once
@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"format":"clawstore-catalogue","formatVersion":2}', b"{}"]
)
def test_invalid_summary_is_refused(make_export: Callable[[], Path], content: bytes) -> None:
    folder = make_export()
    (folder / "catalogue.json").write_bytes(content)

    assert refusal_of(folder).startswith("catalogue.json: ")


@pytest.mark.once
def test_catalogue_without_a_summary_is_imported(make_export: Callable[[], Path]) -> None:
    folder = make_export()
    (folder / "catalogue.json").unlink()

    import_from(folder)

    assert Version.objects.count() == 4
    assert contents(folder)  # and the folder was only read
    assert orjson.loads((folder / "agents.jsonl").read_bytes().splitlines()[0])
