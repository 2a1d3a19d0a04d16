"""The synthetic catalogue: realistic, valid, and reproducible."""

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
def catalogue(tmp_path: Path) -> Path:
    make_catalogue(tmp_path / "catalogue", agents=AGENTS, with_files=20)
    return tmp_path / "catalogue"


def test_equal_seeds_give_equal_bytes(catalogue: Path, tmp_path: Path) -> None:
    make_catalogue(tmp_path / "again", agents=AGENTS, with_files=20)
    make_catalogue(tmp_path / "other", agents=AGENTS, with_files=20, seed=2)

    assert contents(tmp_path / "again") == contents(catalogue)
    assert lines(tmp_path / "other", "agents") != lines(catalogue, "agents")


def test_catalogue_has_agents_of_every_kind(catalogue: Path) -> None:
    agents, versions = lines(catalogue, "agents"), lines(catalogue, "versions")

    assert len(agents) == len({(agent["scope"], agent["name"]) for agent in agents}) == AGENTS
    for column in ("is_listed", "offers_beta"):
        assert {agent[column] for agent in agents} == {True, False}
    assert {version["yanked_at"] is None for version in versions} == {True, False}
    assert {version["channel"] for version in versions} == {"community", "beta"}
    unrated_count = sum(agent["avg_rating"] is None for agent in agents)
    assert 0.4 * AGENTS < unrated_count < 0.8 * AGENTS
    coaches = sum("coach" in agent["folded_name"] for agent in agents)
    assert 0.01 * AGENTS < coaches < 0.06 * AGENTS
    downloads = sorted((agent["download_count"] for agent in agents), reverse=True)
    assert sum(downloads[: AGENTS // 10]) > sum(downloads) / 2


def test_every_version_is_newer_than_its_predecessor(catalogue: Path) -> None:
    before: dict[str, str] = {}
    for version in lines(catalogue, "versions"):
        last = before.get(version["agent_id"])
        assert last is None or precedence(version["version"]) > precedence(last)
        before[version["agent_id"]] = version["version"]


def test_packages_pass_the_package_check(catalogue: Path) -> None:
    categories = set(Category.objects.values_list("pk", flat=True))
    with_bytes = 0
    for version in lines(catalogue, "versions"):
        path = catalogue / "files" / version["tarball_r2_key"]
        if path.exists():
            package = read_tarball(BytesIO(path.read_bytes()), PackageLimits())
            findings = check_package(
                package, claimed_manifest=version["manifest"], assets=(), categories=categories
            )
            assert [finding for finding in findings if finding.severity == "error"] == []
            with_bytes += 1
    assert with_bytes >= 15


def test_command_needs_an_empty_folder_and_an_agent(catalogue: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not empty"):
        call_command("make_catalogue", str(catalogue), stdout=StringIO())
    with pytest.raises(CommandError, match="at least one agent"):
        call_command("make_catalogue", str(tmp_path / "none"), "--agents", "0", stdout=StringIO())
