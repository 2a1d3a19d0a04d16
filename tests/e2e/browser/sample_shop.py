"""A live shop with sample content, which is created once in a run and copied."""

import json
import shutil
import tempfile
from pathlib import Path

from tests.support.servers.commands import environment_of, manage
from tests.support.servers.shop import LiveShop
from tests.support.servers.tables import copy_tables, run_folder, run_lock

CREATE = "from tests.e2e.browser.shop_contents import create_sample_shop as s; print(s())"


class SampleShop(LiveShop):
    """A shop with the content of ``create_sample_shop``, on SQLite."""

    def prepare(self) -> None:
        shutil.copytree(ready_sample(), self.data_dir, dirs_exist_ok=True)

    @property
    def parts(self) -> dict[str, str]:
        """Parts of the addresses of the content."""
        parts: dict[str, str] = json.loads((self.data_dir / "parts.json").read_text())
        return parts


def ready_sample() -> Path:
    """The data folder to copy; created on the first call of a run."""
    ready = run_folder() / "sample"
    with run_lock("sample"):
        if not ready.is_dir():
            folder = Path(tempfile.mkdtemp(dir=run_folder()))
            copy_tables(folder / "clawstore.sqlite3")
            output = manage(environment_of(folder, DEMO="off"), "shell", "-c", CREATE)
            (folder / "parts.json").write_text(output.splitlines()[-1])
            folder.rename(ready)
    return ready
