"""Rolling 30-day sums and networks."""

from dataclasses import replace
from datetime import timedelta

from foundation.accounts.models import User
from foundation.clock import today
from registry.downloads.recorder import (
    EventKind,
    make_event,
    record_event,
)
from registry.downloads.recount import find_differences
from registry.downloads.rolling import delete_old_sketches, roll_sums
from registry.models import DownloadDay, NetworkSketch, Version
from tests.support.factories import make_agent, make_version


def test_rolling_sums_cover_thirty_days(ada: User) -> None:
    agent = make_agent(ada)
    version = make_version(agent)
    for days_ago, downloads in ((0, 1), (29, 10), (30, 100)):
        day = today() - timedelta(days=days_ago)
        DownloadDay.objects.create(version=version, day=day, downloads=downloads)
    empty = make_agent(ada, "other", downloads_30d=7)

    actual = {
        difference.full_id: difference.actual
        for _, differences in find_differences()
        for difference in differences
    }
    assert actual == {"@ada/coach": 11, "@ada/other": 0}
    assert roll_sums() == 2
    assert list(find_differences()) == []

    agent.refresh_from_db()
    empty.refresh_from_db()
    assert (agent.downloads_30d, empty.downloads_30d) == (11, 0)
    assert roll_sums() == 0


def test_networks_of_the_last_thirty_days(ada: User) -> None:
    agent = make_agent(ada)
    first, second = make_version(agent, "1.0.0"), make_version(agent, "1.1.0")

    def download(version: Version, network: str, days_ago: int = 0) -> None:
        event = make_event(version, EventKind.DOWNLOAD, network=network, user_id=None)
        record_event(replace(event, day=today() - timedelta(days=days_ago)))

    for version in (first, second):
        for days_ago in (0, 1):
            download(version, "a", days_ago)
    download(first, "b")
    record_event(make_event(first, EventKind.CRAWL, network="c", user_id=None))

    agent.refresh_from_db()
    assert agent.networks_30d == 2
    columns = {d.column for _, differences in find_differences() for d in differences}
    assert "networks_30d" not in columns

    NetworkSketch.objects.filter(day=today()).update(day=today() - timedelta(days=30))
    assert delete_old_sketches() == 1
    agent.refresh_from_db()
    assert agent.networks_30d == 1
