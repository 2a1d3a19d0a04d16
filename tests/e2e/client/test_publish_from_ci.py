"""The workflow file of the page publishes with the real client and no stored key."""

import html
import json
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.e2e.client.npm import CLIENT
from tests.support.issuer import GITHUB_CLAIMS, running_issuer
from tests.support.packages import package_files
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.client


def test_run_of_the_workflow_of_the_page_publishes(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    for path, content in package_files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    full_id = json.loads((folder / "agent.json").read_text())["id"]
    with running_issuer() as issuer:
        trusted = f"github={issuer.url}"
        (tmp_path / "shop").mkdir()
        with LiveShop(tmp_path / "shop", TRUSTED_ISSUERS=trusted) as shop:
            visitor = Visitor(shop.url)
            visitor.sign_in("ada")
            fields = {
                "full_id": full_id,
                "issuer_url": issuer.url,
                "repository": "ada/coach",
                "workflow": "publish.yml",
                "refs": "main",
                "environment": "",
            }
            visitor.submit(visitor.get("/account/ci"), to="/account/ci", **fields)
            steps = read_steps(visitor.get("/account/ci").text)
            tag_token = issuer.token(GITHUB_CLAIMS | {"ref": "refs/tags/v1"}, aud=shop.url)
            issuer.documents["/request"] = {"value": tag_token}
            refusal = run_step(steps[0], issuer.url, tmp_path, cwd=folder)
            assert refusal.returncode != 0
            assert "workflow_not_trusted" in refusal.stdout
            issuer.documents["/request"] = {"value": issuer.token(aud=shop.url)}
            result = run_step(steps[0], issuer.url, tmp_path, cwd=folder)
            assert result.returncode == 0, result.stdout
            queries = [parse_qs(urlsplit(path).query) for path in issuer.requests]
            assert {"api-version": ["2"], "audience": [shop.url]} in queries
            result = run_step(steps[1], issuer.url, tmp_path, cwd=folder)
            assert result.returncode == 0, result.stdout
            versions = visitor.get(f"/v1/agents/{full_id}/versions").json()["items"]
            version = visitor.get(f"/v1/agents/{full_id}/versions/{versions[0]['version']}").json()
            assert version["provenance"]["commit"] == GITHUB_CLAIMS["sha"]


def read_steps(page: str) -> list[dict[str, object]]:
    """The steps of GitHub's file on the page, without the checkout."""
    text = re.search(r"<pre[^>]*>(name: Publish.*?)</pre>", page, re.DOTALL)
    assert text
    workflow = yaml.safe_load(html.unescape(text[1]))
    steps: list[dict[str, object]] = workflow["jobs"]["publish"]["steps"][1:]
    return steps


def run_step(
    step: dict[str, object], issuer_url: str, home: Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does; the client is installed already."""
    script = str(step["run"]).replace("npx --yes clawstore@0.1.7", str(CLIENT))
    step_environment = step.get("env") or {}
    assert isinstance(step_environment, dict)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd or home,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{issuer_url}/request?api-version=2",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer of the runner",
            **step_environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
