"""Scheduling of a parallel run with `--dist loadscope`."""

from zlib import crc32

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

PAGES = "tests/e2e/browser/test_accessibility.py::test_page_is_accessible["


class FolderScheduling(LoadScopeScheduling):
    """Gives the tests of a folder to one process, so their server starts once.

    The accessibility pages take as long as all other browser tests; two processes share them.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(PAGES):
            return f"pages {crc32(nodeid.encode()) % 2}"
        return nodeid.partition("::")[0].rpartition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FolderScheduling | None:
    return FolderScheduling(config, log) if config.getoption("dist") == "loadscope" else None
