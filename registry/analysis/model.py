"""What is said of one version. This is what is stored, what pages show and what `/v1` serves.

Every fact names the file and the line that say so (``path``, ``line``; lines count from 1, 0 where
only the file as a whole says it).
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

ANALYZER = "2"
"""Goes up when the same bytes would give other facts."""

Load = Literal["always", "once", "boot", "on_demand", "never"]
Ownership = Literal["managed", "yours", "first_install"]


class Fact(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore"
    )


class Sourced(Fact):
    path: str = ""
    line: int = 0


class WorkspaceFile(Sourced):
    """``target`` in the workspace comes from ``source`` in the package. Files that are *managed*
    are replaced by every update, *yours* are written once and then kept, *first_install* ones are
    written on the first install and removed once done. One that no map names, but that is unpacked
    to where the host looks for it, is its own source, line 1."""

    target: str
    source: str
    ownership: Ownership


class PromptFile(Fact):
    """A text of the package: when a model reads it, and what that costs.

    *always*: before every turn. *once*: on the first run. *boot*: when the host starts.
    *on_demand*: in the workspace, when something asks for it. *never*: no model is given it.
    ``words`` is None where the text was too long to be counted whole.
    """

    path: str
    target: str = ""
    load: Load
    words: int | None
    tokens: int


class PromptCost(Fact):
    """Sums over ``files``; ``method`` names how tokens were estimated."""

    method: str
    always_words: int = 0
    always_tokens: int = 0
    on_demand_words: int = 0
    on_demand_tokens: int = 0
    files: tuple[PromptFile, ...] = ()


class Secret(Sourced):
    key: str
    reason: str = ""
    required: bool = False


class Plugin(Sourced):
    spec: str
    min_version: str = ""
    required: bool = False


class Skill(Sourced):
    slug: str
    required: bool = False


class Provider(Sourced):
    name: str


class Model(Sourced):
    name: str = ""
    thinking: str = ""


class Schedule(Sourced):
    """One thing that the agent is told to do at every heartbeat, or when the host starts."""

    text: str


class Place(Fact):
    path: str
    line: int


class Host(Fact):
    """A host that files name, and where: the first places, and how many there are."""

    host: str
    count: int
    places: tuple[Place, ...]


class HiddenCharacter(Sourced):
    """``kind`` is invisible, direction or lookalike."""

    kind: str
    code: str
    name: str


class License(Fact):
    """``recognised``: every part of the expression is on the SPDX list."""

    expression: str = ""
    recognised: bool = False


class Analysis(Fact):
    analyzer: str = ANALYZER
    workspace: tuple[WorkspaceFile, ...] = ()
    prompt: PromptCost
    model: Model = Model()
    providers: tuple[Provider, ...] = ()
    secrets: tuple[Secret, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    skills: tuple[Skill, ...] = ()
    heartbeat: tuple[Schedule, ...] = ()
    boot: tuple[Schedule, ...] = ()
    hosts: tuple[Host, ...] = ()
    hidden: tuple[HiddenCharacter, ...] = ()
    license: License = License()
    file_count: int = 0
    size_bytes: int = 0
    texts_cut: tuple[str, ...] = ()
    """Files that were too long to be read to their end: what they name further on is missing."""

    @property
    def managed(self) -> tuple[WorkspaceFile, ...]:
        return tuple(file for file in self.workspace if file.ownership != "yours")

    @property
    def yours(self) -> tuple[WorkspaceFile, ...]:
        return tuple(file for file in self.workspace if file.ownership == "yours")

    @property
    def secrets_first_required(self) -> list[Secret]:
        """Required ones first, each group in the author's order."""
        return sorted(self.secrets, key=lambda secret: not secret.required)

    @property
    def has_heartbeat(self) -> bool:
        return any(file.target == "HEARTBEAT.md" for file in self.workspace)

    @property
    def starts_at_boot(self) -> bool:
        return any(file.target == "BOOT.md" for file in self.workspace)
