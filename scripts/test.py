"""Run all checks and tests; `--quick` skips browser, npm client and S3 tests.

A failed step does not stop the others. Steps that this machine cannot run are named at the end and
count as failures if CI=true.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e.browser.chromium import missing_for_browser  # noqa: E402  (the line above finds it)
from tests.e2e.client.npm import prepare_client  # noqa: E402
from tests.support.servers.lnbits import prepare_lnbits  # noqa: E402
from tests.support.servers.nginx import missing_for_nginx  # noqa: E402
from tests.support.servers.postgresql import embedded_postgresql  # noqa: E402
from tests.support.servers.redis import missing_for_redis  # noqa: E402
from tests.support.servers.s3 import missing_for_s3  # noqa: E402
from tests.support.servers.tables import ready_server  # noqa: E402

BIN = Path(sys.executable).parent
# About forty processes load the same modules, so bytecode is written whatever the shell says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
IN_CI = os.environ.get("CI", "").lower() == "true"
# The needs of marked tests: each function returns why the machine lacks it, or "".
NEEDS = {
    "s3": missing_for_s3,
    "browser": missing_for_browser,
    "client": prepare_client,
    "production": missing_for_redis,
    "nginx": missing_for_nginx,
    "lnbits": prepare_lnbits,
    # Servers of our own, for tests that need nothing else.
    "live": lambda: "",
}
NEEDS_NOTHING = " and ".join(f"not {mark}" for mark in NEEDS)
# Three processes on two cores, because each waits at times for disks, locks and other processes.
# Every test in this folder has one of these marks; to import it, and a browser's driver, takes a
# second in each process.
WITHOUT_SERVERS = ("-n", "3", "-p", "no:playwright", "--ignore=tests/e2e")

CHECKS = {
    "Types": ["mypy"],
    "Format": ["ruff", "format", "--check", "--quiet", "."],
    "Lint": ["ruff", "check", "--quiet", "."],
    "Style": ["python", "scripts/style.py"],
    "Templates": ["djlint", "templates", "--lint", "--quiet"],
    "Import contracts": ["lint-imports", "--no-cache", "--no-logo"],
    "Missing migrations": [
        *["python", "manage.py", "makemigrations", "--check", "--dry-run", "--skip-checks"]
    ],
    "System check": ["python", "manage.py", "check", "--fail-level", "WARNING"],
    # All tests wait for these databases, so they are made while mypy still runs.
    "Migrations from nothing": ["python", "-m", "tests.support.servers.tables"],
}


@dataclass
class Result:
    """The result of a whole run."""

    failed_steps: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    tests: dict[str, int] = field(default_factory=lambda: {"passed": 0, "failed": 0, "skipped": 0})

    @property
    def is_good(self) -> bool:
        return not self.failed_steps and not (IN_CI and self.not_run)


def main() -> int:
    quick = "--quick" in sys.argv
    result = Result()
    with tempfile.TemporaryDirectory(prefix="clawstore-tests-") as scratch:
        # One part of the run leaves files here for the next: tests/support/servers/tables.py.
        os.environ["CLAWSTORE_TESTS_ROOT"] = scratch
        if not quick:
            # Installing it takes a minute of waiting, while the tests need the processor.
            Thread(target=prepare_lnbits, daemon=True).start()
        run_checks(result, Path(scratch, "checks"))
        run_tests(result, "SQLite", *WITHOUT_SERVERS, "-m", f"{NEEDS_NOTHING} and not postgresql")
        run_on_postgresql(result)
        if not quick:
            run_with_servers(result)
    print_result(result)
    return 0 if result.is_good else 1


def run_checks(result: Result, scratch: Path) -> None:
    """Run the static checks, two at a time: most use one core."""
    environment = os.environ | {"DATA_DIR": str(scratch), "CLAWSTORE_MODE": "development"}
    environment.pop("DATABASE_URL", None)

    def run(title: str) -> tuple[str, subprocess.CompletedProcess[str], float]:
        tool, *arguments = CHECKS[title]
        start = time.monotonic()
        process = subprocess.run(
            [str(BIN / tool), *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return title, process, time.monotonic() - start

    with ThreadPoolExecutor(2) as pool:
        for title, process, seconds in pool.map(run, CHECKS):
            print(f"--- {title}\n{process.stdout}    {seconds:.1f} s", flush=True)
            if process.returncode:
                result.failed_steps.append(title)


def run_on_postgresql(result: Result) -> None:
    """Run the tests again on PostgreSQL: TEST_DATABASE_URL, or an embedded server."""
    with ExitStack() as stack:
        url = os.environ.get("TEST_DATABASE_URL", "")
        if not url:
            try:
                url = stack.enter_context(embedded_postgresql(ready_server()))
            except Exception as error:  # Any reason is reported at the end of the run.
                result.not_run.append(f"Tests on PostgreSQL: the server did not start ({error!r})")
                return
        arguments = [*WITHOUT_SERVERS, "-m", f"{NEEDS_NOTHING} and not once"]
        run_tests(result, "PostgreSQL", *arguments, *files_to_repeat(), database=url)


def run_with_servers(result: Result) -> None:
    """Run the tests that need an S3 server, a browser, the client or Redis."""
    reasons_by_mark = {mark: why_not() for mark, why_not in NEEDS.items()}
    result.not_run += [
        f"Tests marked {mark}: {reason}" for mark, reason in reasons_by_mark.items() if reason
    ]
    present = [mark for mark, reason in reasons_by_mark.items() if not reason]
    if present:
        marks = " or ".join(present)
        # Three processes, because these tests mostly wait. tests/support/xdist.py schedules them.
        arguments = ["-n", "3", "--dist", "loadscope", "-m", marks, *files_with(present)]
        run_tests(result, marks, *arguments)


def files_with(marks: list[str]) -> list[str]:
    """Test files with one of these marks; collecting all files would take too long."""
    markers = [f"pytest.mark.{mark}" for mark in marks]
    return [
        path for path, text in test_files().items() if any(marker in text for marker in markers)
    ]


def files_to_repeat() -> list[str]:
    """Test files that are not as a whole marked `once`, for the same reason."""
    once = re.compile(r"^pytestmark = .*\bpytest\.mark\.once\b", re.MULTILINE)
    return [path for path, text in test_files().items() if not once.search(text)]


def test_files() -> dict[str, str]:
    """The texts of all test files by path."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return {str(path): path.read_text(encoding="utf-8") for path in paths}


def run_tests(result: Result, title: str, *arguments: str, database: str = "") -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TEST_DATABASE_URL"}
    environment |= {"TEST_DATABASE_URL": database} if database else {}
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [str(BIN / "pytest"), *arguments, f"--junitxml={report.name}"]
        run_step(result, f"Tests: {title}", command, environment)
        for outcome, count in counts_in(Path(report.name)):
            result.tests[outcome] += count


def counts_in(report: Path) -> Iterator[tuple[str, int]]:
    """Passed, failed and skipped tests of a report; nothing if it is empty."""
    if not report.stat().st_size:
        return
    for suite in ElementTree.parse(report).iter("testsuite"):
        failed_count = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped_count = int(suite.get("skipped", 0))
        yield "failed", failed_count
        yield "skipped", skipped_count
        yield "passed", int(suite.get("tests", 0)) - failed_count - skipped_count


def run_step(result: Result, title: str, command: list[str], environment: dict[str, str]) -> None:
    with timed(title):
        if subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode:
            result.failed_steps.append(title)


@contextmanager
def timed(title: str) -> Iterator[None]:
    print(f"--- {title}", flush=True)
    start = time.monotonic()
    yield
    print(f"    {time.monotonic() - start:.1f} s", flush=True)


def print_result(result: Result) -> None:
    for reason in result.not_run:
        print(f"\n!!! COULD NOT RUN HERE: {reason}")
    for title in result.failed_steps:
        print(f"\n!!! FAILED: {title}")
    print(f"\n{result.tests['passed']} passed, {result.tests['failed']} failed", end="")
    print(f", {result.tests['skipped']} skipped" if result.tests["skipped"] else "", flush=True)


if __name__ == "__main__":
    sys.exit(main())
