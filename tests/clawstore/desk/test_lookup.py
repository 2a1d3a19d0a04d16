"""The search of the desk, which leads from a name, an ID or a key to its page."""

from uuid import UUID

import pytest
from django.test import Client

from foundation.access.actions import create_key
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from registry.agents.actions import yank_version
from registry.models import Agent
from reviews.actions import post_review
from tests.support.factories import make_report
from tests.support.page import desk_address


def leads_to(desk: Client, text: str) -> str:
    answer = desk.get("/admin/find", {"q": text})
    return answer.get("Location", "")


def test_name_id_and_key_lead_to_their_pages(
    desk: Client, coach: Agent, ada: User, as_ada: Actor, as_grace: Actor
):
    version, report = coach.versions.get(), make_report(coach)
    review = post_review(coach, rating=3, by=as_grace)
    key, raw = create_key(ada, name="laptop", scopes=["agents:publish"], by=as_ada)
    event = AuditLog.objects.filter(action="report.filed").get()

    targets = {
        "@ada/coach": coach,
        "agent:@ada/coach": coach,
        "@ADA/coach": coach,
        "@ada/coach@1.0.0": version,
        "version:@ada/coach@1.0.0": version,
        "@ada": ada,
        "user:ada": ada,
        "review:@ada/coach by grace": review,
        str(report.pk): report,
        f"report:{report.pk}": report,
        str(event.pk): event,
        raw: key,
        key.key_prefix: key,
        raw[:-9]: key,
        f"{raw[:20]}...": key,
        f"api_key:{key.pk}": key,
    }
    for text, row in targets.items():
        assert leads_to(desk, text) == desk_address(row), text


@pytest.mark.parametrize("text", ["", "nothing", "@ada/nobody", "claw_", str(UUID(int=7)), "a:b"])
def test_other_texts_show_the_lists_that_have_them(desk: Client, coach: Agent, text: str):
    answer = desk.get("/admin/find", {"q": text})

    assert answer.status_code == 200


def test_words_of_a_reason_lead_to_the_audit_log(desk: Client, coach: Agent, as_root: Actor):
    yank_version(coach, "1.0.0", reason="It tells fibs.", by=as_root)

    assert leads_to(desk, "fibs") == "/admin/audit/auditlog/?q=fibs"
    assert leads_to(desk, "fables") == ""


def test_words_are_counted_in_each_list(desk: Client, coach: Agent):
    make_report(coach, "Coach reads secrets.")

    page = desk.get("/admin/find", {"q": "secrets"}).text
    assert '<a href="/admin/moderation/report/?q=secrets&amp;status=all">Reports</a>' in page
    assert ">Agents<" not in page
    assert '<a href="/admin/audit/auditlog/?q=secrets">' in page


@pytest.mark.once
def test_find_is_for_maintainers(client: Client, ada: User):
    client.force_login(ada)

    assert client.get("/admin/find", {"q": "@ada"}).status_code == 302
