"""The author's guide, the JSON Schema and the starter package."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from registry.models import Category
from registry.package.findings import FINDING_RULES
from registry.package.host_files import HOST_FILES
from registry.package.limits import PUBLIC_LIMITS
from registry.package.manifest.json_schema import list_fields
from registry.package.report import check_path
from tests.support.page import Page

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ROOT = Path(django_settings.BASE_DIR)


def test_guide_has_every_field_limit_category_code_and_host_file(client: Client) -> None:
    html = client.get("/guide/authors").text
    page = Page(html)

    for field in list_fields():
        assert f"<code>{field.path}</code>" in html
    for part, limit in PUBLIC_LIMITS:
        assert part in page.texts
        assert limit in page.texts
    for category in Category.objects.all():
        assert f"<code>{category.pk}</code>" in html
    for rule in FINDING_RULES:
        assert f'<tr id="{rule.code}">' in html
    for file in HOST_FILES:
        assert f"{file.name}</code>" in html
        assert file.source in html
    assert "overwrites agent.json" in html


def codes_in_the_source() -> Iterator[str]:
    call = r"(?:new_finding|findings\.add|\badd)\(\s*\"([a-z_0-9]+)\""
    constant = r"\bcode(?:: str)? = \"([a-z_0-9]+)\""
    for path in (ROOT / "registry/package").rglob("*.py"):
        text = path.read_text()
        yield from re.findall(call, text)
        yield from re.findall(constant, text)


def test_every_code_of_the_check_is_explained() -> None:
    codes = set(codes_in_the_source())

    assert {"secret_detected", "link", "schema_error", "package_too_large"} <= codes
    assert codes - {rule.code for rule in FINDING_RULES} == set()


def test_starter_passes_the_check_without_a_warning(client: Client, tmp_path: Path) -> None:
    response = client.get("/guide/agent-starter.tgz")
    path = tmp_path / "starter.tgz"
    path.write_bytes(response.content)

    report = check_path(path)

    assert response["Content-Type"] == "application/gzip"
    assert report.findings == ()
    assert {file.path for file in report.files} == {
        *("agent.json", "README.md", "AGENTS.md", "SOUL.md", "templates/USER.md"),
    }
    assert gzip.decompress(response.content)


def test_schema_is_served_with_its_own_address(client: Client, settings) -> None:
    settings.BASE_URL = "https://claws.example.org"

    response = client.get("/agent.schema.json")

    assert response["Content-Type"] == "application/schema+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["$id"] == "https://claws.example.org/agent.schema.json"


@pytest.mark.parametrize("path", ["/", "/agents", "/nowhere"])
def test_every_page_links_to_the_guide(client: Client, path: str) -> None:
    assert 'href="/guide/authors"' in client.get(path).text
