"""Finds the folder of a source that becomes the package.

Read on 2026-12-01 in the documentation of OpenClaw: a workspace; `openclaw agents export`, which
writes `manifest.json` beside `workspace/`; `openclaw claws export`, which writes `CLAW.md` beside
`workspace/`; and `openclaw backup create`, which writes `manifest.json` and the whole state below
`payload/`. People also zip the state folder itself.
"""

from collections.abc import Collection

from registry.package.checks.paths import fold_name
from registry.package.imports.records import Layout
from registry.package.manifest.schema import MANIFEST

_WORKSPACE_NAMES = frozenset({"agents.md", "soul.md", "identity.md"})
MAX_OTHERS = 20


def find_layout(
    paths: Collection[str], *, has_manifest: bool = False
) -> tuple[Layout, str, tuple[str, ...]]:
    """Returns layout, folder of the package, and folders of other workspaces.

    `has_manifest`: an agent.json is given beside the source, whose root is that of the package.
    """
    if has_manifest or MANIFEST in paths:
        return "package", "", ()
    common = _common_folders(paths)
    for depth in range(1, len(common) + 1):
        folder = "/".join(common[:depth])
        if f"{folder}/{MANIFEST}" in paths:
            return "package", folder, ()
    roots = _workspace_roots(paths)
    if not roots:
        return "folder", "/".join(common[:1]), ()
    root = roots[0]
    # A folder within the workspace, such as a skill with a file AGENTS.md, is no other workspace.
    other_roots = [
        other for other in roots if not f"{other}/".startswith(f"{root}/" if root else "")
    ]
    return _layout_of(paths, root), root, tuple(other_roots[:MAX_OTHERS])


def _layout_of(paths: Collection[str], root: str) -> Layout:
    payload, _, _ = f"/{root}/".partition("/payload/")
    if payload != f"/{root}/" and f"{payload}/manifest.json".lstrip("/") in paths:
        return "backup"
    export, _, name = root.rpartition("/")
    prefix = f"{export}/" if export else ""
    if name == "workspace" and f"{prefix}CLAW.md" in paths:
        return "claw"
    is_template = name == "workspace" and f"{prefix}manifest.json" in paths
    return "template" if is_template else "workspace"


def _common_folders(paths: Collection[str]) -> list[str]:
    """Returns the folders that all paths have in common, the outermost first."""
    if not paths:
        return []
    # The first and the last name in order have the fewest folders in common.
    first, last = min(paths).split("/")[:-1], max(paths).split("/")[:-1]
    common = []
    for one_part, other_part in zip(first, last, strict=False):
        if one_part != other_part:
            break
        common.append(one_part)
    return common


def _workspace_roots(paths: Collection[str]) -> list[str]:
    """Returns the folders with files of an agent, that of the main agent first."""
    roots = {
        folder
        for folder, _, name in (path.rpartition("/") for path in paths)
        if fold_name(name) in _WORKSPACE_NAMES
    }
    return sorted(roots, key=_rank)


def _rank(root: str) -> tuple[int, bool, str]:
    name = fold_name(root.rpartition("/")[2])
    depth = root.count("/") + 1 if root else 0
    return depth, name != "workspace", root
