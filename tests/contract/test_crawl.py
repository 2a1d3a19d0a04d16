"""A crawl of all links: none is dead and no page fails."""

from collections import Counter, deque
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve

from foundation.accounts.models import User
from tests.e2e.browser.shop_contents import create_sample_shop
from tests.support.page import Page

MOST_PAGES = 400
HOSTILE_AGENT = "/agents/@dora/hostile"
# Versions, searches and sign-in links have many addresses of the same view: a few of each are
# enough. Signed-in users see little more than visitors.
MOST_OF_A_KIND, MOST_WHEN_SIGNED_IN = 5, 2
INDEXED = {"description", "canonical"}


@dataclass
class Crawl:
    """A breadth-first crawl; ``wrong`` collects problems and where they were linked."""

    client: Client
    most_of_a_kind: int
    referrers: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    pages: int = 0

    def run(self, *starts: str) -> "Crawl":
        queue = deque([(start, "") for start in starts])
        while queue and self.pages < MOST_PAGES:
            address, found_on = queue.popleft()
            if address in self.referrers or self.is_enough_of(address):
                continue
            self.referrers[address] = found_on
            queue.extend((link, address) for link in self.visit(address, found_on))
        return self

    def is_enough_of(self, address: str) -> bool:
        """Whether enough pages of this route were visited."""
        try:
            kind = resolve(urlsplit(address).path).view_name
        except Resolver404:
            return False
        self.kinds[kind] += 1
        return bool(kind) and self.kinds[kind] > self.most_of_a_kind

    def visit(self, address: str, found_on: str) -> list[str]:
        """Check a page and return its links."""
        if address.startswith(settings.STATIC_URL):
            if not finders.find(address.removeprefix(settings.STATIC_URL)):
                self.wrong.append(f"{address} (on {found_on}): no such file")
            return []
        answer = self.client.get(address)
        self.pages += 1
        if answer.status_code >= 400:
            self.wrong.append(f"{address} (on {found_on}): {answer.status_code}")
        if answer.status_code in {301, 302}:
            return links_of([answer["Location"]], address)
        if not answer.get("Content-Type", "").startswith("text/html"):
            return []
        page = Page(body(answer))
        self.judge(page, address)
        return links_of(addresses_in(page), address)

    def judge(self, page: Page, address: str) -> None:
        if address.startswith("/admin/"):
            return
        missing_names = {"lang", "title"} - metadata_of(page)
        if not is_hidden(page):
            missing_names |= INDEXED - metadata_of(page)
        if missing_names:
            self.wrong.append(f"{address}: no {', '.join(sorted(missing_names))}")


def body(answer: HttpResponseBase) -> str:
    content: bytes = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return content.decode()


def metadata_of(page: Page) -> set[str]:
    parts = {"lang"} if page.all("html")[0].get("lang") else set()
    parts |= {"title"} if page.all("title") else set()
    parts |= {"canonical"} if page.canonical() else set()
    meta_by_name = {meta.get("name"): meta.get("content") for meta in page.all("meta")}
    return parts | ({"description"} if meta_by_name.get("description") else set())


def is_hidden(page: Page) -> bool:
    robots = [m.get("content") or "" for m in page.all("meta") if m.get("name") == "robots"]
    return any("noindex" in content for content in robots)


def addresses_in(page: Page) -> list[str]:
    links = page.links() + [a["href"] or "" for a in page.all("link") if "href" in a]
    return links + [a.get("src") or "" for tag in ("img", "script") for a in page.all(tag)]


def links_of(addresses: list[str], here: str) -> list[str]:
    """Links to this site, as paths with their query."""
    base = settings.BASE_URL + here
    absolute = [urldefrag(urljoin(base, link)).url for link in addresses if link]
    internal = [link for link in absolute if link.startswith(settings.BASE_URL)]
    parts = [urlsplit(link) for link in internal]
    return [part.path + (f"?{part.query}" if part.query else "") for part in parts]


def test_no_link_is_dead_for_any_kind_of_user(db: None) -> None:
    create_sample_shop(versions=9, reviewers=3)

    for login in ("", "dora", "grace", "root"):
        client = Client()
        if login:
            client.force_login(User.objects.get(username=login))
        crawl = Crawl(client, MOST_WHEN_SIGNED_IN if login else MOST_OF_A_KIND)
        crawl.run("/", HOSTILE_AGENT)

        assert (login, sorted(crawl.wrong)) == (login, [])
        assert crawl.pages < MOST_PAGES
        assert "/about/terms" in crawl.referrers
        assert ("/admin/" in crawl.referrers) == (login == "root")
