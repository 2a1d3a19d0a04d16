"""Write a synthetic catalogue in the format of an export."""

from contextlib import ExitStack
from pathlib import Path
from random import Random

from clawstore.transfer.errors import CatalogueRefused, FolderNotEmpty
from clawstore.transfer.exporting import rows_of
from clawstore.transfer.files import FOLDER
from clawstore.transfer.lines import LineFile
from clawstore.transfer.summary import CopiedFiles, Summary, write_summary
from devtools.synthetic.agents import (
    MAX_REVIEWS,
    SyntheticAgent,
    agent_row,
    make_manifest,
    make_synthetic_agent,
    random_downloads,
    review_rows,
)
from devtools.synthetic.packages import build_package
from devtools.synthetic.people import People, make_people, profile_row, scope_row, user_row
from devtools.synthetic.prose import add_prose
from devtools.synthetic.random_values import (
    MAX_AGE_DAYS,
    TODAY,
    AscendingIds,
    random_time_before,
)
from devtools.synthetic.versions import (
    MAX_VERSIONS,
    SyntheticVersion,
    make_versions,
    version_row,
)
from foundation.export import Row
from registry.export import CATEGORIES

TABLES = (
    *("users", "profiles", "scopes", "categories", "agents"),
    *("versions", "agent_tags", "version_assets", "reviews"),
)


def make_catalogue(
    folder: Path,
    *,
    agents: int,
    seed: int = 1,
    with_files: int = 0,
    max_versions: int = MAX_VERSIONS,
) -> Summary:
    """Write a catalogue of ``agents`` agents; equal arguments give equal bytes.

    The latest versions of the first ``with_files`` agents have packages, all other versions have
    made-up digests. An agent has at most ``max_versions`` versions. Raises
    `CatalogueRefused` without agents and `FolderNotEmpty`.
    """
    if agents < 1:
        raise CatalogueRefused("A catalogue has at least one agent.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty.")
    with ExitStack() as stack:
        lines = {name: stack.enter_context(LineFile(folder / f"{name}.jsonl")) for name in TABLES}
        writer = CatalogueWriter(folder, lines, Random(seed), agents, with_files, max_versions)
        writer.write()
        summary = Summary(
            False, {name: file.finish() for name, file in lines.items()}, writer.files
        )
    write_summary(folder, summary)
    return summary


class CatalogueWriter:
    """Writes people, categories and agents in this order, with one random generator.

    The order of the random calls decides the result: a call that is moved changes every catalogue.
    """

    def __init__(
        self,
        folder: Path,
        lines: dict[str, LineFile],
        rng: Random,
        agents: int,
        with_files: int,
        max_versions: int,
    ) -> None:
        self.folder, self.lines, self.rng = folder, lines, rng
        self.agents, self.with_files, self.max_versions = agents, with_files, max_versions
        self.files = CopiedFiles()

    def write(self) -> None:
        people = make_people(self.rng, self.agents)
        self._write_people(people)
        for category in rows_of(CATEGORIES, private=False):
            self.lines["categories"].write(category)
        self._write_agents(people)

    def _write_people(self, people: People) -> None:
        for person in people.all():
            self.lines["users"].write(user_row(person))
            self.lines["profiles"].write(profile_row(person))
        for person in sorted(people.all(), key=lambda person: person.login.encode()):
            self.lines["scopes"].write(scope_row(person))

    def _write_agents(self, people: People) -> None:
        ids = AscendingIds(self.rng, self.agents)
        version_ids = AscendingIds(self.rng, self.agents * MAX_VERSIONS)
        review_ids = AscendingIds(self.rng, self.agents * MAX_REVIEWS)
        names: set[tuple[str, str]] = set()
        for number in range(self.agents):
            agent = add_prose(make_synthetic_agent(self.rng, ids, people, names), names)
            since = random_time_before(self.rng, TODAY, MAX_AGE_DAYS)
            downloads = random_downloads(self.rng)
            versions = make_versions(
                self.rng, version_ids, since=since, downloads=downloads, max_count=self.max_versions
            )
            reviews = review_rows(self.rng, review_ids, people, agent, since)
            self._write_agent(agent, versions, reviews, has_file=number < self.with_files)

    def _write_agent(
        self,
        agent: SyntheticAgent,
        versions: list[SyntheticVersion],
        reviews: list[Row],
        *,
        has_file: bool,
    ) -> None:
        row = agent_row(agent, versions, [review["rating"] for review in reviews])
        self.lines["agents"].write(row)
        for version in versions:
            manifest = make_manifest(agent, version.number)
            if has_file and version.id == row["latest_version_id"]:
                version.bytes = build_package(manifest)
            line = version_row(version, agent=row, manifest=manifest, rng=self.rng)
            self.lines["versions"].write(line)
            if version.bytes:
                self._write_file(line["tarball_r2_key"], version.bytes)
        for tag in agent.tags:
            self.lines["agent_tags"].write({"agent_id": agent.id, "tag": tag})
        for review in reviews:
            self.lines["reviews"].write(review)

    def _write_file(self, key: str, content: bytes) -> None:
        path = self.folder / FOLDER / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.files.add(len(content))
