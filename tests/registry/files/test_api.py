"""JSON endpoints of facts and files, and raw files."""

import pytest
from django.test import Client

from registry.models import Version
from tests.registry.files.conftest import API, FILES, PAGE

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("path", "content_type", "disposition"),
    [
        ("data/list.yaml", "text/plain; charset=utf-8", "inline"),
        ("pictures/dot.png", "image/png", "inline"),
        ("pictures/dot.svg", "image/svg+xml", "attachment"),
    ],
)
def test_raw_file_runs_nothing_in_a_browser(
    version: Version, client: Client, path: str, content_type: str, disposition: str
) -> None:
    answer = client.get(f"{API}/{path}")

    expectation = FILES[path]
    data = b"".join(answer.streaming_content)
    assert data == (expectation.encode() if isinstance(expectation, str) else expectation)
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == disposition
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    second_answer = client.get(f"{API}/{path}", headers={"If-None-Match": answer["ETag"]})
    assert second_answer.status_code == 304


@pytest.mark.parametrize(
    "path", ["nothing.md", "docs", "docs/", "../agent.json", "%2e%2e/x", "a\u202eb"]
)
def test_missing_file_is_not_found(version: Version, client: Client, path: str) -> None:
    assert client.get(f"{PAGE}/{path}").status_code == 404
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "file_not_found"


def test_facts_of_the_api_are_those_of_the_page(version: Version, client: Client) -> None:
    facts = client.get("/v1/agents/ada/planner/versions/1.0.0/facts").json()

    assert [host["host"] for host in facts["hosts"]].count("api.acme.org") == 1
    page = client.get("/agents/@ada/planner").content.decode()
    assert f'href="{PAGE}/docs/deep/notes.md?view=source#L3"' in page
