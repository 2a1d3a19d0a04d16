"""Pages and feeds have a read limit by network, generous to people."""

import pytest
from django.test import Client, RequestFactory

from clawstore.web.page_limit import SEARCH_COST
from foundation.limits.declarations import get_limit
from foundation.limits.middleware import count_page
from tests.support.http import Api

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.usefixtures("limits_on")]
ALLOWED = get_limit("page").max_units


def read(client: Client, path: str, address: str = "203.0.113.9") -> int:
    return client.get(path, REMOTE_ADDR=address).status_code


def use_up(rf: RequestFactory, address: str = "203.0.113.9", spared_units: int = 0) -> None:
    """Count as many pages as are allowed, as the middleware counts them."""
    count_page(rf.get("/", REMOTE_ADDR=address), cost=ALLOWED - spared_units)


@pytest.mark.parametrize("path", ["/", "/agents", "/about/privacy", "/feeds/versions.atom"])
def test_every_page_is_refused_over_the_limit(
    client: Client, path: str, rf: RequestFactory
) -> None:
    use_up(rf)

    page = client.get(path, REMOTE_ADDR="203.0.113.9")

    assert page.status_code == 429
    assert 0 < int(page["Retry-After"]) <= 60
    assert page["Cache-Control"] == "no-store"
    assert "rate_limited" in page.text
    assert read(client, path, "203.0.113.10") == 200


def test_pictures_of_a_page_are_not_counted(client: Client, rf: RequestFactory) -> None:
    use_up(rf, spared_units=2)
    for number in range(10):
        assert read(client, f"/agents/@a/b{number}/picture.png") == 404

    codes = [read(client, "/about/privacy") for _ in range(3)]

    assert codes == [200, 200, 429]
    assert ALLOWED >= 60, "A person opens sixty tabs in a minute."


def test_a_search_counts_as_several_pages(client: Client, rf: RequestFactory) -> None:
    use_up(rf, spared_units=2 * SEARCH_COST)

    codes = [read(client, path) for path in ("/agents?q=a", "/agents?q=b", "/agents?q=c")]

    assert codes == [200, 200, 429]


def test_addresses_of_one_ipv6_network_share_the_limit(client: Client, rf: RequestFactory) -> None:
    use_up(rf, "2001:db8:1:2::1", spared_units=1)

    assert read(client, "/agents", "2001:db8:1:2:ffff::9") == 200
    assert read(client, "/agents", "2001:db8:1:2:ffff::10") == 429
    assert read(client, "/agents", "2001:db8:1:3::1") == 200


def test_far_over_the_limit_the_answer_is_short(client: Client, rf: RequestFactory) -> None:
    use_up(rf)
    use_up(rf)

    page = client.get("/agents", REMOTE_ADDR="203.0.113.9")

    assert (page.status_code, page["Content-Type"]) == (429, "text/plain")
    assert int(page["Retry-After"]) > 0


def test_pages_and_the_api_have_limits_of_their_own(
    client: Client, api: Api, rf: RequestFactory
) -> None:
    use_up(rf, "127.0.0.1")

    assert read(client, "/agents", "127.0.0.1") == 429
    assert api.get("/v1/agents").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_unknown_addresses_are_counted_too(client: Client, rf: RequestFactory) -> None:
    use_up(rf, spared_units=1)

    codes = [read(client, f"/nowhere-{number}") for number in range(2)]

    assert codes == [404, 429]
