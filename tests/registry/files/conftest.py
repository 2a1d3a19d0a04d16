"""A published version with files of several kinds."""

import pytest

from foundation.actor import Actor
from registry.models import Version
from tests.support.uploads import png, publish_planner

PAGE = "/agents/@ada/planner/versions/1.0.0/files"
API = "/v1/agents/ada/planner/versions/1.0.0/files"
FILES = {
    "docs/deep/notes.md": "# Notes\n\nSee https://api.acme.org\n",
    "data/list.yaml": "a: 1\nb: <script>alert(1)</script>\n",
    "data/trick.txt": "price\u202e001",
    "pictures/dot.png": png(),
    "pictures/dot.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.fixture
def version(as_ada: Actor) -> Version:
    return publish_planner("1.0.0", as_ada, FILES)
