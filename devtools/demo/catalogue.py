"""Reads the demo catalogue from its folder."""

import io
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from devtools.demo.calendar import Calendar, written_day
from foundation.files.tarballs import pack_files
from registry.publishing.upload import Upload, UploadedAsset
from registry.rules.semver import precedence

DEMO = Path(settings.BASE_DIR) / "demo"
CHANGELOG = "CHANGELOG.md"
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class DemoVersion:
    """A version to publish on a day; ``images`` has its icon and screenshots."""

    number: str
    day: str
    files: Files
    images: Path

    @property
    def manifest(self) -> dict[str, Any]:
        manifest: dict[str, Any] = json.loads(self.files["agent.json"])
        return manifest


def read_catalogue() -> dict[str, Any]:
    catalogue: dict[str, Any] = json.loads((DEMO / "catalogue.json").read_text(encoding="utf-8"))
    return catalogue


def list_folders() -> list[Path]:
    """The folders of the demo agents, `<login>/<agent>`."""
    return sorted(DEMO.glob("demo-*/*"))


def list_numbers(folder: Path) -> list[str]:
    """The version numbers of a demo agent, oldest first."""
    names = [child.name for child in folder.iterdir() if child.is_dir() and child.name != "store"]
    return sorted(names, key=precedence)


def read_versions(folder: Path, *, known_names: Collection[str] = ()) -> Iterator[DemoVersion]:
    """The versions of a demo agent, oldest first, each with all of its files."""
    numbers = list_numbers(folder)
    if set(numbers) <= set(known_names):
        return
    files: Files = {}
    for number in numbers:
        files |= {
            str(path.relative_to(folder / number)): path.read_bytes()
            for path in sorted((folder / number).rglob("*"))
            if path.is_file()
        }
        if number not in known_names:
            day = written_day(files[CHANGELOG], number)
            yield DemoVersion(number, day, dict(files), folder)


def make_upload(version: DemoVersion, calendar: Calendar, channel: str | None) -> Upload:
    files = version.files | {CHANGELOG: calendar.move_days(version.files[CHANGELOG])}
    store = version.manifest.get("store", {})
    paths = [("icon", store["icon"])] if "icon" in store else []
    paths += [("screenshot", path) for path in store.get("screenshots", [])]
    return Upload(
        metadata=files["agent.json"].decode(),
        tarball=io.BytesIO(pack_files(sorted(files.items()))),
        assets=tuple(
            UploadedAsset(kind, path, io.BytesIO((version.images / path).read_bytes()))  # type: ignore[arg-type]
            for kind, path in paths
        ),
        channel=channel,
    )
