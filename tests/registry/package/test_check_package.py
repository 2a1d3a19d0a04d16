"""Checks of the whole package: manifest, mapped files, assets, claimed metadata."""

import io
import json
from collections.abc import Collection

import pytest

from registry.package.checks.images import check_asset
from registry.package.checks.package import check_package, is_same_json
from registry.package.findings import Finding
from registry.package.limits import PackageLimits
from registry.package.manifest.categories import CATEGORIES
from registry.package.manifest.schema import parse_manifest
from tests.support.packages import (
    check_codes,
    manifest,
    pack_files,
    package_files,
    png,
    read,
    tarball,
)

pytestmark = pytest.mark.once

CATEGORY_MESSAGE = f"category 'cooking' does not exist. Choose from: {', '.join(CATEGORIES)}."


def findings(data, claimed_manifest=None, assets=(), categories=CATEGORIES):
    return check_package(
        read(data), claimed_manifest=claimed_manifest, assets=assets, categories=categories
    )


def asset(kind, path, data=None):
    return check_asset(kind, path, io.BytesIO(data or png()), PackageLimits())


def test_package_without_manifest_is_refused():
    files = {path: content for path, content in package_files().items() if path != "agent.json"}

    assert findings(pack_files(files)) == (
        Finding(
            "manifest_missing",
            "error",
            "agent.json",
            "There is no agent.json at the root of the package.",
        ),
    )


@pytest.mark.parametrize("path", ["Agent.json", "package/agent.json", "agent.json/x.md"])
def test_manifest_must_be_at_the_root(path):
    files = package_files() | {path: package_files()["agent.json"]}
    del files["agent.json"]

    assert check_codes(pack_files(files)) == ["manifest_missing"]


def test_each_schema_violation_is_a_finding_with_its_line():
    document = manifest(version="1", tags=["good", "Bad"], extra=1, category="cooking")
    del document["author"]["name"]
    text = json.dumps(document, indent=1)
    lines = text.split("\n")

    violations = findings(tarball({"agent.json": text.encode()}))

    assert {f.code for f in violations} == {"schema_error"}
    assert {(f.message, lines[(f.line or 0) - 1].strip().rstrip(",")) for f in violations} == {
        ("extra is not a known key.", '"extra": 1'),
        (
            "tags[1] must be words of a-z and 0-9 joined by dashes, at most 64 characters.",
            '"Bad"',
        ),
        (
            "version must be a semantic version such as 1.0.0 or 2.1.0-beta.1.",
            '"version": "1"',
        ),
        ("author.name is required.", '"author": {}'),
        (CATEGORY_MESSAGE, '"category": "cooking"'),
    }


def test_missing_key_is_reported_on_the_first_line():
    document = manifest()
    del document["license"]

    (violation,) = findings(tarball({"agent.json": json.dumps(document, indent=1).encode()}))

    assert (violation.message, violation.line) == ("license is required.", 1)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'{"a":1,"a":1}', b"\xff", b"NaN"])
def test_manifest_that_is_not_a_json_object_is_refused(raw):
    assert check_codes(tarball({"agent.json": raw})) == ["schema_error"]


def test_manifest_in_utf_16_is_refused():
    raw = json.dumps(manifest()).encode("utf-16")

    assert check_codes(tarball({"agent.json": raw})) == ["schema_error"]


def test_oversized_manifest_is_not_reported_as_missing():
    raw = json.dumps(manifest()) + " " * 2000

    assert check_codes(tarball({"agent.json": raw}), manifest_bytes=2000) == ["schema_error"]


def test_claimed_metadata_is_compared_as_json():
    data = tarball()

    assert findings(data, claimed_manifest=dict(reversed(manifest().items()))) == ()
    assert findings(data, claimed_manifest=parse_manifest(manifest())) == ()
    assert [f.code for f in findings(data, claimed_manifest=manifest(tagline="Other"))] == [
        "manifest_mismatch"
    ]
    assert [
        f.code for f in findings(data, claimed_manifest=parse_manifest(manifest(tagline="Other")))
    ] == ["manifest_mismatch"]
    assert [f.code for f in findings(data, claimed_manifest={})] == ["manifest_mismatch"]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (None, False, False),
        ("1", 1, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ({"a": 1, "b": [True]}, {"b": [True], "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([], {}, False),
    ],
)
def test_equal_json_values(first, second, is_same):
    assert is_same_json(first, second) is is_same
    assert is_same_json(second, first) is is_same


def test_unknown_category_is_refused():
    data = tarball(manifest=manifest(category="cooking"))

    assert [(f.code, f.message) for f in findings(data)] == [("schema_error", CATEGORY_MESSAGE)]
    assert findings(data, categories={"cooking"}) == ()


def test_mapped_file_must_be_in_the_package():
    document = manifest(
        openclaw={
            "entrypoints": {"AGENTS.md": "workspace/AGENTS.md", "SOUL.md": "workspace/SOUL.md"},
            "templates": {"USER.md": "workspace", "notes/x.md": "workspace/agents.md"},
        }
    )

    assert [(f.code, f.path) for f in findings(tarball(manifest=document))] == [
        ("template_missing", "workspace"),
        ("entrypoint_missing", "workspace/SOUL.md"),
        ("template_missing", "workspace/agents.md"),
    ]


def test_asset_must_be_named_in_store():
    store = {"icon": "store/icon.png", "screenshots": ["store/one.png", "./store/two.png"]}
    data = tarball(manifest=manifest(store=store))
    good = [
        asset("icon", "store/icon.png"),
        asset("screenshot", "store/one.png"),
        asset("screenshot", "./store/two.png"),
    ]

    assert findings(data, assets=good) == ()
    for bad in (
        asset("icon", "store/one.png"),
        asset("screenshot", "store/icon.png"),
        asset("screenshot", "store/three.png"),
    ):
        assert [(f.code, f.path) for f in findings(data, assets=[*good, bad])] == [
            ("asset_invalid", bad.path)
        ]


def test_asset_without_a_store_section_is_refused():
    assets = [asset("icon", "store/icon.png")]

    assert [finding.code for finding in findings(tarball(), assets=assets)] == ["asset_invalid"]


def test_findings_include_those_of_assets():
    data = tarball(manifest=manifest(store={"icon": "store/icon.png"}))

    assets = [asset("icon", "store/icon.png", b"no image")]

    assert [(f.code, f.path) for f in findings(data, assets=assets)] == [
        ("asset_invalid", "store/icon.png")
    ]


def test_image_in_the_tarball_is_an_ordinary_file():
    data = tarball({"store/icon.png": png()}, manifest(store={"icon": "store/icon.png"}))

    assert findings(data) == ()


def test_findings_are_ordered_by_severity_path_and_line():
    key = "AKIA" + "QY7XJ2LMNB4RTE5W"
    data = tarball({"b.odd": "", "a.md": "[x](gone.md)", "z.txt": f"\n{key}\n{key}", "c.sh": ""})

    assert [(f.severity, f.path, f.line) for f in findings(data)] == [
        ("error", "c.sh", None),
        ("error", "z.txt", 2),
        ("error", "z.txt", 3),
        ("warning", "a.md", 1),
        ("warning", "b.odd", None),
    ]


def test_finding_without_line_has_no_line_in_json():
    assert Finding("link", "error", "a", "No.").as_json() == {
        "code": "link",
        "severity": "error",
        "path": "a",
        "message": "No.",
    }
    assert Finding("link", "error", "a", "No.", 3).as_json()["line"] == 3


STORE = {"icon": "store/icon.svg", "screenshots": ["store/a.png", "store/b.png"]}


def test_missing_images_are_findings_with_their_lines() -> None:
    package = read(tarball({}, manifest(store=STORE)))

    def missing(other_images: Collection[str] | None) -> list[tuple[str, str, bool]]:
        findings = check_package(
            package,
            claimed_manifest=None,
            assets=(),
            categories=CATEGORIES,
            other_images=other_images,
        )
        return [(f.path, f.message, f.line > 1) for f in findings if f.code == "broken_reference"]

    assert missing(("store/icon.svg", "store/b.png")) == [
        ("agent.json", "store names the screenshot store/a.png, which is missing.", True)
    ]
    assert len(missing(())) == 3
    # Of a tarball on disk it is not known which images will be sent.
    assert missing(None) == []


def test_package_with_a_folder_around_it_names_the_folder() -> None:
    package = read(pack_files({"tea-timer/agent.json": b"{}", "tea-timer/README.md": b"# Tea"}))

    (finding,) = check_package(package, claimed_manifest=None, assets=(), categories=CATEGORIES)

    assert finding.message.endswith(
        " There is one in tea-timer: pack the contents of that folder, not the folder."
    )


def test_names_meet_in_composed_and_decomposed_letters():
    """macOS packs `u` and two dots where a keyboard typed `ü`."""
    composed, decomposed = "workspace/\u00dcber.md", "workspace/U\u0308ber.md"
    for path, name in ((composed, decomposed), (decomposed, composed)):
        document = manifest(
            openclaw={"entrypoints": {"AGENTS.md": name}, "templates": {}},
            store={"icon": f"{name}.png"},
        )
        files = {path: "You plan.\n", "README.md": f"[rules]({name})\n"}
        data = tarball(files, document)

        assert findings(data, assets=[asset("icon", f"{path}.png")]) == ()
        assert composed in {file.path for file in read(data).files}
