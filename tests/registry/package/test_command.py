"""The subcommands of `python -m registry.package` besides check."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from registry.package.__main__ import main
from tests.support.packages import package_files
from tests.support.zips import Entry, make_zip

pytestmark = pytest.mark.once

WORKSPACE = {
    "AGENTS.md": "You keep the calendar.\n",
    "IDENTITY.md": "- **Name:** Jarvis\n",
    "USER.md": "Her name is Ada Byron.\n",
    "memory/2026-11-30.md": "She was ill.\n",
    ".env": "X=1\n",
    ".git/config": "x",
    "skills/plan/SKILL.md": "---\nname: plan\n---\n",
}
OPTIONS = [
    *("--id", "@ada/jarvis", "--tagline", "Keeps a calendar", "--author", "Ada"),
    *("--license", "MIT", "--category", "productivity", "--no-input"),
]


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        place.chmod(0o644)
    return folder


def names_in(path: Path) -> list[str]:
    with tarfile.open(path) as archive:
        return archive.getnames()


def test_workspace_gets_an_agent_json_and_is_packed(tmp_path, capsys):
    folder, package = write(tmp_path / "workspace", WORKSPACE), tmp_path / "agent.tgz"

    assert main(["pack", str(folder), "-o", str(package)]) == 1
    assert "Write agent.json first" in capsys.readouterr().out
    assert main(["init", str(folder), *OPTIONS]) == 0
    assert "left out  USER.md: private" in capsys.readouterr().out
    assert main(["check", str(folder)]) == 0
    assert main(["pack", str(folder), "-o", str(package)]) == 0

    assert names_in(package) == ["AGENTS.md", "IDENTITY.md", "agent.json", "skills/plan/SKILL.md"]
    assert main([str(package)]) == 0
    manifest = json.loads((folder / "agent.json").read_text())
    assert (manifest["id"], manifest["name"]) == ("@ada/jarvis", "Jarvis")
    assert main(["init", str(folder), *OPTIONS]) == 2


def test_empty_folder_gets_a_starter(tmp_path, capsys):
    assert main(["init", str(tmp_path / "new"), "--name", "Jarvis", *OPTIONS]) == 0
    assert main(["check", str(tmp_path / "new")]) == 0
    assert "Accepted: 0 errors, 0 warnings. @ada/jarvis 0.1.0, 4 files" in capsys.readouterr().out


def test_init_names_what_is_missing_and_writes_nothing(tmp_path, capsys):
    folder = write(tmp_path, WORKSPACE)

    assert main(["init", str(folder), "--id", "@ada/jarvis", "--no-input"]) == 1
    assert "license" in capsys.readouterr().err
    assert not (folder / "agent.json").exists()


def test_zip_is_checked_and_packed_like_the_folder(tmp_path, capsys):
    archive, package = tmp_path / "a.zip", tmp_path / "a.tgz"
    with zipfile.ZipFile(archive, "w") as stream:
        for path, data in package_files().items():
            stream.writestr(f"planner/{path}", data)

    assert main(["check", str(archive)]) == 0
    assert main(["pack", str(archive), "-o", str(package)]) == 0
    assert set(names_in(package)) == set(package_files())
    assert main(["pack", str(archive), "-o", str(package)]) == 2
    assert "--force" in capsys.readouterr().err


def test_same_files_give_the_same_bytes(tmp_path):
    first, second = tmp_path / "first.tgz", tmp_path / "second.tgz"
    files = {path: data.decode() for path, data in package_files().items()}
    folder, stream = write(tmp_path / "planner", files), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in reversed(files):
            archive.writestr(path, files[path])
    (tmp_path / "a.zip").write_bytes(stream.getvalue())

    main(["pack", str(folder), "-o", str(first)])
    main(["pack", str(tmp_path / "a.zip"), "-o", str(second)])

    assert first.read_bytes() == second.read_bytes()


def test_hostile_zip_is_refused_with_its_code(tmp_path, capsys):
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip(Entry("agent.json", "{}"), Entry("../b.md", "x")))

    assert main(["check", str(path)]) == 1
    assert "unsafe_path" in capsys.readouterr().out
    assert main(["pack", str(path), "-o", str(tmp_path / "b.tgz")]) == 1
    assert not (tmp_path / "b.tgz").exists()
