"""Random writes that change pages, through their actions."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import F
from django.test import TestCase

from clawstore.account.actions import delete_account
from clawstore.editorial.models import ContentPage
from clawstore.editorial.starters import add_starter, has_starter
from clawstore.editorial.takedowns import take_down_page
from clawstore.sales.actions import sell_agent
from foundation.accounts.actions import grant_role, lift_suspension
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.caching.actions import bump_site
from foundation.clock import today
from foundation.refusals import Refusal
from moderation.actions import suspend_account
from profiles.actions import (
    Identity,
    edit_profile,
    make_development_user,
    refresh_picture,
    restore_account,
)
from profiles.models import Profile
from profiles.pictures import store_picture
from profiles.queries import scope_of
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    pick_agent,
    record_curation,
    relist_agent,
    unpick_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.diffs.actions import delete_old_diffs, make_diff
from registry.diffs.queries import upgrade_to
from registry.downloads.recorder import DownloadEvent, EventKind, write_events
from registry.downloads.recount import find_differences, repair_agent
from registry.downloads.rolling import delete_old_sketches, roll_sums
from registry.downloads.trending import refresh_trending
from registry.lifecycle.actions import (
    archive_agent,
    deprecate_agent,
    deprecate_version,
    unarchive_agent,
    undeprecate_agent,
    undeprecate_version,
)
from registry.models import Agent, Category, DownloadDay, NetworkSketch, Version, VersionDiff
from registry.publishing.reanalyse import reanalyse_version
from registry.transfers.actions import accept_transfer, offer_agent
from reviews.actions import (
    delete_reply,
    delete_review,
    edit_review,
    post_review,
    repair_ratings,
    reply_to_review,
)
from reviews.models import Review
from tests.support.uploads import ICON, icon, png, publish
from wordclaw.content.items.actions import (
    archive_item,
    create_item,
    publish_item,
    replace_data,
    unpublish_item,
)
from wordclaw.content.items.deletion import delete_item
from wordclaw.content.models import ContentItem
from wordclaw.content.singletons.actions import write_global
from wordclaw.content.types.actions import change_content_type
from wordclaw.payments.offers.actions import change_offer
from wordclaw.payments.offers.queries import offers_of
from wordclaw.policy.actions import STORE, find_domain
from wordclaw.policy.models import Domain

OPERATOR = Actor(door="command")
SECRET = {"prompt": "To charge", "required": True, "target": "env"}
COLOURS = ("red", "green", "blue", "white")
OWNERS = ("ada", "lin")
READERS = ("grace", "joan", "lin")
TAGS = ("writing", "music", "maths")
NAMES = ("coach", "tutor", "planner", "herald")


class Shop:
    """A small shop; ``perform(name)`` does one of ``WRITES``."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        for login in ("ada", "lin", "grace", "joan", "root"):
            make_development_user(login, name=login.title(), by=OPERATOR)
        grant_role(User.objects.get(username="root"), "maintainer", by=OPERATOR)
        for owner in OWNERS:
            self._publish(owner, "coach", "1.0.0")
        self._publish("ada", "coach", "1.1.0")

    def perform(self, name: str) -> str:
        """Do a write to random rows; return its name, in brackets if it was refused."""
        try:
            WRITES[name](self)
        except Refusal:
            return f"({name})"
        return name

    # --- Random rows ---

    def person(self, login: str) -> Actor:
        user = User.objects.get(held_scope__name=login)
        return Actor(user=User.objects.get(pk=user.pk), door="page", scopes=None)

    def agent(self) -> Agent:
        random_agent: Agent = self.random.choice(list(Agent.objects.order_by("scope", "name")))
        return random_agent

    def first_agent(self) -> Agent:
        return Agent.objects.order_by("scope", "name")[0]

    def version(self) -> Version:
        versions = Version.objects.order_by("agent__scope", "agent__name", "version")
        random_version: Version = self.random.choice(list(versions.select_related("agent")))
        return random_version

    def review(self) -> Review:
        reviews = Review.objects.select_related("agent", "reviewer_user").order_by("pk")
        if not reviews:
            raise Refusal
        random_review: Review = self.random.choice(list(reviews))
        return random_review

    def words(self) -> str:
        return f"words {self.random.randrange(10_000)}"

    def _publish(self, owner: str, name: str, version: str) -> None:
        choose = self.random.choice
        secrets = [SECRET | {"key": "STRIPE_KEY"}] if self.random.random() < 0.3 else []
        publish(
            self.person(owner),
            f"@{owner}/{name}",
            version,
            tagline=self.words(),
            tags=self.random.sample(TAGS, 2),
            category=choose(("other", "productivity")),
            setup={"secrets": secrets},
            store={"icon": ICON},
            assets=(icon(data=png(choose(COLOURS))),),
        )


def publish_agent(shop: Shop) -> None:
    shop._publish(shop.random.choice(OWNERS), shop.random.choice(NAMES), "0.1.0")


def publish_version(shop: Shop) -> None:
    agent, number = shop.agent(), shop.random.randrange(1, 4)
    suffix = shop.random.choice(("", "", "-rc.1"))
    shop._publish(agent.scope, agent.name, f"{number}.{shop.random.randrange(9)}.0{suffix}")


def yank(shop: Shop) -> None:
    version = shop.version()
    yank_version(version.agent, version.version, reason=shop.words(), by=shop.person("root"))


def unyank(shop: Shop) -> None:
    version = shop.version()
    unyank_version(version.agent, version.version, by=shop.person("root"))


def withhold(shop: Shop) -> None:
    version = shop.version()
    withhold_version(
        version.agent, version.version, reason="malware", text=shop.words(), by=shop.person("root")
    )


def lift(shop: Shop) -> None:
    version = shop.version()
    lift_withholding(version.agent, version.version, reason="No", by=shop.person("root"))


def delist(shop: Shop) -> None:
    delist_agent(shop.agent(), reason=shop.words(), by=shop.person("root"))


def relist(shop: Shop) -> None:
    agent = shop.random.choice(list(Agent.objects.exclude(delisted_at=None)) or [shop.agent()])
    relist_agent(agent, by=shop.person("root"))


def pick(shop: Shop) -> None:
    pick_agent(shop.agent(), reason=shop.words(), by=shop.person("root"))


def unpick(shop: Shop) -> None:
    unpick_agent(shop.agent(), by=shop.person("root"))


def curate_category(shop: Shop) -> None:
    """Save and record a category in one transaction, as the desk does."""
    category = Category.objects.get(pk=shop.first_agent().category_id)
    with transaction.atomic():
        category.name = shop.words()
        category.save()
        record_curation(category, fields=["name"], by=shop.person("root"))


def review(shop: Shop) -> None:
    by = shop.person(shop.random.choice(READERS))
    post_review(shop.agent(), rating=shop.random.randint(1, 5), title=shop.words(), by=by)


def rewrite_review(shop: Shop) -> None:
    random_review = shop.review()
    changes: dict[str, Any] = {"body": shop.words(), "rating": shop.random.randint(1, 5)}
    edit_review(random_review, changes, by=Actor(user=random_review.reviewer_user, door="page"))


def remove_review(shop: Shop) -> None:
    delete_review(shop.review(), by=shop.person("root"))


def reply(shop: Shop) -> None:
    random_review = shop.review()
    reply_to_review(
        random_review, body=shop.words(), by=Actor(user=random_review.agent.owner_user, door="page")
    )


def remove_reply(shop: Shop) -> None:
    random_review = shop.review()
    delete_reply(random_review, by=Actor(user=random_review.agent.owner_user, door="page"))


def record_downloads(shop: Shop) -> None:
    """A batch of the download recorder: events of today and before."""
    events: Counter[DownloadEvent] = Counter()
    for _ in range(shop.random.randint(1, 12)):
        version = shop.version()
        user = shop.person("grace").user if shop.random.random() < 0.3 else None
        kind = shop.random.choice(list(EventKind))
        day = today() - timedelta(days=shop.random.choice((0, 0, 1, 3, 5)))
        network = str(shop.random.randrange(30))
        event = DownloadEvent(version.agent_id, version.pk, kind, network, user and user.pk, day)
        events[event] += shop.random.randint(1, 3)
    write_events(events)


def days_pass(shop: Shop) -> None:
    """Make all counts some days older. A new date changes all pages."""
    days = timedelta(days=shop.random.randint(1, 12))
    with transaction.atomic():
        for model in (NetworkSketch, DownloadDay):
            model._default_manager.update(day=F("day") - timedelta(days=400))
            model._default_manager.update(day=F("day") + timedelta(days=400) - days)
        bump_site()


def roll(shop: Shop) -> None:
    roll_sums()
    delete_old_sketches()


def trend(shop: Shop) -> None:
    refresh_trending()


def compare_versions(shop: Shop) -> None:
    """Run the job that follows a publish."""
    version = shop.version()
    make_diff(upgrade_to(version.agent, version.version))


def forget_diffs(shop: Shop) -> None:
    """Delete diffs, as after an update of the rules for diffs."""
    VersionDiff.objects.update(rule_set="former", is_adjacent=False)
    delete_old_diffs("another renderer")


def recompute(shop: Shop) -> None:
    reanalyse_version(shop.version())


def recount(shop: Shop) -> None:
    """Make a column wrong, as after a restored backup, and repair it."""
    with transaction.atomic():
        Agent.objects.filter(pk=shop.agent().pk).update(
            download_count=7, downloads_30d=700, avg_rating=1.5, review_count=9, tagline="Drifted"
        )
        bump_site()
    for agent_id, _ in list(find_differences()):
        repair_agent(agent_id, by=OPERATOR)
    repair_ratings(by=OPERATOR)


def rename_person(shop: Shop) -> None:
    # The first pages of all routes are those of this person and agent.
    by = shop.person(OWNERS[0])
    edit_profile(by.require_user().username, {"display_name": shop.words()}, by=by)


def describe_person(shop: Shop) -> None:
    by = shop.person(shop.random.choice((*OWNERS, *READERS)))
    edit_profile(by.require_user().username, {"bio": shop.words()}, by=by)


def fetch_picture(shop: Shop) -> None:
    by = shop.person(shop.random.choice(READERS))
    Profile.objects.filter(pk=by.user_id).update(avatar_url="https://example.org/a.png")
    store_picture(
        by.require_user().pk, "https://example.org/a.png", png(shop.random.choice(COLOURS))
    )


def sign_in_again(shop: Shop) -> None:
    """Sign in with another login at GitHub."""
    by = shop.person(shop.random.choice(OWNERS))
    data = {"login": f"login-{shop.random.randrange(100)}", "created_at": "2020-01-01T00:00:00Z"}
    user = by.require_user()
    SocialAccount.objects.update_or_create(
        user=user, provider="github", defaults={"uid": str(user.pk), "extra_data": data}
    )
    refresh_picture(user, Identity(data["login"], None), by=by)


def leave(shop: Shop) -> None:
    by = shop.person(shop.random.choice((*OWNERS, *READERS)))
    delete_account(by.require_user().username, by=by)


def come_back(shop: Shop) -> None:
    for login in (*OWNERS, *READERS):
        user = shop.person(login).require_user()
        if user.is_former:
            identity = Identity(login, None, name=shop.words())
            restore_account(user, identity, email="", by=OPERATOR)


def suspend(shop: Shop) -> None:
    user = shop.person(shop.random.choice(READERS)).require_user()
    suspend_account(user, reason=shop.words(), by=shop.person("root"))


def reinstate(shop: Shop) -> None:
    for login in READERS:
        user = shop.person(login).require_user()
        if user.is_suspended:
            lift_suspension(user, reason="Enough", by=shop.person("root"))


def publish_content(shop: Shop, *, kind: str) -> None:
    """Publish another text of the store, of a kind that has an address."""
    agent = {"agent": shop.agent().full_id}
    parts: dict[str, dict[str, Any]] = {
        "policies": {"slug": "terms"},
        "collections": {"agents": [{"agent": agent, "words": {"en": shop.words()}}]},
        "guides": {"agents": [agent]},
    }
    data = {"slug": "first", "title": {"en": shop.words()}, "body": {"en": shop.words()}}
    data |= parts.get(kind, {})
    by = shop.person("root")
    store, item_id = find_domain(STORE, by), _item_with(kind, data["slug"])
    # The text is rendered after the commit, which does not come in a test.
    with TestCase.captureOnCommitCallbacks(execute=True):
        if item_id is None:
            item_id = create_item(store, kind, data, by=by).pk
        else:
            replace_data(store, item_id, data, by=by)
        publish_item(store, item_id, by=by)


def _item_with(kind: str, slug: object) -> UUID | None:
    items = ContentItem.objects.alive().filter(domain__name=STORE, content_type__slug=kind)
    return next((item.pk for item in items if item.data["slug"] == slug), None)


def withdraw_content(shop: Shop) -> None:
    kind = shop.random.choice(("announcements", "collections", "guides"))
    item_id, by = _item_with(kind, "first"), shop.person("root")
    if item_id is None:
        raise Refusal
    unpublish_item(find_domain(STORE, by), item_id, by=by)


STORE_KINDS = ("guides", "policies", "announcements", "collections")
SCOPE_KINDS = ("guides", "posts", "faqs", "listings")


def publish_any_text(shop: Shop) -> None:
    """Write and publish a text: a new one, or a change of one that is there."""
    domain, kind, by = _random_content(shop)
    texts = {"en": shop.words(), "de": shop.words()}
    agent = {"agent": shop.agent().full_id}
    data = {
        "faqs": {"question": texts, "answer": texts, "agents": [agent]},
        "listings": {"agent": agent, "tagline": texts, "description": texts},
        "collections": {"agents": [{"agent": agent, "words": texts}]},
        "guides": {"body": texts, "agents": [agent]},
    }.get(kind, {"body": texts})
    if kind not in ("faqs", "listings"):
        data |= {"slug": shop.random.choice(("first", "terms")), "title": texts, "summary": texts}
    items = ContentItem.objects.alive().filter(domain=domain, content_type__slug=kind)
    item = shop.random.choice([None, *items.order_by("pk")])
    if item is None:
        item = create_item(domain, kind, data, by=by)
    else:
        replace_data(domain, item.pk, data, by=by)
    publish_item(domain, item.pk, by=by)


def _random_content(shop: Shop) -> tuple[Domain, str, Actor]:
    if shop.random.random() < 0.5:
        by = shop.person("root")
        return find_domain("store", by), shop.random.choice(STORE_KINDS), by
    by, kind = shop.person(shop.random.choice(OWNERS)), shop.random.choice(SCOPE_KINDS)
    domain = find_domain(str(scope_of(by.user_id)), by)
    if not has_starter(domain, kind):
        add_starter(domain, kind, by=by)
    return domain, kind, by


def unpublish_content(shop: Shop) -> None:
    _withdraw(shop, unpublish_item)


def archive_content(shop: Shop) -> None:
    _withdraw(shop, archive_item)


def delete_content(shop: Shop) -> None:
    _withdraw(shop, delete_item)


def take_down_content(shop: Shop) -> None:
    pages = ContentPage.objects.filter(domain__kind="scope").order_by("pk")
    if not pages:
        publish_any_text(shop)
    for page in pages.select_related("domain", "item__domain")[:1]:
        take_down_page(page, reason="Spam.", by=shop.person("root"))


def _withdraw(shop: Shop, action: Callable[..., object]) -> None:
    domain, kind, by = _random_content(shop)
    items = ContentItem.objects.alive().filter(domain=domain, content_type__slug=kind)
    published_items = list(items.exclude(published_version=None).order_by("pk"))
    if published_items:
        action(domain, shop.random.choice(published_items).pk, by=by)


def hide_content_type(shop: Shop) -> None:
    publish_content(shop, kind="guides")
    by = shop.person("root")
    change_content_type(find_domain(STORE, by), "guides", {"visibility": "private"}, by=by)


def show_content_type(shop: Shop) -> None:
    by = shop.person("root")
    change_content_type(find_domain(STORE, by), "guides", {"visibility": "public"}, by=by)


def tell_everybody(shop: Shop) -> None:
    by = shop.person("root")
    store = find_domain("store", by)
    item, _ = write_global(store, "notice", {"text": {"en": shop.words()}}, by=by)
    shop.random.choice((publish_item, archive_item))(store, item.pk, by=by)


def deprecate(shop: Shop) -> None:
    deprecate_agent(shop.first_agent(), reason=shop.words(), by=shop.person(OWNERS[0]))


def undeprecate(shop: Shop) -> None:
    undeprecate_agent(shop.first_agent(), by=shop.person(OWNERS[0]))


def deprecate_one(shop: Shop) -> None:
    version = shop.version()
    by = shop.person(version.agent.scope)
    deprecate_version(version.agent, version.version, reason=shop.words(), by=by)


def undeprecate_one(shop: Shop) -> None:
    version = shop.version()
    undeprecate_version(version.agent, version.version, by=shop.person(version.agent.scope))


def archive(shop: Shop) -> None:
    archive_agent(shop.first_agent(), by=shop.person(OWNERS[0]))


def unarchive(shop: Shop) -> None:
    unarchive_agent(shop.first_agent(), by=shop.person(OWNERS[0]))


def transfer(shop: Shop) -> None:
    """Give the first agent to a reader, who gives it back."""
    agent, owner, reader = shop.first_agent(), shop.person(OWNERS[0]), shop.person(READERS[0])
    for sender, receiver in ((owner, reader), (reader, owner)):
        assert receiver.user is not None
        offer = offer_agent(agent, to=receiver.user.username, confirmation=agent.full_id, by=sender)
        agent = accept_transfer(offer.pk, by=receiver)


def sell(shop: Shop) -> None:
    """Offer the first agent, so that it is no longer free."""
    agent, by = shop.first_agent(), shop.person(OWNERS[0])
    terms = {"name": "Use", "max_reads": None, "ttl_seconds": None, "terms": ""}
    amount = shop.random.randint(1, 900)
    domain = find_domain(agent.scope, by)
    sell_agent(domain, agent, version="", amount_satoshis=amount, terms=terms, by=by)


def switch_offer(shop: Shop) -> None:
    """Stop the offer on an agent, or start it again."""
    by = shop.person(OWNERS[0])
    domain = find_domain(shop.first_agent().scope, by)
    offer = offers_of(domain).order_by("created_at").first()
    if offer is None:
        raise Refusal
    change_offer(domain, str(offer.pk), {"is_active": not offer.is_active}, by=by)


WRITES: dict[str, Callable[[Shop], None]] = {
    write.__name__: write
    for write in (
        *(publish_agent, publish_version, yank, unyank, withhold, lift, delist, relist),
        *(pick, unpick, curate_category, review, rewrite_review, remove_review, reply),
        *(remove_reply, record_downloads, days_pass, roll, trend, compare_versions, forget_diffs),
        *(recompute, recount, rename_person, describe_person, fetch_picture, sign_in_again),
        *(leave, come_back, suspend, reinstate, withdraw_content),
        *(publish_any_text, unpublish_content, archive_content, delete_content),
        take_down_content,
        *(hide_content_type, show_content_type, tell_everybody, sell, switch_offer),
        *(deprecate, deprecate_one, archive, transfer),
    )
}
WRITES |= {
    f"publish_{kind}": partial(publish_content, kind=kind)
    for kind in ("policies", "announcements", "collections", "guides")
}


# After these the first agent or person may have no page. They come last, and their opposites after
# them, so that every other write changes pages that are there.
HIDING = ("yank", "withhold", "delist", "suspend", "leave")
SHOWING = ("unyank", "lift", "relist", "reinstate", "come_back")


def random_history(seed: int) -> list[str]:
    """Return each kind of write once, in a random order where each has an effect."""
    order = random.Random(seed)
    writes = sorted(WRITES.keys() - {*HIDING, *SHOWING})
    return [name for group in (writes, HIDING, SHOWING) for name in order.sample(group, len(group))]
