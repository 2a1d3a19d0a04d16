"""Workflows and reviews in the studio."""

import re

import pytest
from django.test import Client

from foundation.actor import ANONYMOUS, Actor
from profiles.actions import make_development_user
from tests.clawstore.studio.conftest import Editor, post_form
from tests.support.factories import SYSTEM
from tests.support.http import client_of
from wordclaw.content.items.actions import publish_item
from wordclaw.content.models import ContentItem
from wordclaw.feedback.actions import FeedbackText, Submitter, give_feedback, issue_token
from wordclaw.policy.members import accept_invitation, invite_member
from wordclaw.policy.models import Domain
from wordclaw.workflow.models import ReviewComment, ReviewTask, Workflow

TYPE = "/studio/@ada/types/guide"


@pytest.fixture
def rita_client(domain: Domain, by_ada: Actor) -> Client:
    """A reviewer of Ada's domain."""
    rita = make_development_user("rita", by=SYSTEM)
    invite_member(domain, login="rita", role="reviewer", by=by_ada)
    accept_invitation(domain, by=Actor(user=rita, door="page"))
    return client_of(rita)


def test_item_is_governed_submitted_discussed_and_approved(
    ada_client: Client, rita_client: Client, guide: ContentItem
) -> None:
    item = f"/studio/@ada/items/{guide.pk}"
    answer = post_form(
        ada_client, f"{TYPE}/workflow", {"do": "save", "name": "Editing", "sla_hours": "8"}
    )
    assert answer.status_code == 302
    workflow = Workflow.objects.get(domain__name="ada")
    assert workflow.transitions.count() == 5
    save_answer = Editor(ada_client, item).send("submit", {"v:/stars": "4"})
    assert save_answer.headers["Location"] == f"{item}/submit"
    transition = workflow.transitions.get(from_state="draft", to_state="published")
    broken_data = {"seo": {}, "title": {"en": "x"}}
    ContentItem.objects.filter(pk=guide.pk).update(data=broken_data)
    fields = {"base": "2", "transition_id": str(transition.pk)}
    unfit = post_form(ada_client, f"{item}/submit", fields)
    assert unfit.status_code == 422
    assert b"/seo" in unfit.content
    ContentItem.objects.filter(pk=guide.pk).update(data=guide.data)
    fields = {"base": "2", "transition_id": str(transition.pk), "assignee": "rita"}
    submission = post_form(ada_client, f"{item}/submit", fields)
    task = ReviewTask.objects.get()
    page = f"/studio/@ada/reviews/{task.pk}"
    assert submission.headers["Location"] == page

    own = ada_client.get(page).content.decode()
    assert "another member decides" in own
    refusal = post_form(ada_client, page, {"do": "approve"})
    assert refusal.status_code == 403
    assert b"somebody else has to decide" in refusal.content
    assert b"Assigned to me" in rita_client.get("/studio/@ada/reviews?show=mine").content
    comment = {"task": str(task.pk), "pointer": "/stars", "body": "Really four?"}
    back = post_form(rita_client, f"{item}/comments", comment)
    assert back.headers["Location"] == f"{page}#comments"
    thread = ReviewComment.objects.get()
    post_form(ada_client, f"{item}/comments", {"thread": str(thread.pk), "body": "Yes"})
    text = rita_client.get(page).content.decode()
    assert "Really four?" in text
    assert "Yes" in text

    without_reason = post_form(rita_client, page, {"do": "reject", "reason": "  "})
    assert without_reason.status_code == 422
    assert b"a rejection needs a reason" in without_reason.content
    assert post_form(rita_client, page, {"do": "approve"}).status_code == 302
    guide.refresh_from_db()
    assert guide.publication_state == "published"
    decided_page = rita_client.get("/studio/@ada/reviews?show=decided").content.decode()
    assert "Approved" in decided_page


def test_live_and_proposed_stand_side_by_side(
    ada_client: Client, domain: Domain, guide: ContentItem, by_ada: Actor
) -> None:
    item = f"/studio/@ada/items/{guide.pk}"
    publish_item(domain, guide.pk, by=by_ada)
    post_form(ada_client, f"{TYPE}/workflow", {"do": "save", "name": "Editing", "sla_hours": "8"})
    title = f"{guide.data['title']['en']}, again"
    Editor(ada_client, item).send("submit", {"v:/title/en": title, "v:/stars": "4"})
    workflow = Workflow.objects.get(domain=domain)
    transition = workflow.transitions.get(from_state="draft", to_state="published")
    fields = {"base": "3", "transition_id": str(transition.pk)}
    page = post_form(ada_client, f"{item}/submit", fields).headers["Location"]

    html = ada_client.get(page).content.decode()

    old, new = html.split('<p class="side-name">Proposed: version 4</p>')[:2]
    assert "Live: version 2" in old
    assert "<ins>, again</ins>" in new
    assert "<ins>" not in old
    # Each difference leads to a comment on its field; others can be chosen, too.
    about = re.findall(r'href="[^"]+(\?about=[^"]+)#comment"', html)
    assert len(about) == 2
    chosen_page = ada_client.get(f"{page}{about[1]}").content.decode()
    assert '<option value="/stars" selected>' in chosen_page
    assert '<option value="/seo' in chosen_page


def test_workflow_is_changed_and_retired(ada_client: Client, guide: ContentItem) -> None:
    address = f"{TYPE}/workflow"
    post_form(ada_client, address, {"do": "save", "name": "Editing"})
    wrong = post_form(ada_client, address, {"do": "add", "from_state": "In it", "to_state": "x"})
    assert wrong.status_code == 422
    assert b'value="In it"' in wrong.content
    new_transition = {
        "do": "add",
        "from_state": "draft",
        "to_state": "legal",
        "required_roles": "admin",
    }
    assert post_form(ada_client, address, new_transition).status_code == 302
    transition = Workflow.objects.get(domain__name="ada").transitions.get(to_state="legal")
    assert transition.required_roles == ["admin"]
    html = ada_client.get(address).content.decode()
    assert "Changes requested" in html
    assert "changes_requested" not in html
    post_form(ada_client, address, {"do": "remove", "transition": str(transition.pk)})
    assert Workflow.objects.get(domain__name="ada").transitions.count() == 5
    post_form(ada_client, address, {"do": "retire"})

    item = f"/studio/@ada/items/{guide.pk}"
    assert Editor(ada_client, item).send("publish").status_code == 302
    guide.refresh_from_db()
    assert guide.publication_state == "published"


@pytest.mark.once
def test_comment_stands_at_its_field_and_a_refused_one_keeps_its_text(
    ada_client: Client, guide: ContentItem
) -> None:
    item = f"/studio/@ada/items/{guide.pk}"
    post_form(ada_client, f"{item}/comments", {"pointer": "/stars", "body": "Really four?"})
    assert "Really four?" in ada_client.get(item).content.decode()

    answer = post_form(ada_client, f"{item}/comments", {"pointer": "x", "body": "Kept text"})

    assert (answer.status_code, b"Kept text" in answer.content) == (422, True)
    assert ReviewComment.objects.count() == 1


def test_feedback_task_names_its_sender_and_leads_to_the_version(
    ada_client: Client, rita_client: Client, domain: Domain, guide: ContentItem, by_ada: Actor
) -> None:
    publish_item(domain, guide.pk, by=by_ada)
    _token, secret = issue_token(
        domain, "content_item", str(guide.pk), submitter=Submitter("p-1", "Petra"), by=by_ada
    )
    text = FeedbackText("changes_requested", "Shorter, please.")
    event = give_feedback(secret, text, network="n", by=ANONYMOUS)
    page = f"/studio/@ada/reviews/{event.task_id}"
    for address in ("/studio/@ada/reviews", page):
        html = rita_client.get(address).content.decode()
        assert "Petra" in html, address
        assert "system" not in html, address
    html = rita_client.get(page).content.decode()
    assert f"/studio/@ada/items/{guide.pk}/versions/{event.published_version}" in html

    refusal = post_form(rita_client, page, {"do": "reject", "reason": " "})
    assert refusal.status_code == 422
    assert "a rejection needs a reason" in refusal.content.decode()
    assert "decision: rejected" not in refusal.content.decode()
    post_form(rita_client, page, {"do": "approve", "reason": "Soon."})
    answer = rita_client.get("/studio/@ada/reviews")
    assert "The person who asked reads your answer." in answer.content.decode()

    links = ada_client.get("/studio/@ada/feedback").content.decode()
    assert "used once" in links
    assert "Publish something first" not in links
