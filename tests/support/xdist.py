"""What one process of a parallel run takes at once, where `--dist loadscope` is asked for."""

from zlib import crc32

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

PAGES = "tests/e2e/browser/test_accessibility.py::test_a_page["


class Portions(LoadScopeScheduling):
    """A folder's tests share a server or a shop, which then starts once. The pages that are held
    against the axe rules take as long as all the rest of theirs: two processes share them."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(PAGES):
            return f"pages {crc32(nodeid.encode()) % 2}"
        return nodeid.partition("::")[0].rpartition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Portions | None:
    return Portions(config, log) if config.getoption("dist") == "loadscope" else None
