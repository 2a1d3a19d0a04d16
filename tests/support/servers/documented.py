"""A production instance set up as docs/OPERATING.md says."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers.commands import ROOT
from tests.support.servers.lifetime import end_with_parent

MARK = "(!)"
HOST = "claws.example.org"


def commands_without_containers() -> list[str]:
    """The commands of the chapter that the shop's user runs, in order."""
    chapter = (ROOT / "docs/OPERATING.md").read_text().partition("\nWithout containers")[2]
    # The block before is for root, who makes the user.
    return chapter.partition("\nThen, as this user")[2].split("```")[1].strip().splitlines()


def marked_variables() -> list[str]:
    """Names that `.env.example` marks as required."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    marks = [number for number, line in enumerate(lines) if line.startswith(f"# {MARK}")]
    return [next(line for line in lines[n:] if line[0] != "#").split("=")[0] for n in marks]


def filled_example(values: dict[str, str]) -> str:
    """`.env.example` with these values between its quotes."""
    text = (ROOT / ".env.example").read_text()
    for name, value in values.items():
        line = re.compile(rf"^(?:# )?{name}='[^']*'$", re.MULTILINE)
        assert len(line.findall(text)) == 1, name
        text = line.sub(lambda _, name=name, value=value: f"{name}='{value}'", text)
    return text


def good_values(data_dir: Path) -> dict[str, str]:
    """A value for each marked variable, some with characters that a shell would read."""
    return {
        "BASE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "CONTACT_EMAIL": f"desk@{HOST}",
        "TRUSTED_PROXIES": "1",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ADDRESS_SALT": secrets.token_urlsafe(64),
        "DATA_DIR": str(data_dir),
        "GITHUB_CLIENT_ID": "Iv1.$HOME",
        "GITHUB_CLIENT_SECRET": "a&b $(exit 3) `exit 4` #c",
        "EMAIL_URL": "consolemail://",
    }


@dataclass
class DocumentedInstance:
    """A copy of the release in a folder, with its `.env`."""

    folder: Path
    data_dir: Path

    @classmethod
    def copied(cls, folder: Path) -> "DocumentedInstance":
        """Copy the files that belong to the release, and the installed libraries."""
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split("\0")
        for name in filter(None, names):
            # Tests and deleted files are no part of a release.
            if (ROOT / name).is_file() and not name.startswith("tests/"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        # Links, so that the command that installs finds nothing to download.
        environment = Path(sys.prefix).resolve()
        if subprocess.run(["cp", "-al", environment, folder / ".venv"]).returncode:
            subprocess.run(["cp", "-a", environment, folder / ".venv"], check=True)
        data_dir = folder / "var" / "clawstore"
        return cls(folder, data_dir)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-euc", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def start(self, script: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                ["sh", "-euc", script],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=output,
                process_group=0,
                preexec_fn=end_with_parent,
            )

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)}
