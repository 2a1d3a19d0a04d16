"""Pages of an author: upload a package, preview the draft, publish it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS
from foundation.clock import now
from registry.models import Agent, Draft, Version
from registry.publishing.actions import delete_expired_drafts
from registry.sandbox.examination import Examination
from tests.support.packages import manifest, tarball

pytestmark = pytest.mark.once

ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'
)

PUBLISHED = "/publish/agents/@ada/planner/published/1.0.0"


def files(document: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    package = tarball(manifest=document) if document else tarball()
    return {"tarball": SimpleUploadedFile("package.tgz", package), "channel": ""} | fields


def test_upload_becomes_a_draft_and_no_version(ada_client: Client):
    answer = ada_client.post("/publish", files())

    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/publish/drafts/{draft.pk}")
    assert (draft.full_id, draft.version, draft.channel) == ("@ada/planner", "1.0.0", "community")
    assert Version.objects.count() == 0
    assert Agent.objects.count() == 0


def test_official_channel_is_offered_to_official_publishers(ada_client: Client, ada: User):
    assert 'name="channel"' not in ada_client.get("/publish").content.decode()

    grant_role(ada, "official", by=ANONYMOUS)

    assert 'value="official"' in ada_client.get("/publish").content.decode()


def test_draft_page_shows_the_future_agent_page(ada_client: Client):
    document = manifest(store={"icon": "store/icon.svg"})
    ada_client.post("/publish", files(document, icon=SimpleUploadedFile("mine.svg", ICON)))
    draft = Draft.objects.get()

    page = ada_client.get(f"/publish/drafts/{draft.pk}")

    assert page.status_code == 200
    assert "Publish version 1.0.0" in page.content.decode()
    assert "Agent facts" in page.content.decode()
    assert "Plans a day. See" in page.content.decode()
    picture = ada_client.get(f"/publish/drafts/{draft.pk}/assets/0")
    assert b"".join(picture) == ICON
    assert picture["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture["Content-Disposition"].startswith("attachment")


def test_author_pages_answer_head_requests(ada_client: Client):
    ada_client.post("/publish", files())

    for path in ("/publish", "/publish/agents", f"/publish/drafts/{Draft.objects.get().pk}"):
        assert ada_client.head(path).status_code == 200


def test_confirming_publishes_the_same_bytes_and_deletes_the_draft(ada_client: Client):
    ada_client.post("/publish", files())
    draft = Draft.objects.get()

    answer = ada_client.post(f"/publish/drafts/{draft.pk}/publish")

    version = Version.objects.get()
    assert answer["Location"] == PUBLISHED
    assert version.tarball_sha256 == draft.tarball_sha256
    assert Draft.objects.count() == 0


def test_package_is_read_once_for_the_draft_and_once_to_publish(
    ada_client: Client, monkeypatch: pytest.MonkeyPatch
):
    tasks: list[str] = []
    call = Examination.call

    def call_and_record(self: Examination, task: Any, *arguments: Any) -> Any:
        tasks.append(task.__name__)
        return call(self, task, *arguments)

    monkeypatch.setattr(Examination, "call", call_and_record)

    ada_client.post("/publish", files())
    assert tasks.count("check") == 1

    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    assert tasks.count("check") == 2


def test_confirming_twice_publishes_once(ada_client: Client):
    ada_client.post("/publish", files())
    draft = Draft.objects.get()
    page = ada_client.get(f"/publish/drafts/{draft.pk}").content.decode()
    form = {"sha256": draft.tarball_sha256}
    assert f'name="sha256" value="{draft.tarball_sha256}"' in page
    first = ada_client.post(f"/publish/drafts/{draft.pk}/publish", form)

    second_answer = ada_client.post(f"/publish/drafts/{draft.pk}/publish", form)

    assert second_answer["Location"] == first["Location"] == PUBLISHED
    assert Version.objects.count() == 1
    assert ada_client.post(f"/publish/drafts/{draft.pk}/publish").status_code == 404


def test_draft_of_a_published_version_offers_no_publish(ada_client: Client):
    ada_client.post("/publish", files())
    ada_client.post("/publish", files())
    first, second = Draft.objects.order_by("created_at")
    ada_client.post(f"/publish/drafts/{first.pk}/publish")

    page = ada_client.get(f"/publish/drafts/{second.pk}").content.decode()
    assert "Version 1.0.0 is already published" in page
    assert "Publish version 1.0.0" not in page
    assert "/agents/@ada/planner/versions/1.0.0" in page
    assert "already published" in ada_client.get("/publish/agents").content.decode()

    answer = ada_client.post(
        f"/publish/drafts/{second.pk}/publish", {"sha256": second.tarball_sha256}
    )
    assert answer.status_code == 409
    assert "Version 1.0.0 is already published" in answer.content.decode()
    assert Version.objects.count() == 1


def test_pictures_that_are_not_sent_are_those_of_the_latest_version(ada_client: Client):
    document = manifest(store={"icon": "store/icon.svg", "screenshots": ["store/a.svg"]})
    first = files(document, icon=SimpleUploadedFile("mine.svg", ICON))
    first["screenshots"] = [SimpleUploadedFile("a.svg", ICON)]
    ada_client.post("/publish", first)
    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    assert Version.objects.get().assets.count() == 2

    other = ICON.replace(b'"8"/>', b'"7"/>')
    second = files(document | {"version": "1.1.0"}, icon=SimpleUploadedFile("icon.svg", other))
    ada_client.post("/publish", second)
    draft = Draft.objects.get()
    assert [(a["path"], a.get("taken_from")) for a in draft.assets] == [
        ("store/icon.svg", None),
        ("store/a.svg", "1.0.0"),
    ]
    page = ada_client.get(f"/publish/drafts/{draft.pk}").content.decode()
    assert "These pictures were not uploaded." in page

    ada_client.post(f"/publish/drafts/{draft.pk}/publish")
    assert list(
        Version.objects.get(version="1.1.0").assets.order_by("kind").values_list("path", flat=True)
    ) == ["store/icon.svg", "store/a.svg"]


def test_pictures_of_other_agents_are_not_taken(ada_client: Client, grace: User):
    document = manifest(store={"icon": "store/icon.svg"})
    ada_client.post("/publish", files(document, icon=SimpleUploadedFile("mine.svg", ICON)))
    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")

    ada_client.post("/publish", files(document | {"id": "@ada/other"}))
    assert Draft.objects.get().assets == []


def test_author_is_shown_what_to_do_after_a_publish(ada_client: Client, grace: User):
    ada_client.post("/publish", files())
    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")

    page = ada_client.get(PUBLISHED).content.decode()
    assert "Planner 1.0.0 is published" in page
    for link in ("/agents/@ada/planner", "/agents/@ada/planner/share", "/account/keys/new"):
        assert f'href="{link}"' in page

    stranger = Client()
    stranger.force_login(grace)
    assert stranger.get(PUBLISHED).status_code == 404


def test_digest_of_a_foreign_version_leads_nowhere(ada_client: Client, grace: User):
    ada_client.post("/publish", files())
    draft = Draft.objects.get()
    ada_client.post(f"/publish/drafts/{draft.pk}/publish")
    stranger = Client()
    stranger.force_login(grace)

    answer = stranger.post(f"/publish/drafts/{draft.pk}/publish", {"sha256": draft.tarball_sha256})

    assert answer.status_code == 404


def test_discarding_twice_is_no_error(ada_client: Client):
    ada_client.post("/publish", files())
    draft = Draft.objects.get()

    for _ in range(2):
        answer = ada_client.post(f"/publish/drafts/{draft.pk}/discard")
        assert answer["Location"] == "/publish"
    assert Draft.objects.count() == 0


def test_refused_draft_stays(ada_client: Client):
    ada_client.post("/publish", files())
    ada_client.post("/publish", files(manifest(version="1.1.0")))
    first, second = Draft.objects.order_by("created_at")
    ada_client.post(f"/publish/drafts/{second.pk}/publish")

    answer = ada_client.post(f"/publish/drafts/{first.pk}/publish")

    assert answer.status_code == 409
    assert "version_not_monotonic" in answer.content.decode()
    assert list(Draft.objects.all()) == [first]


def test_page_lists_all_findings_and_stores_nothing(
    ada_client: Client, stored_files: Callable[[], list[str]]
):
    bad = tarball(files={"run.sh": "echo", "workspace/AGENTS.md": "[gone](nowhere.md)"})

    answer = ada_client.post("/publish", {"tarball": SimpleUploadedFile("p.tgz", bad)})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "blocked_extension" in page
    assert "broken_reference" in page
    assert 'href="/guide/authors#blocked_extension"' in page
    assert "run.sh" in page
    assert Draft.objects.count() == 0
    assert stored_files() == []


def test_single_error_is_counted_in_the_singular(ada_client: Client):
    answer = ada_client.post(
        "/publish", {"tarball": SimpleUploadedFile("p.tgz", b"not an archive")}
    )

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
    ada_client: Client, form: dict[str, Any], status: int, code: str
):
    answer = ada_client.post("/publish", form)

    assert answer.status_code == status
    assert code in answer.content.decode()
    assert Draft.objects.count() == 0


def test_draft_is_visible_to_its_owner_only(ada_client: Client, grace: User):
    ada_client.post("/publish", files())
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


def test_draft_expires_after_a_day(ada_client: Client):
    ada_client.post("/publish", files())
    draft = Draft.objects.get()
    Draft.objects.update(expires_at=now() - timedelta(seconds=1))

    assert ada_client.get(f"/publish/drafts/{draft.pk}").status_code == 404
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


def test_yank_page_requires_a_reason_and_keeps_the_text(ada_client: Client):
    ada_client.post("/publish", files())
    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    address = "/agents/@ada/planner/versions/1.0.0/yank"

    assert ada_client.post(address, {"reason": ""}).status_code == 422
    assert "x" * 2001 in ada_client.post(address, {"reason": "x" * 2001}).content.decode()
    answer = ada_client.post(address, {"reason": "It forgets Mondays."})

    assert answer["Location"] == "/agents/@ada/planner/versions/1.0.0"
    assert Version.objects.get().yanked_reason == "It forgets Mondays."


def test_stranger_has_no_yank_page(ada_client: Client, grace: User):
    ada_client.post("/publish", files())
    ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    stranger = Client()
    stranger.force_login(grace)

    address = "/agents/@ada/planner/versions/1.0.0/yank"
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {"reason": "mine"}).status_code == 404
    assert Version.objects.get().yanked_at is None


def test_my_agents_page_takes_a_constant_number_of_queries(
    ada_client: Client, grace: User, django_assert_num_queries: Callable[..., Any]
):
    for number in range(3):
        ada_client.post("/publish", files(manifest(id=f"@ada/planner-{number}")))
        ada_client.post(f"/publish/drafts/{Draft.objects.get().pk}/publish")
    ada_client.get("/publish/agents")

    with django_assert_num_queries(9):
        page_of_three = ada_client.get("/publish/agents")

    Agent.objects.exclude(name="planner-0").update(owner_user=grace)
    with django_assert_num_queries(9):
        page_of_one = ada_client.get("/publish/agents")
    assert page_of_three.content.count(b"<tr") == 4
    assert page_of_one.content.count(b"<tr") == 2
