"""Documents for programs: robots.txt, llms.txt, sitemap."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from clawstore.about import machines
from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent
from tests.support.factories import make_agent, make_version

pytestmark = pytest.mark.once

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(client: Client, path: str) -> list[str]:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    addresses = [loc.text or "" for loc in ElementTree.fromstring(answer.content).iter(f"{MAP}loc")]
    assert all(place.startswith(f"{settings.BASE_URL}/") for place in addresses)
    return [place.removeprefix(settings.BASE_URL) for place in addresses]


def everything(client: Client) -> Iterator[str]:
    for part in places(client, "/sitemap.xml"):
        yield from places(client, part)


def test_sitemap_has_every_indexed_page(
    client: Client, ada: User, grace: User, as_root: Actor
) -> None:
    make_version(make_agent(ada, "coach"))
    make_version(make_agent(ada, "early"), "1.0.0-beta.1")
    delisted_agent = make_agent(grace, "gone")
    make_version(delisted_agent)
    delist_agent(delisted_agent, reason="No", by=as_root)

    addresses = list(everything(client))
    assert {"/", "/agents", "/agents?category=other", "/about/terms", "/v1/docs"} <= set(addresses)
    assert [place for place in addresses if "@" in place] == ["/agents/@ada/coach", "/@ada"]
    assert all(client.get(place).status_code == 200 for place in addresses)


def test_sitemap_part_has_at_most_the_allowed_number_of_addresses(
    client: Client, ada: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(machines.SitemapSection, "limit", 2)
    for number in range(5):
        make_version(make_agent(ada, f"agent-{number}"))

    parts = [part for part in places(client, "/sitemap.xml") if "agents" in part]
    assert parts == [f"/sitemap-agents-{page}.xml" for page in (1, 2, 3)]
    assert [len(places(client, part)) for part in parts] == [2, 2, 1]
    assert client.get("/sitemap-agents-4.xml").status_code == 404
    assert client.get("/sitemap-nothing-1.xml").status_code == 404


def test_sitemap_has_the_date_of_the_last_change(
    client: Client, ada: User, django_assert_num_queries: Any
) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent)

    with django_assert_num_queries(2):
        page = ElementTree.fromstring(client.get("/sitemap-agents-1.xml").content)
    change_time = agent.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert [mod.text for mod in page.iter(f"{MAP}lastmod")] == [change_time]


@pytest.mark.parametrize(
    "path", ["/sitemap.xml", "/sitemap-pages-1.xml", "/robots.txt", "/llms.txt"]
)
def test_sitemap_addresses_ignore_the_requested_host(client: Client, db: None, path: str) -> None:
    answer = client.get(path, headers={"host": "localhost"})

    assert b"localhost" not in answer.content.replace(b"@localhost", b"")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["ETag"]


def test_robots_txt_names_the_sitemap_and_private_pages(client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert lines[0] == "User-agent: *"
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in lines
    for path in ("/account", "/admin/", "/publish", "/signin", "/reports/", "/agents/*/changes?"):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /" not in lines
    assert "&amp;" not in " ".join(lines)


def test_addresses_in_llms_txt_exist(client: Client, db: None) -> None:
    answer = client.get("/llms.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("# Clawstore\n")
    assert f"export CLAWSTORE_API_URL={settings.BASE_URL}/v1" in text
    links = [part.partition(")")[0] for part in text.split("](")[1:]]
    assert len(links) > 8
    for link in links:
        assert client.get(link.removeprefix(settings.BASE_URL)).status_code == 200, link


def test_favicon_leads_to_the_icon(client: Client) -> None:
    answer = client.get("/favicon.ico")

    assert (answer.status_code, answer["Location"]) == (302, "/static/img/favicon.ico")


def test_security_txt_has_the_fields_of_rfc_9116(client: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = "désk <x>@shop.example"
    answer = client.get("/.well-known/security.txt")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = answer.text.splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert len(fields) == len(lines) == 5
    assert fields["Contact"] == "mailto:d%C3%A9sk%20%3Cx%3E@shop.example"
    assert fields["Canonical"] == f"{settings.BASE_URL}/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "en"
    # The RFC recommends less than a year; a copy of a cache stays valid for months.
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=150) < expires - datetime.now(UTC) < timedelta(days=365)


@pytest.mark.django_db
def test_catalog_of_the_api_follows_rfc_9727(client: Client, settings: Any) -> None:
    answer = client.get("/.well-known/api-catalog")

    assert answer["Content-Type"].startswith("application/linkset+json;")
    api, mcp = answer.json()["linkset"]
    assert (api["anchor"], mcp["anchor"]) == (f"{settings.BASE_URL}/v1", f"{settings.BASE_URL}/mcp")
    for relation in ("service-desc", "service-doc", "service-meta", "status"):
        for link in api[relation]:
            target = client.get(link["href"].removeprefix(settings.BASE_URL))
            assert (target.status_code, link["type"]) == (200, target["Content-Type"].split(";")[0])


@pytest.mark.django_db
def test_policy_of_security_txt_is_a_page_with_the_contact(client: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = "desk@shop.example"
    text = client.get("/.well-known/security.txt").text
    address = next(line[8:] for line in text.splitlines() if line.startswith("Policy: "))

    page = client.get(address.removeprefix(settings.BASE_URL))
    assert "Report a vulnerability</h2>" in page.text
    assert 'href="mailto:desk@shop.example"' in page.text


@pytest.mark.django_db
def test_llms_txt_says_what_runs_an_agent_and_how_to_install_it(client: Client, settings) -> None:
    settings.BASE_URL = "https://claws.example.org"

    text = client.get("/llms.txt").text

    assert "export CLAWSTORE_API_URL=https://claws.example.org/v1\n" in text
    assert "npx clawstore@0.1.7 install @scope/name\nopenclaw agents add name " in text
    assert "runs on OpenClaw" in text
    assert "`clawstore init` overwrites existing files" in text


@pytest.mark.django_db
def test_llms_txt_of_a_private_instance_downloads_with_a_key(client: Client, settings) -> None:
    settings.SIGN_IN_TO_READ = True

    text = client.get("/llms.txt").text

    assert 'curl -fsH "Authorization: Bearer $CLAWSTORE_KEY" ' in text
    assert "/v1/agents/SCOPE/NAME/versions/VERSION/tarball" in text
    assert "npx clawstore" not in text
    assert "every request needs a key" in text
