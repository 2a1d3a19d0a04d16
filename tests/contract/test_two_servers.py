"""A write in one server is visible in the next answer of another."""

from collections.abc import Iterator

import httpx
import pytest

from tests.registry.publishing.test_races import Author
from tests.support.servers.shop import LiveShop, eventually, free_port
from tests.support.servers.visitor import Visitor

# The database makes no difference: a cached page is compared with revisions that it reads.
pytestmark = [pytest.mark.race, pytest.mark.once]

WEB_WORKERS = 2


@pytest.fixture(scope="module")
def other_server(live_shop: LiveShop) -> Iterator[LiveShop]:
    """A second server on the same data, with caches of its own."""
    server = LiveShop(live_shop.data_dir)
    server.port = free_port()
    server.url = f"http://127.0.0.1:{server.port}"
    server.environment = live_shop.environment | {"PORT": str(server.port)}
    server.start()
    yield server
    server.kill()


class Reader:
    """Reads a page of a server often enough that its workers have it in their caches."""

    def __init__(self, server: LiveShop, path: str) -> None:
        self.server, self.path = server, path
        for _ in range(4 * WEB_WORKERS):
            self.page = self.read()
        assert self.page.headers["Cache-Control"].startswith("public")

    def read(self, **headers: str) -> httpx.Response:
        return self.server.get(self.path, headers=headers)

    def read_again(self) -> httpx.Response:
        """The answer for a reader with a copy of the page, who keeps a new one."""
        page = self.read(**{"If-None-Match": self.page.headers["ETag"]})
        if page.status_code == 200:
            self.page = page
        return page


def test_writes_in_one_server_are_visible_in_the_other(
    live_shop: LiveShop, other_server: LiveShop
) -> None:
    key = live_shop.key("racer", "agents:publish", "agents:yank")
    author = Author(live_shop, key, "seen")
    assert author.publish(*author.package("1.0.0")).status_code == 200
    agent, agents, home = (
        Reader(other_server, path) for path in ("/agents/@racer/seen", "/agents?q=seen", "/")
    )
    assert agent.read_again().status_code == 304

    assert author.publish(*author.package("1.1.0")).status_code == 200
    assert "@racer/seen" in agent.page.text
    for reader in (agent, agents, home):
        assert "1.1.0" in reader.read_again().text, reader.path

    critic = {"Authorization": f"Bearer {live_shop.key('critic', 'reviews:write')}"}
    review = {"rating": 2, "title": "Seen elsewhere"}
    answer = live_shop.post(f"{author.agent}/reviews", json=review, headers=critic)
    assert answer.status_code == 201
    assert "2.0" in agent.read_again().text
    assert "2.0" in agents.read_again().text

    assert author.yank("1.1.0").status_code == 200
    assert "1.1.0" not in agents.read_again().text

    downloads = Reader(other_server, "/agents/@racer/seen/downloads")
    assert author.get("/versions/1.0.0/tarball").status_code == 200
    # A thread writes downloads some seconds later.
    eventually(lambda: downloads.read_again().status_code, 200)
    assert downloads.read_again().status_code == 304

    Visitor(live_shop.url).sign_in("root")
    live_shop.manage("grant_role", "root", "maintainer")
    live_shop.manage("delist_agent", "@racer/seen", "--by", "root", "--reason", "Gone elsewhere")
    assert agent.read_again().status_code == 410
    assert "@racer/seen" not in agents.read_again().text
