"""A whole synthetic catalogue, as an export would write it."""

from contextlib import ExitStack
from pathlib import Path
from random import Random

from clawstore.transfer.errors import CatalogueRefused, FolderNotEmpty
from clawstore.transfer.exporting import rows_of
from clawstore.transfer.files import FOLDER
from clawstore.transfer.lines import LineFile
from clawstore.transfer.summary import FilesMoved, Summary, write_summary
from devtools.synthetic.agents import (
    MOST_REVIEWS,
    Idea,
    agent_row,
    downloads,
    have_an_idea,
    manifest_of,
    review_rows,
)
from devtools.synthetic.dice import OLDEST_DAYS, TODAY, Ids, moment_before
from devtools.synthetic.packages import package_of
from devtools.synthetic.people import Crowd, gather, profile_row, scope_row, user_row
from devtools.synthetic.versions import MOST_VERSIONS, Release, history, version_row
from foundation.export import Row
from registry.export import CATEGORIES

TABLES = (
    *("users", "profiles", "scopes", "categories", "agents"),
    *("versions", "agent_tags", "version_assets", "reviews"),
)


def make_catalogue(folder: Path, *, agents: int, seed: int = 1, with_files: int = 0) -> Summary:
    """Write a catalogue of ``agents`` synthetic agents to ``folder``, new or empty; the same for
    the same numbers. The first ``with_files`` of them have real bytes behind every version that
    is their latest; all other versions only say what they would have been."""
    if agents < 1:
        raise CatalogueRefused("A catalogue has at least one agent.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty.")
    with ExitStack() as stack:
        lines = {name: stack.enter_context(LineFile(folder / f"{name}.jsonl")) for name in TABLES}
        dice = Random(seed)
        files = _Writer(folder, lines, dice, agents, with_files).write()
        summary = Summary(False, {name: file.finish() for name, file in lines.items()}, files)
    write_summary(folder, summary)
    return summary


class _Writer:
    def __init__(
        self, folder: Path, lines: dict[str, LineFile], dice: Random, agents: int, with_files: int
    ) -> None:
        self.folder, self.lines, self.dice = folder, lines, dice
        self.agents, self.with_files = agents, with_files
        self.files = FilesMoved()

    def write(self) -> FilesMoved:
        crowd = gather(self.dice, self.agents)
        self._write_people(crowd)
        for category in rows_of(CATEGORIES, private=False):
            self.lines["categories"].write(category)
        self._write_agents(crowd)
        return self.files

    def _write_people(self, crowd: Crowd) -> None:
        for someone in crowd.everybody():
            self.lines["users"].write(user_row(someone))
            self.lines["profiles"].write(profile_row(someone))
        for someone in sorted(crowd.everybody(), key=lambda someone: someone.login.encode()):
            self.lines["scopes"].write(scope_row(someone))

    def _write_agents(self, crowd: Crowd) -> None:
        ids = Ids(self.dice, self.agents)
        version_ids = Ids(self.dice, self.agents * MOST_VERSIONS)
        review_ids = Ids(self.dice, self.agents * MOST_REVIEWS)
        taken: set[tuple[str, str]] = set()
        for number in range(self.agents):
            idea = have_an_idea(self.dice, ids, crowd, taken)
            since = moment_before(self.dice, TODAY, OLDEST_DAYS)
            released = history(self.dice, version_ids, since=since, downloads=downloads(self.dice))
            reviews = review_rows(self.dice, review_ids, crowd, idea, since)
            self._write_agent(idea, released, reviews, has_file=number < self.with_files)

    def _write_agent(
        self, idea: Idea, released: list[Release], reviews: list[Row], *, has_file: bool
    ) -> None:
        agent = agent_row(idea, released, [review["rating"] for review in reviews])
        self.lines["agents"].write(agent)
        for release in released:
            manifest = manifest_of(idea, release.number)
            if has_file and release.id == agent["latest_version_id"]:
                release.bytes = package_of(manifest)
            row = version_row(release, agent=agent, manifest=manifest, dice=self.dice)
            self.lines["versions"].write(row)
            if release.bytes:
                self._write_file(row["tarball_r2_key"], release.bytes)
        for tag in idea.tags:
            self.lines["agent_tags"].write({"agent_id": idea.id, "tag": tag})
        for review in reviews:
            self.lines["reviews"].write(review)

    def _write_file(self, key: str, content: bytes) -> None:
        path = self.folder / FOLDER / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.files.add(len(content))
