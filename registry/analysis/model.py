"""Result types of the analysis.

They are stored as JSON, shown on pages and served by `/v1`.
A fact names its source: ``path`` is a file of the package, ``line`` counts from 1 and is 0 where
the fact belongs to the file as a whole.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

from registry.package.host_files import BOOT, HEARTBEAT, Load, Moment, find_host_file

ANALYZER_VERSION = "13"
"""Increase when the same bytes would give other facts: stored analyses are then made again."""

Ownership = Literal["managed", "yours", "first_install"]
SkillSource = Literal["declared", "bundled"]
# Values that analyses of older versions have stored; an export may still contain them.
FORMER_LOADS = dict.fromkeys(("once", "boot", "on_demand"), "onDemand")
StoredLoad = Annotated[Load, BeforeValidator(lambda load: FORMER_LOADS.get(load, load))]


class Fact(BaseModel):
    model_config = ConfigDict(
        # Documents stored by another version of this code must stay readable.
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="ignore",
    )


class SourcedFact(Fact):
    path: str = ""
    line: int = 0


class WorkspaceFile(SourcedFact):
    """A file that an install writes: from ``source`` in the package to ``target``.

    *managed* files are replaced by every update, *yours* are written once and never overwritten,
    *first_install* files are written by the first install and deleted when done. A file that the
    host reads by its name although no map of agent.json names it is its own source, on line 1.
    """

    target: str
    source: str
    ownership: Ownership

    @property
    def host_name(self) -> str:
        """The name under which the host reads it, such as HEARTBEAT.md, or ""."""
        rule = find_host_file(self.target)
        return rule.name if rule else ""


class PromptFile(Fact):
    """A text of the package, with the time at which a model reads it and its size.

    *always*: in the prompt of every turn. *onDemand*: at the ``moment``, or when the model needs
    it. *unknown*: no rule of the host names the file; a model may still read it. ``words`` is None
    where the text was too long to be counted. ``always_tokens`` are those of the part that is in
    every prompt: the whole text, or the name and description of a skill.
    """

    path: str
    target: str = ""
    load: StoredLoad
    moment: Moment = ""
    words: int | None
    tokens: int
    always_tokens: int = 0


class PromptCost(Fact):
    """Sums over ``files``. ``method`` names the token estimate."""

    method: str
    always_words: int = 0
    always_tokens: int = 0
    on_demand_words: int = 0
    on_demand_tokens: int = 0
    files: tuple[PromptFile, ...] = ()


class Secret(SourcedFact):
    key: str
    reason: str = ""
    required: bool = False


class Plugin(SourcedFact):
    spec: str
    min_version: str = ""
    required: bool = False


class Skill(SourcedFact):
    """A skill that agent.json asks for (*declared*) or the package has (*bundled*)."""

    slug: str = ""
    name: str = ""
    source: SkillSource = "declared"
    required: bool = False


class Provider(SourcedFact):
    name: str


class Model(SourcedFact):
    name: str = ""
    thinking: str = ""


class Schedule(SourcedFact):
    """One instruction for every heartbeat, or for the start of the host."""

    text: str


class Place(Fact):
    path: str
    line: int


class UnseenLine(Place):
    """``digest`` tells lines with other words apart, wherever they are in the file."""

    digest: str = ""


class Host(Fact):
    """A host named by files: the number of mentions and the first places."""

    host: str
    count: int
    places: tuple[Place, ...]


class HiddenCharacter(SourcedFact):
    """``kind`` is invisible, direction or lookalike."""

    kind: str
    code: str
    name: str


class License(Fact):
    """``recognised``: every part of the expression is on the SPDX list."""

    expression: str = ""
    recognised: bool = False


class SecretSearch(Fact):
    """The search of a package for secrets: its day, and the rules of that day.

    ``forms``: how many forms of secrets the rules know.
    """

    day: date
    rules: int
    rules_since: date
    forms: int


class Analysis(Fact):
    """Facts about a version.

    ``unseen``: lines that the rendered view of their file does not show in full; like ``hidden``
    the first of each file. The two counts are of all.
    ``secret_search`` is None in analyses of a time before it was noted.
    ``written_count``: files that an install writes, those of ``workspace`` and the rest of the
    package. ``texts_cut`` are files that were not read to the end.
    """

    # Everything but the prompt has a default: older stored analyses lack what came later.
    analyzer: str = ANALYZER_VERSION
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
    hidden_count: int = 0
    unseen: tuple[UnseenLine, ...] = ()
    unseen_count: int = 0
    license: License = License()
    file_count: int = 0
    written_count: int = 0
    size_bytes: int = 0
    texts_cut: tuple[str, ...] = ()
    secret_search: SecretSearch | None = None

    def without_instructions(self) -> Self:
        """The same facts with instructions counted and placed, but not quoted."""

        def blank(schedules: tuple[Schedule, ...]) -> tuple[Schedule, ...]:
            return tuple(schedule.model_copy(update={"text": ""}) for schedule in schedules)

        return self.model_copy(
            update={"heartbeat": blank(self.heartbeat), "boot": blank(self.boot)}
        )

    @property
    def managed(self) -> tuple[WorkspaceFile, ...]:
        return tuple(file for file in self.workspace if file.ownership != "yours")

    @property
    def yours(self) -> tuple[WorkspaceFile, ...]:
        return tuple(file for file in self.workspace if file.ownership == "yours")

    @property
    def files_written(self) -> int:
        """Files that an install writes; without the package, the mapped ones."""
        return self.written_count or len(self.workspace)

    @property
    def other_count(self) -> int:
        """Files that an install writes besides those of ``workspace``."""
        named_files = {file.target for file in self.workspace}
        return self.written_count - len(named_files) if self.written_count else 0

    @property
    def declared_skills(self) -> tuple[Skill, ...]:
        return tuple(skill for skill in self.skills if skill.source == "declared")

    @property
    def bundled_skills(self) -> tuple[Skill, ...]:
        return tuple(skill for skill in self.skills if skill.source == "bundled")

    @property
    def secrets_first_required(self) -> list[Secret]:
        """The required secrets, then the optional ones; each group in the author's order."""
        return sorted(self.secrets, key=lambda secret: not secret.required)

    @property
    def hidden_total(self) -> int:
        """Analyses of older versions have no counts."""
        return max(self.hidden_count, len(self.hidden))

    @property
    def unseen_total(self) -> int:
        return max(self.unseen_count, len(self.unseen))

    @property
    def has_heartbeat(self) -> bool:
        return any(file.host_name == HEARTBEAT for file in self.workspace)

    @property
    def starts_at_boot(self) -> bool:
        return any(file.host_name == BOOT for file in self.workspace)
