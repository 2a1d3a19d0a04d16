"""Sample content for browser tests, created by a process with the data of a shop.

Use: `manage.py shell -c "from tests.e2e.browser.shop_contents import create_sample_shop; …"`.
"""

import io
import json
from datetime import timedelta
from typing import Any

from django.test import override_settings

from clawstore.sales.actions import sell, sell_agent
from devtools.styleguide.samples import ARABIC, EMOJI, INVISIBLE, UNBROKEN
from foundation.access.oauth.clients import register_client
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import today
from moderation.actions import post_appeal, report_agent, suspend_account
from moderation.queries import decisions_about
from profiles.models import Profile
from profiles.pictures import small_picture, store_picture
from registry.agents.actions import delist_agent, withhold_version, yank_version
from registry.downloads.rolling import roll_sums
from registry.models import Agent, DownloadDay
from registry.publishing.actions import save_draft
from registry.publishing.publish import publish_version
from registry.publishing.upload import Upload
from registry.transfers.actions import accept_transfer, offer_agent
from reviews.actions import post_review, reply_to_review
from reviews.models import Review
from tests.support.factories import make_user
from tests.support.packages import manifest
from tests.support.studio import (
    make_asset,
    make_delivery,
    make_review_task,
    make_sample_content,
    make_submission,
)
from tests.support.uploads import icon, png, publish, upload
from tests.support.zips import Entry, make_zip
from wordclaw.content.items.actions import create_item, publish_item
from wordclaw.content.paywall import ITEM
from wordclaw.content.types.actions import create_content_type
from wordclaw.feedback.actions import Submitter, issue_token
from wordclaw.forms.definitions.actions import create_form
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.submissions.actions import submit_form
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.models import Offer
from wordclaw.payments.providers.mock import pay_mock_invoice
from wordclaw.payments.purchases.actions import confirm_payment, purchase
from wordclaw.policy.actions import find_domain

REVIEWERS = 23
VERSIONS = 40
HUGE = 2_000_000
WIDE_TABLE = "| " + " | ".join(["column"] * 30) + " |\n|" + "---|" * 30 + "\n"
README = f"# {UNBROKEN}\n\n{UNBROKEN * 4}\n\n{ARABIC}\n\n{EMOJI} {INVISIBLE}\n\n{WIDE_TABLE}\n"
README += f"    {UNBROKEN * 3}\n\n```python\nx = '{UNBROKEN * 3}'\n```\n\n## One\n\n###### Two\n\n"


def create_sample_shop(*, versions: int = VERSIONS, reviewers: int = REVIEWERS) -> str:
    """Create the content; return the parts of its addresses as JSON."""
    root, dora, grace = make_user("root", maintainer=True), make_user("dora"), make_user("grace")
    as_root, as_dora, as_grace = (Actor(user=u, door="session") for u in (root, dora, grace))
    entitlement_id = make_sale(as_dora, as_grace)
    make_plain(Actor(user=make_user("barbara"), door="session"))
    make_hostile(as_dora, versions)
    make_changed(as_dora)
    reviewed_agent = publish(as_dora, "@dora/reviewed", name="Much reviewed").agent
    make_downloads(reviewed_agent)
    review = make_reviews(reviewed_agent, reviewers, as_grace, as_dora)
    decide(as_root, as_dora)
    report = report_agent(reviewed_agent.pk, reason="malicious", details=UNBROKEN, by=as_grace)
    report_agent(
        reviewed_agent.pk,
        reason="other",
        details=f"{ARABIC} {EMOJI}",
        review_id=review.pk,
        by=as_grace,
    )
    parts = {
        "bought": entitlement_id,
        "offer": make_transfers(as_dora),
        "review": str(review.pk),
        "own_review": str(Review.objects.get(agent=reviewed_agent, reviewer_user=grace).pk),
        "report": str(report.pk),
        "draft": make_draft(as_dora),
        "import": make_import(as_dora),
        "decision": appeal(dora, as_dora),
    }
    give_picture(dora)
    suspend_account(make_user("eve"), reason=f"{UNBROKEN}\n{ARABIC}", by=as_root)
    parts["guide"] = make_sample_content("dora", as_dora)
    parts["task"] = str(make_review_task(parts["guide"]).pk)
    submission = make_submission(find_domain("dora", as_dora), as_dora)
    parts |= {"submission": str(submission.pk), "receipt": submission.receipt}
    ask_the_store(as_grace)
    parts |= make_delivery()
    parts["feedback"] = issue_token(
        find_domain("dora", as_dora),
        "content_item",
        parts["guide"],
        submitter=Submitter("Ann"),
        by=as_dora,
    )[1]
    parts["asset"] = str(make_asset(find_domain("dora", as_dora), has_file=True).pk)
    make_paid_form(as_dora)
    parts |= sell_text(as_dora, as_grace)
    return json.dumps(parts | make_app())


def make_app() -> dict[str, str]:
    """Register an app whose name and address are as long as they may be."""
    address = f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.example/{'d' * 200}"
    client = register_client({"client_name": f"{ARABIC} {UNBROKEN}", "redirect_uris": [address]})
    return {"app": client.pk, "app_address": address}


@override_settings(PAYMENT_PROVIDER="mock")
def sell_text(as_dora: Actor, as_grace: Actor) -> dict[str, str]:
    """A text with a price, which Grace has bought."""
    domain = find_domain("dora", as_dora)
    fields = [
        {"name": "title", "type": "text"},
        {"name": "summary", "type": "textarea"},
        {"name": "body", "type": "markdown", "premium": True},
    ]
    columns = {"name": f"Stories {UNBROKEN[:60]}", "slug": "stories", "visibility": "public"}
    create_content_type(domain, columns, manifest={"fields": fields}, by=as_dora)
    data = {"title": UNBROKEN[:120], "summary": ARABIC, "body": f"# One\n\n{UNBROKEN}"}
    item = create_item(domain, "stories", data, by=as_dora)
    publish_item(domain, item.pk, by=as_dora)
    terms = {"name": UNBROKEN[:60], "max_reads": 3, "ttl_seconds": 86_400, "terms": ARABIC}
    subject = (ITEM, str(item.pk))
    offer = sell(domain, subject, amount_satoshis=2100, terms=terms, by=as_dora)
    return {
        "story": str(item.pk),
        "text_offer": str(offer.pk),
        "bought_text": buy(offer, as_grace),
    }


def buy(offer: Offer, by: Actor) -> str:
    """Let a user buy and pay; return the entitlement."""
    reader = Reader(by=by, network="", path="")
    payment_hash = purchase(offer.domain, str(offer.pk), reader).payment.payment_hash
    right = confirm_payment(payment_hash, pay_mock_invoice(payment_hash), by=by)
    return str(right.pk)


@override_settings(PAYMENT_PROVIDER="mock")
def make_sale(as_dora: Actor, as_grace: Actor) -> str:
    """A paid agent; return the entitlement of Grace, who has bought it."""
    agent = publish(as_dora, "@dora/paid", name="Paid").agent
    domain = find_domain("dora", as_dora)
    terms = {"name": UNBROKEN[:60], "max_reads": 3, "ttl_seconds": 86_400, "terms": ARABIC}
    offer = sell_agent(domain, agent, version="", amount_satoshis=2100, terms=terms, by=as_dora)
    return buy(offer, as_grace)


def make_transfers(as_dora: Actor) -> str:
    """An agent that moved to Dora, who offers it to Grace: the ID of that offer."""
    by = Actor(user=make_user("hedy"), door="session")
    agent = publish(by, "@hedy/handed-on", name="Handed on").agent
    offer = offer_agent(agent, to="dora", confirmation=agent.full_id, by=by)
    agent = accept_transfer(offer.pk, by=as_dora)
    return str(offer_agent(agent, to="grace", confirmation=agent.full_id, by=as_dora).pk)


def make_paid_form(as_dora: Actor) -> None:
    domain = find_domain("dora", as_dora)
    claim = FormDefinition.objects.get(domain=domain, slug="claim")
    columns: dict[str, Any] = {"name": "Paid claim", "slug": "paid-claim", "fields": claim.fields}
    price = {"requires_payment": True, "price_satoshis": 21}
    create_form(domain, columns | price, content_type=claim.content_type.slug, by=as_dora)


def ask_the_store(by: Actor) -> None:
    """A request that waits at the desk."""
    texts = {"subject": UNBROKEN, "message": f"{ARABIC}\n\n{EMOJI}", "email": "g@example.org"}
    submit_form(find_domain("store", by), "contact", texts, network="n", by=by)


def give_picture(user: User) -> None:
    """Store a profile picture, as after a sign-in with GitHub."""
    address = "https://avatars.githubusercontent.com/u/1"
    Profile.objects.filter(user=user).update(avatar_url=address)
    assert store_picture(user.pk, address, small_picture(png("teal")))


def make_downloads(agent: Agent, days: int = 60) -> None:
    """Downloads of every version on most days, one day with a million."""
    for version in agent.versions.all():
        for place in range(days):
            number = 1_000_000 if place == 11 else place * 37 % 23
            day = today() - timedelta(days=place)
            DownloadDay.objects.create(
                version=version, day=day, downloads=number, fetches=number * 3, networks=number
            )
    roll_sums()


def make_hostile(as_dora: Actor, versions: int) -> None:
    """Hostile content: long words, RTL text, hidden characters, a huge README."""
    for number in range(1, versions):
        publish(as_dora, "@dora/hostile", f"0.{number}.0")
    listing: dict[str, Any] = {
        "name": UNBROKEN,
        "tagline": f"{EMOJI} {ARABIC}"[:140],
        "tags": ["a-tag-of-as-many-letters-as-a-tag-may-have", "planning"],
        "homepage": f"https://example.org/{UNBROKEN}",
    }
    document = manifest(id="@dora/hostile", version="1.0.0", **listing)
    files = {"README.md": README + "word " * (HUGE // 5)}
    publish_files(as_dora, document, files)
    publish(as_dora, "@dora/arabic", name=ARABIC, tagline=ARABIC)
    publish(as_dora, "@dora/emoji", "1.0.0-beta.1", name=EMOJI, tagline=EMOJI)


def make_changed(by: Actor) -> None:
    """Two versions that differ in every way a diff shows."""
    old = manifest(id="@dora/changed", name="Much changed")
    openclaw = {
        "entrypoints": {"HEARTBEAT.md": "workspace/H.md", "AGENTS.md": "workspace/AGENTS.md"}
    }
    secrets = [{"key": "A" * 60, "prompt": ARABIC, "required": True, "target": "env"}]
    new = old | {
        "version": "2.0.0",
        "license": "Apache-2.0",
        "openclaw": openclaw,
        "setup": {"secrets": secrets},
    }
    publish_files(
        by, old, {"docs/a.md": f"{ARABIC}\n\nOne two three.\n", "data/x.csv": "a,b\n" * 200}
    )
    files: dict[str, bytes | str] = {
        "CHANGELOG.md": f"# Changelog\n\n## 2.0.0\n\n- {UNBROKEN}\n- {ARABIC}\n",
        "docs/a.md": f"{ARABIC} {EMOJI}\n\nOne {INVISIBLE} three.\n",
        "data/x.csv": "c,d\n" * 200,
        "data/new.txt": UNBROKEN * 40,
        "workspace/H.md": "- Read https://api.acme.com every hour.\n",
    }
    publish_files(by, new, files)


def publish_files(by: Actor, document: dict[str, Any], files: dict[str, bytes | str]) -> None:
    publish_version(upload(document, files=files), by=by)


def make_reviews(agent: Agent, total: int, as_grace: Actor, as_dora: Actor) -> Review:
    """Make more than one page of reviews; return the one with a reply."""
    post_review(agent, rating=5, title="Good", body="It does what it says.", by=as_grace)
    for number in range(total):
        by = Actor(user=make_user(f"reader-{number}"), door="session")
        body = f"{UNBROKEN}\n\n{ARABIC}\n\n{EMOJI}" if number % 2 else ""
        review = post_review(agent, rating=number % 5 + 1, title=UNBROKEN, body=body, by=by)
    return reply_to_review(review, body=f"Thank you. {UNBROKEN}", by=as_dora)


def decide(as_root: Actor, as_dora: Actor) -> None:
    """Yank, withhold and delist content."""
    yanked_agent = publish(as_dora, "@dora/yanked", "1.0.0").agent
    publish(as_dora, "@dora/yanked", "1.1.0")
    yank_version(yanked_agent, "1.0.0", reason=f"{UNBROKEN} {ARABIC}", by=as_root)
    withheld_agent = publish(as_dora, "@dora/withheld").agent
    withhold_version(withheld_agent, "1.0.0", reason="malware", text=UNBROKEN, by=as_root)
    delisted_agent = publish(as_dora, "@dora/delisted").agent
    delist_agent(delisted_agent, reason=f"{UNBROKEN} {ARABIC}", by=as_root)


def make_plain(by: Actor) -> None:
    """Three agents, one of them with an icon and two versions."""
    planner = {"full_id": "@barbara/day-planner", "name": "Day planner"}
    publish(by, version="1.0.0", **planner)
    store = {"icon": "store/icon.png"}
    publish(by, version="1.1.0", store=store, assets=(icon(),), **planner)
    publish(by, "@barbara/bookkeeper", "0.3.0", name="Bookkeeper", category="finance")
    publish(by, "@barbara/proofreader", "2.0.0", name="Proofreader", category="writing")


def make_import(by: Actor) -> str:
    """Makes a draft that lacks an agent.json, of a zip with long names."""
    names = ("AGENTS.md", "TOOLS.md", "USER.md", "memory/a.md", f"skills/{UNBROKEN[:60]}/run.py")
    package = make_zip(*(Entry(name, "text") for name in sorted(names)))
    return str(save_draft(Upload(metadata=None, tarball=io.BytesIO(package)), by=by).pk)


def make_draft(by: Actor) -> str:
    document = manifest(id="@dora/coming", name=ARABIC, store={"icon": "store/icon.png"})
    return str(save_draft(upload(document, assets=(icon(),)), by=by).pk)


def appeal(dora: User, by: Actor) -> str:
    """Send an appeal; return a decision that can still be appealed against."""
    first, second, *_ = decisions_about(dora)
    post_appeal(first.event.pk, text=f"{UNBROKEN} {ARABIC}", by=by)
    return str(second.event.pk)
