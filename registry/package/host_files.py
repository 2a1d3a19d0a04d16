"""The files of a workspace that OpenClaw reads by name, and when it reads them.

The client unpacks the whole package into the workspace. A file with one of these names is therefore
read whether or not agent.json mentions it.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal
from unicodedata import normalize

from foundation.text.names import strip_ignorable
from registry.package.checks.paths import fold_name

Load = Literal["always", "onDemand", "never", "unknown"]
Moment = Literal["", "every_turn", "first_run", "host_start", "on_its_day", "when_used"]

READ_ON = "2026-11-29"
"""The day on which the sources below were read."""
WORKSPACE_GUIDE = "https://docs.openclaw.ai/concepts/agent-workspace"
SKILLS_GUIDE = "https://docs.openclaw.ai/tools/skills"

SKILL_FILE = "SKILL.md"
HEARTBEAT = "HEARTBEAT.md"
BOOT = "BOOT.md"


@dataclass(frozen=True, slots=True)
class HostFile:
    """One rule: the files called `name` at the root, or at any depth below `folder`.

    `name` may be `*.md`. `load` says whether the text is always in the prompt, `moment` when it is
    read. The operator's own files (`is_operators`) are written by the operator or by the running
    agent; a package that has them would overwrite them at each update.
    """

    name: str
    load: Load
    moment: Moment
    source: str
    folder: str = ""
    is_operators: bool = False

    def matches(self, folded_path: str) -> bool:
        parent, _, name = folded_path.rpartition("/")
        if self.folder and not f"{parent}/".startswith(f"{self.folder}/"):
            return False
        # A rule without a folder is about the root alone: the host looks nowhere else.
        if not self.folder and parent:
            return False
        pattern = _fold_rule_name(self.name)
        return name.endswith(pattern[1:]) if pattern.startswith("*") else name == pattern


@cache
def _fold_rule_name(name: str) -> str:
    return fold_name(name)


HOST_FILES = (
    HostFile("AGENTS.md", "always", "every_turn", WORKSPACE_GUIDE),
    HostFile("SOUL.md", "always", "every_turn", WORKSPACE_GUIDE),
    HostFile("TOOLS.md", "always", "every_turn", WORKSPACE_GUIDE),
    HostFile("IDENTITY.md", "always", "every_turn", WORKSPACE_GUIDE),
    HostFile(HEARTBEAT, "always", "every_turn", WORKSPACE_GUIDE),
    HostFile("USER.md", "always", "every_turn", WORKSPACE_GUIDE, is_operators=True),
    HostFile("MEMORY.md", "always", "every_turn", WORKSPACE_GUIDE, is_operators=True),
    HostFile("BOOTSTRAP.md", "onDemand", "first_run", WORKSPACE_GUIDE),
    HostFile(BOOT, "onDemand", "host_start", WORKSPACE_GUIDE),
    HostFile("DREAMS.md", "onDemand", "when_used", WORKSPACE_GUIDE),
    HostFile("*.md", "onDemand", "on_its_day", WORKSPACE_GUIDE, "memory", is_operators=True),
    HostFile(SKILL_FILE, "onDemand", "when_used", SKILLS_GUIDE, "skills"),
    HostFile(SKILL_FILE, "onDemand", "when_used", SKILLS_GUIDE, ".agents/skills"),
)


def find_host_file(path: str) -> HostFile | None:
    """Returns the rule for a path in the workspace, or None if no rule knows it.

    Case and Unicode composition make no difference: on most disks `skill.md` is SKILL.md. Some
    disks ignore invisible characters, too.
    """
    folded_path = fold_name(strip_ignorable(path))
    return next((rule for rule in HOST_FILES if rule.matches(folded_path)), None)


def is_skill(path: str) -> bool:
    """Returns whether the host finds a skill at this path of the workspace."""
    rule = find_host_file(path)
    return rule is not None and rule.name == SKILL_FILE


def is_operators_file(path: str) -> bool:
    """Returns whether a path is the operator's: all of `memory` is, not only texts.

    A file called `memory` is, too: the host could not make the folder. So is a folder called
    USER.md: the host could not write the file. Full-width letters make another name on a disk, but
    not to a person who looks for the file.
    """
    # What a person sees in a list of files decides here, not the bytes of the name.
    visible = normalize("NFKC", strip_ignorable(path))
    rule, top = find_host_file(visible), find_host_file(visible.partition("/")[0])
    has_rule = any(match and match.is_operators for match in (rule, top))
    return has_rule or f"{fold_name(visible)}/".startswith("memory/")
