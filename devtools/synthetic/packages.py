"""Packages with real bytes, the same for the same content on any day."""

import gzip
import io
import tarfile
from typing import Any

import orjson


def package_of(manifest: dict[str, Any]) -> bytes:
    """A gzipped tarball that passes the rules: the manifest, a README and the two entrypoints."""
    name, topic = manifest["name"], manifest["tagline"]
    files = {
        "agent.json": orjson.dumps(manifest, option=orjson.OPT_INDENT_2).decode(),
        "README.md": f"# {name}\n\n{manifest['description']}\n",
        "AGENTS.md": f"# How {name} works\n\n- Ask first.\n- Answer in five lines.\n- {topic}.\n",
        "SOUL.md": f"You are {name}. You are calm, brief and honest.\n",
    }
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for path, text in files.items():
            raw = text.encode()
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(raw), 0o644
            tar.addfile(entry, io.BytesIO(raw))
    return gzip.compress(plain.getvalue(), mtime=0)
