"""What changed between two versions, for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.web.responses import json_response
from registry.agents.queries import claimed_agent
from registry.analysis.diff.capabilities import CapabilityChange
from registry.analysis.diff.files import FileDiff
from registry.analysis.textdiff import Hunk
from registry.diffs.pages import making_for
from registry.diffs.queries import diff_of, find_couple, summary_of

router = Router(tags=["files"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}


class Change(CapabilityChange):
    """One line of the capability diff."""


class FileChanges(FileDiff):
    """A file with what changed in it; keys that say nothing are left out of a hunk's rows."""

    hunks: list[Hunk]


class VersionChanges(Schema):
    """``capabilities`` are what the newer one does, asks for or needs differently; ``files`` the
    first of those that changed, and ``filesNotShown`` how many are not here."""

    old: str
    new: str
    isBackwards: bool
    isOfManifestsAlone: bool
    capabilities: list[Change]
    counts: dict[str, int]
    unchanged: int
    filesNotShown: int
    files: list[FileChanges]


@router.get(
    "/agents/{scope}/{name}/changes/{old}...{new}", response=VersionChanges, by_alias=True, **READ
)
def get_changes(request: HttpRequest, scope: str, name: str, old: str, new: str) -> HttpResponse:
    """What changed from one version to another: what it asks for and does, and its files line by
    line. 451 while either is withheld. What is compared for the first time is limited more
    narrowly, most of all where it is no step that people take when they update."""
    couple = find_couple(claimed_agent(scope.lstrip("@"), name), old, new)
    making = making_for(request, request.auth, couple)  # type: ignore[attr-defined]
    diff = diff_of(couple, making=making)
    summary = summary_of(diff).model_dump(mode="json", by_alias=True)
    files = summary["files"]
    return json_response(
        {
            "old": couple.old.version,
            "new": couple.new.version,
            "isBackwards": couple.is_backwards,
            "isOfManifestsAlone": summary["isOfManifestsAlone"],
            "capabilities": summary["capabilities"],
            "counts": files["counts"],
            "unchanged": files["unchanged"],
            "filesNotShown": files["notShown"],
            "files": [
                file | {"hunks": hunks}
                for file, hunks in zip(files["files"], diff.hunks, strict=True)
            ],
        }
    )
