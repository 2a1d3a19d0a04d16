"""Stored HTML and facts of files."""

from foundation.actor import Actor
from registry.models import FileView, Version, VersionAnalysis
from registry.publishing.reanalyse import reanalyse_version
from tests.registry.files.conftest import FILES
from tests.support.uploads import publish_planner


def test_equal_content_is_stored_once(version: Version, as_ada: Actor) -> None:
    before = FileView.objects.count()
    publish_planner("1.0.1", as_ada, FILES)

    assert FileView.objects.count() == before + 1  # The new agent.json.


def test_reanalysis_gives_the_same_facts(version: Version) -> None:
    facts = VersionAnalysis.objects.get(version=version).facts

    assert reanalyse_version(version)
    assert VersionAnalysis.objects.get(version=version).facts == facts
