"""Packages in folders, and the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.sandbox.limits import TaskLimits
from registry.package import offline
from registry.package.__main__ import main
from registry.package.checks.globs import compile_globs
from registry.package.limits import PackageLimits
from registry.package.reader import read_folder
from registry.package.report import check_path
from tests.support.packages import manifest, package_files, png, read, tarball

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]


def folder(at, files=None, document=None):
    for path, content in package_files(files, document).items():
        place = at / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(0o644)
    return at


def read_path(at, **limits):
    return read_folder(at, PackageLimits(**limits))


def codes(at, **limits):
    return [finding.code for finding in read_path(at, **limits).findings]


def codes_and_paths(at):
    return [(finding.code, finding.path) for finding in check_path(at).findings]


def test_folder_and_its_tarball_give_the_same_package(tmp_path):
    package = read_path(folder(tmp_path))

    assert package == read(tarball())


def test_files_patterns_select_the_files(tmp_path):
    files = {"other/x.sh": "", "workspace/.env": "", ".git/config": "", "workspace/a.txt": ""}

    package = read_path(folder(tmp_path, files, manifest(files=["workspace/**", "*.md"])))

    assert [file.path for file in package.files] == [
        "README.md",
        "agent.json",
        "workspace/AGENTS.md",
        "workspace/USER.md",
        "workspace/a.txt",
    ]


@pytest.mark.parametrize(
    ("pattern", "included_paths", "excluded_paths"),
    [
        ("**", ["a", "a/b", "a/b/c.md"], [".a", "a/.b", ".a/b"]),
        ("**/*.md", ["a.md", "b/a.md", "b/c/a.md"], ["a.txt", ".md", ".b/a.md"]),
        ("a/**", ["a/b", "a/b/c"], ["b", "ab/c"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "a/b"]),
        ("./a/*.md", ["a/b.md"], ["a/b/c.md", "b.md"]),
        ("*.{md,txt}", ["a.md", "a.txt"], ["a.json", "{md,txt}"]),
        ("{a,b}/{c,d}", ["a/c", "b/d"], ["a/a"]),
        ("a?c", ["abc"], ["ac", "a/c"]),
        ("[a-c].md", ["b.md"], ["d.md"]),
        (".env", [".env"], ["env"]),
        (".x/*", [".x/a"], [".x/.a"]),
        ("a", ["a"], ["a/b", "b/a"]),
        ("!a", [], ["a", "b"]),
        ("[!a].md", ["b.md"], ["a.md", ".md"]),
        ("[]].md", ["].md"], ["a.md"]),
        ("[z-a].md", [], ["a.md", "z.md"]),
        ("[!z-a].md", ["a.md"], ["ab.md"]),
        ("[a.md", ["[a.md"], ["a.md"]),
        ("(a|b)+?.md", ["(a|b)+x.md"], ["a.md"]),
    ],
)
def test_pattern(pattern, included_paths, excluded_paths):
    is_included = compile_globs([pattern])

    assert [
        path for path in [*included_paths, *excluded_paths] if is_included(path)
    ] == included_paths


def test_hostile_pattern_takes_little_time():
    is_included = compile_globs(["**/" * 200 + "*a" * 200, "{a,b}" * 60])

    assert not is_included("a/" * 200 + "a" * 200 + "b")


def test_symbolic_link_is_reported_and_not_followed(tmp_path):
    folder(tmp_path)
    (tmp_path / "docs/link.md").symlink_to("/etc/passwd")
    (tmp_path / "docs/loop").symlink_to("..")

    assert codes(tmp_path) == ["link", "link"]


def test_linked_manifest_is_reported_as_link(tmp_path):
    folder(tmp_path)
    (tmp_path / "agent.json").rename(tmp_path / "docs/real.json")
    (tmp_path / "agent.json").symlink_to("docs/real.json")

    assert [finding.code for finding in check_path(tmp_path).findings] == [
        "link",
        "manifest_missing",
    ]


def test_pipe_is_reported_and_not_opened(tmp_path):
    os.mkfifo(folder(tmp_path) / "docs/pipe")

    assert codes(tmp_path) == ["special_file"]


def test_executable_mode_is_reported(tmp_path):
    (folder(tmp_path) / "docs/notes.md").chmod(0o755)

    assert codes(tmp_path) == ["executable_bit"]


def test_folder_is_limited(tmp_path):
    folder(tmp_path, {"docs/big.txt": "x" * 5000})

    assert codes(tmp_path, files=5) == ["too_many_files"]
    assert codes(tmp_path, unpacked_bytes=5000) == ["package_too_large"]


def test_folder_without_manifest_is_refused(tmp_path):
    (tmp_path / "a.md").write_text("x")

    assert [finding.code for finding in check_path(tmp_path).findings] == ["manifest_missing"]


def test_store_images_are_checked(tmp_path):
    store = {"icon": "store/icon.png", "screenshots": ["store/no.png", "../out.png"]}
    folder(tmp_path, {"store/icon.png": "no image"}, manifest(store=store, files=["*/*.md"]))

    assert codes_and_paths(tmp_path) == [("schema_error", "agent.json")]
    store["screenshots"].pop()
    folder(tmp_path, {"store/icon.png": "no image"}, manifest(store=store, files=["*/*.md"]))
    assert codes_and_paths(tmp_path) == [
        ("asset_invalid", "store/icon.png"),
        ("broken_reference", "agent.json"),
    ]


def test_store_image_outside_the_folder_is_not_read(tmp_path):
    (tmp_path / "secret.png").write_bytes(png())
    root = folder(tmp_path / "agent", None, manifest(store={"icon": "icon.png"}, files=["**/*.md"]))
    (root / "icon.png").symlink_to(tmp_path / "secret.png")

    assert [finding.code for finding in check_path(root).findings] == ["broken_reference"]


def test_command_accepts_a_good_package(tmp_path, capsys):
    place = tmp_path / "package.tgz"
    place.write_bytes(tarball())

    assert main([str(place)]) == 0
    size = sum(len(content) for content in package_files().values())
    assert capsys.readouterr().out == (
        f"Accepted: 0 errors, 0 warnings. @ada/planner 1.0.0, 5 files, {size:,} bytes.\n"
    )


def test_command_lists_findings(tmp_path, capsys):
    folder(tmp_path, {"docs/x.sh": "", "a.md": "see\n[it](gone.md)"})

    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        "error    blocked_extension  docs/x.sh"
        "  Files that end in .sh are not allowed: a computer may run them.\n"
        "warning  broken_reference  a.md:2  The link gone.md points to no file in the package.\n"
        "Refused: 1 error, 1 warning.\n"
    )


def test_command_prints_json(tmp_path, capsys):
    place = tmp_path / "package.tgz"
    place.write_bytes(tarball({"x.odd": "x"}))

    assert main([str(place), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["ok", "id", "version", "findings", "files"]
    assert (report["ok"], report["id"], report["version"]) == (True, "@ada/planner", "1.0.0")
    assert [finding["code"] for finding in report["findings"]] == ["unknown_extension"]
    assert report["files"][0].keys() == {"path", "size", "sha256", "kind"}


def test_command_exits_with_2_if_the_path_does_not_exist(tmp_path, capsys):
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"wall_seconds": 0.001}, "took too long"), ({"output_bytes": 10}, "produced too much data")],
)
def test_command_refuses_a_package_that_costs_too_much(
    tmp_path, capsys, monkeypatch, limits, reason
):
    monkeypatch.setattr(offline, "TASK_LIMITS", TaskLimits(**limits))
    place = tmp_path / "package.tgz"
    place.write_bytes(tarball())

    assert main([str(place)]) == 1
    output = capsys.readouterr().out
    assert "package_too_costly" in output
    assert reason in output
    assert output.endswith("Refused: 1 error, 0 warnings.\n")


def test_package_runs_without_django(tmp_path):
    place = tmp_path / "package.tgz"
    place.write_bytes(tarball())
    program = (
        "import sys; sys.modules['django'] = None\n"
        "from registry.package.__main__ import main\n"
        f"code = main([{str(place)!r}])\n"
        "assert not [name for name in sys.modules if name.startswith('django.')]\n"
        "sys.exit(code)"
    )

    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True)

    assert (process.returncode, process.stderr) == (0, b"")
