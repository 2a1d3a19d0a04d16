"""Scheduling of a parallel run with `--dist loadscope`."""

from zlib import crc32

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/e2e/browser/"
PAGES = f"{BROWSER}test_accessibility.py::test_page_is_accessible["
FORMS = tuple(f"{BROWSER}test_{name}.py" for name in ("account_in_place", "in_place", "journeys"))
# Their modules start servers of their own, so two processes may share the folder.
MODULES_WITH_SERVERS = ("tests/e2e/faults/", "tests/e2e/hostile/")
# A long scope that starts last would keep one process busy while the others wait.
LONGEST_FIRST = ("tests/e2e/production", "tests/e2e/browser", "pages 0", "pages 1", "forms")


class FolderScheduling(LoadScopeScheduling):
    """Gives the tests of a folder to one process, so their server starts once.

    The browser tests take as long as all others, so several processes share them.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if nodeid.startswith(PAGES):
            return f"pages {crc32(nodeid.encode()) % 2}"
        if file in FORMS:
            return "forms"
        return file if file.startswith(MODULES_WITH_SERVERS) else file.rpartition("/")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        longest = next((scope for scope in LONGEST_FIRST if scope in self.workqueue), None)
        if longest is not None:
            self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FolderScheduling | None:
    return FolderScheduling(config, log) if config.getoption("dist") == "loadscope" else None
