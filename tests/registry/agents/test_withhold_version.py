"""Withholding a version: no bytes, no texts, and lifting."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.refusals import InsufficientScope, Refusal, Unauthenticated
from registry.agents.actions import lift_withholding, withhold_version, yank_version
from registry.downloads.recount import find_differences
from registry.errors import InvalidReason, InvalidWithholding, NotMaintainer, OwnAgent
from registry.mirrors.updates import InstalledAgent, check_installs
from registry.models import Agent, Version, VersionWithholding
from tests.support.factories import make_agent, make_version
from tests.support.http import read_stream
from tests.support.uploads import ICON, icon, publish

BASE = "/v1/agents/ada/coach/versions/1.0.0"


@pytest.fixture
def coach(coach: Agent) -> Agent:
    """The agent with a second version."""
    make_version(coach, "1.1.0")
    return coach


def withhold(agent: Agent, by: Actor, number: str = "1.1.0", **options: str) -> bool:
    return withhold_version(
        agent, number, **({"reason": "malware", "text": "It phones home."} | options), by=by
    )


def latest_of(agent: Agent) -> str | None:
    latest = Agent.objects.select_related("latest_version").get(pk=agent.pk).latest_version
    return latest and latest.version


def test_maintainer_withholds_and_lifts(coach: Agent, root: User, as_root: Actor):
    assert withhold(coach, as_root) is True

    withholding = VersionWithholding.objects.get()
    assert (withholding.reason, withholding.text, withholding.withheld_by_user_id) == (
        "malware",
        "It phones home.",
        root.pk,
    )
    event = AuditLog.objects.get(action="version.withheld")
    assert (event.entity_id, event.details) == (
        "@ada/coach@1.1.0",
        {"reason": "It phones home.", "cause": "malware"},
    )
    assert withhold(coach, as_root, text="Again.") is False
    assert VersionWithholding.objects.get().text == "It phones home."

    assert lift_withholding(coach, "1.1.0", reason="It was a false alarm.", by=as_root) is True
    withholding.refresh_from_db()
    assert (withholding.lifted_reason, withholding.lifted_by_user_id) == (
        "It was a false alarm.",
        root.pk,
    )
    assert AuditLog.objects.filter(action="version.withholding_lifted").count() == 1
    assert lift_withholding(coach, "1.1.0", reason="Again.", by=as_root) is False

    assert withhold(coach, as_root) is True
    assert VersionWithholding.objects.count() == 2


def test_withheld_version_is_neither_latest_nor_offered(
    coach: Agent, as_root: Actor, as_grace: Actor
):
    withhold(coach, as_root)

    assert latest_of(coach) == "1.0.0"
    assert list(find_differences()) == []
    install = InstalledAgent("@ada/coach", "1.0.0")
    assert check_installs([install], by=as_grace).updates == []
    updates = check_installs([InstalledAgent("@ada/coach", "1.1.0")], by=as_grace).updates
    assert [(update.to, update.is_yanked) for update in updates] == [("1.0.0", True)]

    lift_withholding(coach, "1.1.0", reason="Fine.", by=as_root)
    assert latest_of(coach) == "1.1.0"
    assert [update.to for update in check_installs([install], by=as_grace).updates] == ["1.1.0"]


@pytest.mark.once
def test_user_who_may_not_withhold_is_refused_and_changes_nothing(
    coach: Agent, ada: User, grace: User, root: User, as_root: Actor
):
    own = make_agent(root, "own")
    make_version(own, "1.0.0")
    refusals: list[tuple[type[Refusal], Callable[[], bool]]] = [
        (Unauthenticated, lambda: withhold(coach, ANONYMOUS)),
        (NotMaintainer, lambda: withhold(coach, Actor(user=ada))),
        (NotMaintainer, lambda: withhold(coach, Actor(user=grace))),
        (InsufficientScope, lambda: withhold(coach, Actor(user=root, scopes=frozenset({"read"})))),
        (OwnAgent, lambda: withhold(own, as_root, "1.0.0")),
        (InvalidWithholding, lambda: withhold(coach, as_root, reason="taste")),
        (InvalidReason, lambda: withhold(coach, as_root, text="  ")),
        (InvalidReason, lambda: withhold(coach, as_root, text="x" * 2001)),
    ]

    for refusal, attempt in refusals:
        with pytest.raises(refusal):
            attempt()
    assert VersionWithholding.objects.count() == 0
    assert latest_of(coach) == "1.1.0"


@pytest.fixture
def published_version(as_ada: Actor, storage_folder: Path) -> Version:
    return publish(as_ada, "@ada/coach", "1.0.0", assets=(icon(),), store={"icon": ICON})


@pytest.mark.once
def test_withheld_version_is_not_downloadable(published_version: Version, as_root: Actor, api: Any):
    asset = published_version.assets.get()
    paths = [f"{BASE}/tarball", f"{BASE}/assets/{asset.pk}"]
    assert [len(read_stream(api.get(path))) > 0 for path in paths] == [True, True]
    withhold(
        published_version.agent, as_root, "1.0.0", reason="leaked_secrets", text="A key in it."
    )

    for path in paths:
        answer = api.get(path, if_none_match=f'"{published_version.tarball_sha256}"')
        assert answer.status_code == 451
        error = answer.json()["error"]
        assert (error["code"], error["details"]["reason"], error["details"]["text"]) == (
            "version_withheld",
            "leaked_secrets",
            "A key in it.",
        )
    assert Version.objects.get().download_count == 1

    lift_withholding(published_version.agent, "1.0.0", reason="Revoked.", by=as_root)
    body = read_stream(api.get(f"{BASE}/tarball"))
    assert hashlib.sha256(body).hexdigest() == published_version.tarball_sha256


@pytest.mark.once
def test_withheld_version_is_listed_as_withheld(
    published_version: Version, as_root: Actor, api: Any
):
    assert api.get(BASE).json()["withheld"] is None
    withhold(published_version.agent, as_root, "1.0.0")

    detail = api.get(BASE).json()
    assert detail["withheld"].keys() == {"reason", "text", "since"}
    assert detail["tarballSha256"] == published_version.tarball_sha256
    listing = api.get("/v1/agents/ada/coach/versions").json()["items"]
    assert [item["withheld"] for item in listing] == [True]
    assert api.get("/v1/agents/ada/coach").json()["latestVersion"] is None


SECRET = "the password is swordfish"


def page_texts(client: Client) -> dict[str, str]:
    """The text of every page about the agent, by address."""
    paths = [
        *(BASE, "/v1/agents/ada/coach", "/v1/agents/ada/coach/versions", "/v1/agents?q=coach"),
        *("/v1/agents?channel=beta", "/v1/users/ada", "/", "/agents?q=coach", "/@ada"),
        *("/agents/@ada/coach", "/agents/@ada/coach/versions", "/agents/@ada/coach/reviews"),
        "/agents/@ada/coach/versions/1.0.0",
        *(f"{BASE}/facts", f"{BASE}/files", f"{BASE}/files/README.md", "/v1/changes"),
        *("/v1/index/@ada/coach.json", "/agents/@ada/coach/files", "/agents/@ada/coach/downloads"),
        "/agents/@ada/coach/versions/1.0.0/files/README.md",
        *("/feeds/versions.atom", "/feeds/yanks.atom", "/feeds/search.atom?q=coach"),
        *("/feeds/@ada.atom", "/feeds/@ada/coach.atom", "/badges/@ada/coach/version.svg"),
        "/agents/compare?id=@ada/coach&id=@ada/coach",
    ]
    return {path: client.get(path).getvalue().decode() for path in paths}


def publish_with_secret(by: Actor, number: str) -> Version:
    """Publish a version that has the secret in every text of an author."""
    secret = {"key": "SWORDFISH", "prompt": SECRET, "required": True, "target": "env"}
    return publish(
        by,
        "@ada/coach",
        number,
        name=f"Coach {SECRET}",
        tagline=SECRET,
        description=f"{SECRET}.",
        tags=["swordfish"],
        homepage="https://swordfish.example",
        setup={"secrets": [secret]},
    )


@pytest.mark.once
@pytest.mark.parametrize("number", ["1.0.0", "1.0.0-rc.1"])
def test_no_page_has_texts_of_a_withheld_version(
    as_ada: Actor, as_root: Actor, api: Any, client: Client, storage_folder: Path, number: str
):
    """The only version is withheld, so no text of the agent is shown."""
    agent = publish_with_secret(as_ada, number).agent
    before = page_texts(client)
    assert sum("swordfish" in html.lower() for html in before.values()) >= 5
    withhold(agent, as_root, number, reason="leaked_secrets", text="A password in it.")

    after = page_texts(client)
    detail = api.get(f"/v1/agents/ada/coach/versions/{number}").json()

    assert [path for path, html in after.items() if "swordfish" in html.lower()] == []
    page = client.get(f"/agents/@ada/coach/versions/{number}").text
    assert "While a version is withheld, its contents are not shown." in page
    assert "not in this shop" not in page
    assert (detail["manifest"], detail["assets"]) == ({}, [])
    assert detail["withheld"]["text"] == "A password in it."
    listing = api.get("/v1/agents/ada/coach").json()
    assert (listing["displayName"], listing["tagline"], listing["tags"]) == ("coach", "", [])
    assert (listing["category"], listing["license"]) == ("productivity", "MIT")
    assert list(find_differences()) == []

    lift_withholding(agent, number, reason="Revoked.", by=as_root)
    assert page_texts(client).keys() == before.keys()
    second_answer = api.get(f"/v1/agents/ada/coach/versions/{number}").json()
    assert second_answer["manifest"]["tagline"] == SECRET
    assert api.get("/v1/agents/ada/coach").json()["tags"] == ["swordfish"]
    assert list(find_differences()) == []


def test_listing_comes_from_a_yanked_version_before_a_withheld_one(
    as_ada: Actor, as_root: Actor, api: Any, storage_folder: Path
):
    agent = publish(as_ada, "@ada/coach", "1.0.0", tagline="Quiet").agent
    publish_with_secret(as_ada, "1.1.0")
    yank_version(agent, "1.0.0", reason="Old.", by=as_ada)
    assert api.get("/v1/agents/ada/coach").json()["tagline"] == SECRET

    withhold(agent, as_root, "1.1.0")

    assert api.get("/v1/agents/ada/coach").json()["tagline"] == "Quiet"
    assert list(find_differences()) == []


def test_pages_of_a_withheld_version_show_the_decision_only(
    published_version: Version, as_root: Actor, client: Client
):
    page = "/agents/@ada/coach/versions/1.0.0"
    asset = published_version.assets.get().small_sha256
    assert asset in client.get(page).text
    withhold(published_version.agent, as_root, "1.0.0", text="It <phones> home & more.")

    for path in (page, "/agents/@ada/coach"):
        response = client.get(path)
        assert response.status_code == 200
        assert "is withheld for malware" in response.text
        assert "It &lt;phones&gt; home &amp; more." in response.text
        assert asset not in response.text
        assert "clawstore install" not in response.text
    assert "It &lt;phones&gt; home &amp; more." in client.get("/agents/@ada/coach/versions").text


@pytest.mark.once
def test_tarball_takes_one_query(
    published_version: Version, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A thread counts downloads, so the request does not wait for it.
    monkeypatch.setattr("registry.downloads.api.record_event", lambda visit: None)
    with CaptureQueriesContext(connection) as queries:
        read_stream(api.get(f"{BASE}/tarball"))

    assert len([q for q in queries if q["sql"].startswith("SELECT")]) == 1
