"""Which files of a workspace never become part of a package, and why."""

from registry.package.checks.extensions import BLOCKED_EXTENSIONS, get_extension, word_set
from registry.package.checks.paths import fold_name
from registry.package.host_files import is_operators_file
from registry.package.imports.records import Reason

_JUNK_FOLDERS = word_set(
    "__macosx .git .svn .hg node_modules __pycache__ .venv venv .idea .vscode .trash"
)
_JUNK_FILES = word_set(".ds_store thumbs.db desktop.ini .gitignore .gitattributes .gitkeep")
_PRIVATE_FOLDERS = word_set(
    "credentials secrets .openclaw .clawdbot .ssh .aws .gnupg .config .dreams"
)
_PRIVATE_FOLDERS_AT_ROOT = word_set("sessions logs inbox transcripts")
_PRIVATE_FILES = word_set(
    "auth-profiles.json auth.json credentials.json openclaw.json clawdbot.json .netrc .npmrc"
    " .pypirc id_rsa id_dsa id_ecdsa id_ed25519"
)
# The first run of the author's own agent; OpenClaw's own export leaves it out, too.
_PRIVATE_FILES_AT_ROOT = word_set("dreams.md bootstrap.md contacts.md")
_PRIVATE_EXTENSIONS = word_set("pem key p12 pfx keystore sqlite sqlite3 db log jsonl bak")
_SETTINGS_AT_ROOT = word_set("automations.json")
SHOWN_HIDDEN_FOLDERS = word_set(".agents")
"""Hidden folders in which OpenClaw looks for skills."""

REVIEW_NAMES = word_set("TOOLS.md HEARTBEAT.md BOOT.md")
"""Files that belong to an agent and often name machines, people and accounts of its author."""


def is_junk(path: str) -> bool:
    """Returns whether a file of an operating system or a tool has this path."""
    *folders, name = fold_name(path).split("/")
    # AppleDouble files have the attributes of another file.
    return (
        not _JUNK_FOLDERS.isdisjoint(folders)
        or name in _JUNK_FILES
        or name in _JUNK_FOLDERS
        or name.startswith("._")
    )


def reason_to_leave_out(path: str) -> Reason | None:
    """Returns why a file of a workspace is left out, or None.

    The path begins at the root of the workspace.
    """
    if is_junk(path):
        return "junk"
    if is_private(path):
        return "private"
    parts = fold_name(path).split("/")
    if any(part.startswith(".") and part not in SHOWN_HIDDEN_FOLDERS for part in parts):
        return "hidden"
    if len(parts) == 1 and parts[0] in _SETTINGS_AT_ROOT:
        return "settings"
    return "program" if get_extension(path) in BLOCKED_EXTENSIONS else None


def is_private(path: str) -> bool:
    """Returns whether a file of a workspace is about its operator, or has credentials."""
    *folders, name = fold_name(path).split("/")
    if is_operators_file(path) or not _PRIVATE_FOLDERS.isdisjoint(folders):
        return True
    if folders[:1] and folders[0] in _PRIVATE_FOLDERS_AT_ROOT:
        return True
    is_private_name = name in _PRIVATE_FILES or (not folders and name in _PRIVATE_FILES_AT_ROOT)
    has_private_start = name.startswith((".env", "secrets."))
    return is_private_name or has_private_start or get_extension(path) in _PRIVATE_EXTENSIONS
