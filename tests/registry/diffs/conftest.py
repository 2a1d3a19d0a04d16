"""An agent whose second version asks for a secret and has release notes."""

import pytest

from foundation.actor import Actor
from registry.models import Version
from tests.support.uploads import publish_planner

PAGE = "/agents/@ada/planner/changes"
API = "/v1/agents/ada/planner/changes"
SECRET = {"key": "STRIPE_KEY", "prompt": "To bill", "required": True, "target": "env"}
CHANGELOG = "# Changelog\n\n## 1.1.0\n\n- Bills *you*.\n\n## 1.0.0\n\n- First.\n"


@pytest.fixture
def versions(as_ada: Actor) -> list[Version]:
    old_files = {"docs/plan.md": "Plan the day of your user.\n"}
    new_files = {"docs/plan.md": "Plan the week of your user.\n", "CHANGELOG.md": CHANGELOG}
    return [
        publish_planner("1.0.0", as_ada, old_files),
        publish_planner("1.1.0", as_ada, new_files, setup={"secrets": [SECRET]}),
    ]
