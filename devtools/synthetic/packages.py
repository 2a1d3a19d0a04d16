"""Packages of synthetic agents; equal manifests give equal bytes."""

import gzip
import io
import tarfile
from typing import Any

import orjson


def build_package(manifest: dict[str, Any]) -> bytes:
    """A gzipped tarball that passes the package check: manifest, README, entrypoints."""
    name, topic = manifest["name"], manifest["tagline"]
    files = {
        "agent.json": orjson.dumps(manifest, option=orjson.OPT_INDENT_2).decode(),
        "README.md": f"# {name}\n\n{manifest['description']}\n",
        "AGENTS.md": f"# How {name} works\n\n- Ask first.\n- Answer in five lines.\n- {topic}.\n",
        "SOUL.md": f"You are {name}. You are calm, brief and honest.\n",
    }
    tarball = io.BytesIO()
    with tarfile.open(fileobj=tarball, mode="w") as tar:
        for path, text in files.items():
            content = text.encode()
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(tarball.getvalue(), mtime=0)
