"""A synthetic catalogue looks like a real one, and is the same on any day."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from devtools.synthetic.make import make_catalogue
from registry.models import Category
from registry.package.checks.package import check_package
from registry.package.limits import PackageLimits
from registry.package.reader import read_tarball
from registry.rules.semver import precedence
from tests.support.catalogue import contents, lines

pytestmark = pytest.mark.django_db
AGENTS = 400


@pytest.fixture
def made(tmp_path: Path) -> Path:
    make_catalogue(tmp_path / "made", agents=AGENTS, with_files=20)
    return tmp_path / "made"


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    make_catalogue(tmp_path / "again", agents=AGENTS, with_files=20)
    make_catalogue(tmp_path / "other", agents=AGENTS, with_files=20, seed=2)

    assert contents(tmp_path / "again") == contents(made)
    assert lines(tmp_path / "other", "agents") != lines(made, "agents")


def test_it_has_as_many_agents_as_asked_and_every_kind(made: Path) -> None:
    agents, versions = lines(made, "agents"), lines(made, "versions")

    assert len(agents) == len({(agent["scope"], agent["name"]) for agent in agents}) == AGENTS
    for column in ("is_listed", "offers_beta"):
        assert {agent[column] for agent in agents} == {True, False}
    assert {version["yanked_at"] is None for version in versions} == {True, False}
    assert {version["channel"] for version in versions} == {"community", "beta"}
    unrated = sum(agent["avg_rating"] is None for agent in agents)
    assert 0.4 * AGENTS < unrated < 0.8 * AGENTS
    coaches = sum("coach" in agent["search_text"] for agent in agents)
    assert 0.01 * AGENTS < coaches < 0.06 * AGENTS
    downloads = sorted((agent["download_count"] for agent in agents), reverse=True)
    assert sum(downloads[: AGENTS // 10]) > sum(downloads) / 2


def test_every_version_is_newer_than_the_one_before(made: Path) -> None:
    before: dict[str, str] = {}
    for version in lines(made, "versions"):
        last = before.get(version["agent_id"])
        assert last is None or precedence(version["version"]) > precedence(last)
        before[version["agent_id"]] = version["version"]


def test_its_packages_pass_the_rules(made: Path) -> None:
    categories = set(Category.objects.values_list("pk", flat=True))
    with_bytes = 0
    for version in lines(made, "versions"):
        path = made / "files" / version["tarball_r2_key"]
        if path.exists():
            package = read_tarball(BytesIO(path.read_bytes()), PackageLimits())
            found = check_package(
                package, claimed=version["manifest"], assets=(), categories=categories
            )
            assert [finding for finding in found if finding.severity == "error"] == []
            with_bytes += 1
    assert with_bytes >= 15


def test_it_wants_an_empty_folder_and_an_agent(made: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not empty"):
        call_command("make_catalogue", str(made), stdout=StringIO())
    with pytest.raises(CommandError, match="at least one agent"):
        call_command("make_catalogue", str(tmp_path / "none"), "--agents", "0", stdout=StringIO())
