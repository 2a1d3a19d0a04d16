"""Stored HTML and facts of files."""

from collections.abc import Callable

import pytest

from foundation.actor import Actor
from foundation.clock import now
from registry.models import FileView, Version, VersionAnalysis
from registry.package.checks.secret_forms import SECRET_RULES_VERSION
from registry.publishing.reanalyse import reanalyse_version
from tests.registry.files.conftest import FILES
from tests.support.page import Page
from tests.support.uploads import publish_planner


def test_equal_content_is_stored_once(version: Version, as_ada: Actor) -> None:
    before = FileView.objects.count()
    publish_planner("1.0.1", as_ada, FILES)

    assert FileView.objects.count() == before + 1  # The new agent.json.


def test_reanalysis_gives_the_same_facts(version: Version) -> None:
    facts = VersionAnalysis.objects.get(version=version).facts

    assert reanalyse_version(version)
    assert VersionAnalysis.objects.get(version=version).facts == facts


@pytest.mark.once
def test_label_says_which_rules_looked_for_secrets_and_when(
    version: Version, read: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules of a check, not those of the day on which a page is read."""
    address = f"/agents/{version.agent.full_id}"
    monkeypatch.setattr("registry.publishing.derived.SECRET_RULES_VERSION", 77)

    before = read(address).text
    reanalyse_version(version)
    after = read(address).text

    assert "(rule set 77 of" not in before
    assert f"(rule set {SECRET_RULES_VERSION} of" in before
    assert "(rule set 77 of" in after
    assert now().strftime("Checked on %-d %b %Y: no executable files") in after
    facts = VersionAnalysis.objects.get(version=version).facts
    assert facts["secretSearch"]["rules"] == 77
