"""Settings of the database."""

from pathlib import Path
from typing import Any

import pytest

from clawstore.databases import database_settings

pytestmark = pytest.mark.once


@pytest.mark.parametrize("exists", [True, False])
def test_only_the_owner_can_read_the_sqlite_file(tmp_path: Path, exists: bool) -> None:
    file = tmp_path / "clawstore.sqlite3"
    if exists:
        file.write_bytes(b"")
        file.chmod(0o644)

    database_settings(f"sqlite:///{file}", data_dir=tmp_path, threads=4)

    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("query", "threshold"),
    [("", 5), ("?prepare_threshold=0", 0), ("?prepare_threshold=none", None)],
)
def test_operator_chooses_when_queries_are_prepared(
    tmp_path: Path, query: str, threshold: int | None
) -> None:
    url = f"postgresql://shop@localhost/shop{query}"

    options: Any = database_settings(url, data_dir=tmp_path, threads=4)["OPTIONS"]

    assert options["prepare_threshold"] == threshold
