"""Pages of an author: upload a package, preview the draft, publish it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import NOBODY
from foundation.clock import now
from registry.models import Agent, Draft, Version
from registry.package.reader import Package, read_tarball
from registry.publishing import publish as publish_module
from registry.publishing.actions import delete_expired_drafts
from tests.support.packages import manifest, tarball

ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'
)


@pytest.fixture
def browser(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def files(document: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    package = tarball(manifest=document) if document else tarball()
    return {"tarball": SimpleUploadedFile("package.tgz", package), "channel": ""} | more


def test_upload_becomes_a_draft_and_no_version(browser: Client):
    answer = browser.post("/publish", files())

    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/publish/drafts/{draft.pk}")
    assert (draft.full_id, draft.version, draft.channel) == ("@ada/planner", "1.0.0", "community")
    assert Version.objects.count() == 0
    assert Agent.objects.count() == 0


def test_official_channel_is_offered_to_official_publishers(browser: Client, ada: User):
    assert 'name="channel"' not in browser.get("/publish").content.decode()

    grant_role(ada, "official", by=NOBODY)

    assert 'value="official"' in browser.get("/publish").content.decode()


def test_draft_page_shows_the_future_agent_page(browser: Client):
    document = manifest(store={"icon": "store/icon.svg"})
    browser.post("/publish", files(document, icon=SimpleUploadedFile("mine.svg", ICON)))
    draft = Draft.objects.get()

    page = browser.get(f"/publish/drafts/{draft.pk}")

    assert page.status_code == 200
    assert "Publish version 1.0.0" in page.content.decode()
    assert "Agent facts" in page.content.decode()
    assert "Plans a day. See" in page.content.decode()
    picture = browser.get(f"/publish/drafts/{draft.pk}/assets/0")
    assert b"".join(picture) == ICON
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture["Content-Disposition"].startswith("attachment")


def test_author_pages_answer_head_requests(browser: Client):
    browser.post("/publish", files())

    for path in ("/publish", "/publish/agents", f"/publish/drafts/{Draft.objects.get().pk}"):
        assert browser.head(path).status_code == 200


def test_confirming_publishes_the_same_bytes_and_deletes_the_draft(browser: Client):
    browser.post("/publish", files())
    draft = Draft.objects.get()

    answer = browser.post(f"/publish/drafts/{draft.pk}/publish")

    version = Version.objects.get()
    assert answer["Location"] == "/agents/@ada/planner/versions/1.0.0"
    assert version.tarball_sha256 == draft.tarball_sha256
    assert Draft.objects.count() == 0


def test_package_is_read_once_for_the_draft_and_once_to_publish(
    browser: Client, monkeypatch: pytest.MonkeyPatch
):
    packages = []

    def read_and_count(*arguments: Any) -> Package:
        packages.append(read_tarball(*arguments))
        return packages[-1]

    monkeypatch.setattr(publish_module, "read_tarball", read_and_count)

    browser.post("/publish", files())
    assert len(packages) == 1

    browser.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    assert len(packages) == 2


def test_confirming_twice_publishes_once(browser: Client):
    browser.post("/publish", files())
    draft = Draft.objects.get()
    page = browser.get(f"/publish/drafts/{draft.pk}").content.decode()
    form = {"sha256": draft.tarball_sha256}
    assert f'name="sha256" value="{draft.tarball_sha256}"' in page
    first = browser.post(f"/publish/drafts/{draft.pk}/publish", form)

    again = browser.post(f"/publish/drafts/{draft.pk}/publish", form)

    assert again["Location"] == first["Location"] == "/agents/@ada/planner/versions/1.0.0"
    assert Version.objects.count() == 1
    assert browser.post(f"/publish/drafts/{draft.pk}/publish").status_code == 404


def test_confirming_identical_drafts_leads_to_the_same_version(browser: Client):
    browser.post("/publish", files())
    browser.post("/publish", files())
    first, second = Draft.objects.order_by("created_at")
    browser.post(f"/publish/drafts/{first.pk}/publish")

    answer = browser.post(f"/publish/drafts/{second.pk}/publish", {"sha256": second.tarball_sha256})

    assert answer["Location"] == "/agents/@ada/planner/versions/1.0.0"
    assert Version.objects.count() == 1


def test_digest_of_a_foreign_version_leads_nowhere(browser: Client, grace: User):
    browser.post("/publish", files())
    draft = Draft.objects.get()
    browser.post(f"/publish/drafts/{draft.pk}/publish")
    stranger = Client()
    stranger.force_login(grace)

    answer = stranger.post(f"/publish/drafts/{draft.pk}/publish", {"sha256": draft.tarball_sha256})

    assert answer.status_code == 404


def test_discarding_twice_is_no_error(browser: Client):
    browser.post("/publish", files())
    draft = Draft.objects.get()

    for _ in range(2):
        answer = browser.post(f"/publish/drafts/{draft.pk}/discard")
        assert answer["Location"] == "/publish"
    assert Draft.objects.count() == 0


def test_refused_draft_stays(browser: Client):
    browser.post("/publish", files())
    browser.post("/publish", files())
    first, second = Draft.objects.order_by("created_at")
    browser.post(f"/publish/drafts/{first.pk}/publish")

    answer = browser.post(f"/publish/drafts/{second.pk}/publish")

    assert answer.status_code == 409
    assert "version_not_monotonic" in answer.content.decode()
    assert list(Draft.objects.all()) == [second]


def test_page_lists_all_findings_and_stores_nothing(
    browser: Client, stored_files: Callable[[], list[str]]
):
    bad = tarball(files={"run.sh": "echo", "workspace/AGENTS.md": "[gone](nowhere.md)"})

    answer = browser.post("/publish", {"tarball": SimpleUploadedFile("p.tgz", bad)})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "blocked_extension" in page
    assert "broken_reference" in page
    assert "run.sh" in page
    assert Draft.objects.count() == 0
    assert stored_files() == []


def test_single_error_is_counted_in_the_singular(browser: Client):
    answer = browser.post("/publish", {"tarball": SimpleUploadedFile("p.tgz", b"not an archive")})

    assert "The package has 1 error; nothing was published." in answer.content.decode()


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({}, 400, "missing_tarball"),
        ({"tarball": SimpleUploadedFile("p.tgz", b"not an archive")}, 422, "validation_failed"),
        (files(manifest(id="@grace/planner")), 403, "scope_mismatch"),
        (files(channel="official"), 403, "not_official"),
    ],
)
def test_draft_is_refused_for_the_reasons_of_a_publish(
    browser: Client, form: dict[str, Any], status: int, code: str
):
    answer = browser.post("/publish", form)

    assert answer.status_code == status
    assert code in answer.content.decode()
    assert Draft.objects.count() == 0


def test_draft_is_visible_to_its_owner_only(browser: Client, grace: User):
    browser.post("/publish", files())
    draft = Draft.objects.get()
    stranger = Client()
    stranger.force_login(grace)

    for path in ("", "/publish", "/assets/0"):
        address = f"/publish/drafts/{draft.pk}{path}"
        send = stranger.post if path == "/publish" else stranger.get
        assert send(address).status_code == 404
    assert stranger.post(f"/publish/drafts/{draft.pk}/discard")["Location"] == "/publish"
    assert Client().get(f"/publish/drafts/{draft.pk}").status_code == 302
    assert Draft.objects.count() == 1


def test_draft_expires_after_a_day(browser: Client):
    browser.post("/publish", files())
    draft = Draft.objects.get()
    Draft.objects.update(expires_at=now() - timedelta(seconds=1))

    assert browser.get(f"/publish/drafts/{draft.pk}").status_code == 404
    assert delete_expired_drafts() == 1
    assert Draft.objects.count() == 0


def test_upload_needs_a_csrf_token(ada: User):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)

    assert strict.post("/publish", files()).status_code == 403
    assert Draft.objects.count() == 0
    page = strict.get("/publish").content.decode()
    token = page.split('action="/publish"')[1].split('value="')[1].split('"')[0]
    assert strict.post("/publish", files(csrfmiddlewaretoken=token)).status_code == 302


def test_yank_page_requires_a_reason_and_keeps_the_text(browser: Client):
    browser.post("/publish", files())
    browser.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    address = "/agents/@ada/planner/versions/1.0.0/yank"

    assert browser.post(address, {"reason": ""}).status_code == 422
    assert "x" * 2001 in browser.post(address, {"reason": "x" * 2001}).content.decode()
    answer = browser.post(address, {"reason": "It forgets Mondays."})

    assert answer["Location"] == "/agents/@ada/planner/versions/1.0.0"
    assert Version.objects.get().yanked_reason == "It forgets Mondays."


def test_stranger_has_no_yank_page(browser: Client, grace: User):
    browser.post("/publish", files())
    browser.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    stranger = Client()
    stranger.force_login(grace)

    address = "/agents/@ada/planner/versions/1.0.0/yank"
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"reason": "mine"}).status_code == 404
    assert Version.objects.get().yanked_at is None


def test_my_agents_page_takes_a_constant_number_of_queries(
    browser: Client, grace: User, django_assert_num_queries: Callable[..., Any]
):
    for number in range(3):
        browser.post("/publish", files(manifest(id=f"@ada/planner-{number}")))
        browser.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    browser.get("/publish/agents")

    with django_assert_num_queries(5):
        page_of_three = browser.get("/publish/agents")

    Agent.objects.exclude(name="planner-0").update(owner_user=grace)
    with django_assert_num_queries(5):
        page_of_one = browser.get("/publish/agents")
    assert page_of_three.content.count(b"<tr") == 4
    assert page_of_one.content.count(b"<tr") == 2
