"""JSON endpoint of the diff between two versions."""

from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema

from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.text.diff import Hunk
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.provenance import compare_provenance, get_provenance
from registry.agents.queries import find_agent
from registry.analysis.diff.capabilities import CapabilityChange
from registry.analysis.diff.files import FileDiff
from registry.diffs.actions import get_or_make_diff
from registry.diffs.limits import charge_diff
from registry.diffs.queries import find_pair, may_read_texts, parse_summary
from wordclaw.payments.access.api import reader_of

router = Router(tags=["files"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}


class Change(CapabilityChange):
    """One line of the capability diff.

    ``grows``: the agent may do more, or asks the operator for more. ``path`` and ``line`` are in
    the package of the older version if ``isOld``, else in that of the newer one.
    """


class FileChanges(FileDiff):
    """A file with its hunks; keys without a value are left out of their rows."""

    hunks: list[Hunk]


class VersionChanges(Schema):
    """``capabilities``: what the newer version does, asks for or needs differently.

    ``provenance``: lost (the newer version was published by hand), gained, moved (another
    repository or workflow), or null. ``files`` has the first changed
    files, ``filesNotShown`` the number of the others.
    """

    old: str
    new: str
    isBackwards: bool
    isOfManifestsAlone: bool
    provenance: str | None
    capabilities: list[Change]
    counts: dict[str, int]
    unchanged: int
    filesNotShown: int
    files: list[FileChanges]


@router.get(
    "/agents/{scope}/{name}/changes/{old}...{new}", response=VersionChanges, by_alias=True, **READ
)
def get_changes(request: Request, scope: str, name: str, old: str, new: str) -> HttpResponse:
    """The diff of two versions: capabilities, and files line by line.

    Without a right to a version with a price, files have no hunks. 451 while either version is
    withheld. A diff that has to be computed first has a lower rate limit, the lowest if the two
    versions are not a usual upgrade."""
    pair = find_pair(find_agent(scope.lstrip("@"), name), old, new)
    diff = get_or_make_diff(pair, charge=charge_diff(request, request.auth, pair))
    sources = get_provenance([pair.old.pk, pair.new.pk])
    summary = parse_summary(diff).model_dump(mode="json", by_alias=True)
    files = summary["files"]
    reader = reader_of(request, request.auth)
    hunks_of_files = diff.hunks if may_read_texts(pair, reader) else [[] for _ in diff.hunks]
    return json_response(
        {
            "old": pair.old.version,
            "new": pair.new.version,
            "isBackwards": pair.is_backwards,
            "isOfManifestsAlone": summary["isOfManifestsAlone"],
            "provenance": compare_provenance(sources.get(pair.old.pk), sources.get(pair.new.pk)),
            "capabilities": summary["capabilities"],
            "counts": files["counts"],
            "unchanged": files["unchanged"],
            "filesNotShown": files["notShown"],
            "files": [
                file | {"hunks": hunks}
                for file, hunks in zip(files["files"], hunks_of_files, strict=True)
            ],
        }
    )
