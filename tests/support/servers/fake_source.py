"""A source of a mirror that answers as a shop does, and lies where a test says so."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.packages import manifest, tarball

Json = dict[str, Any]


@dataclass
class FakeSource:
    """``lies`` replace the answer of a path, by a document or a function.

    ``paths`` are all that was asked for, ``keys`` the authorizations.
    """

    url: str = ""
    versions: dict[str, list[Json]] = field(default_factory=dict)
    packages: dict[tuple[str, str], bytes] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    lies: dict[str, Json | Callable[["FakeSourceHandler"], None]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def publish(self, full_id: str, number: str, **changes: Any) -> Json:
        """Publish a version and return its record, which may be changed."""
        document = manifest(id=full_id, version=number, **changes)
        data = tarball({}, document)
        record = {
            "version": number,
            "channel": "community",
            "manifest": document,
            "tarballSha256": hashlib.sha256(data).hexdigest(),
            "tarballSizeBytes": len(data),
            "yankedAt": None,
            "withheld": None,
            "assets": [],
        }
        self.versions.setdefault(full_id, []).append(record)
        self.packages[full_id, number] = data
        self.events.append({"kind": "version.published", "id": full_id, "version": number})
        return record

    def answer(self, path: str, query: dict[str, list[str]]) -> Json | bytes | None:
        _, _, kind, *parts = path.split("/")
        if kind == "changes":
            start = int(query.get("since", ["0"])[0])
            items = self.events[start : start + 2]
            end = start + len(items)
            return {"items": items, "next": str(end) or None, "more": end < len(self.events)}
        if path == "/v1/agents":
            return {"items": []}
        scope, name = parts[0].lstrip("@"), parts[1].removesuffix(".json")
        records = self.versions.get(f"@{scope}/{name}")
        if records is None:
            return None
        if kind == "index":
            return {"id": f"@{scope}/{name}", "versions": [_indexed(row) for row in records]}
        if len(parts) == 2:
            return {"id": "an id", "deprecation": None}
        if len(parts) == 3:
            return {"items": [{"version": row["version"]} for row in records]}
        if parts[-1] == "tarball":
            return self.packages[f"@{scope}/{name}", parts[3]]
        return next((row for row in records if row["version"] == parts[3]), None)


def _indexed(row: Json) -> Json:
    return {
        "version": row["version"],
        "channel": row["channel"],
        "sha256": row["tarballSha256"],
        "sizeBytes": row["tarballSizeBytes"],
        "yankedAt": row["yankedAt"],
        "withheld": bool(row["withheld"]),
    }


class FakeSourceHandler(BaseHTTPRequestHandler):
    fake: FakeSource

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.fake.paths.append(address.path)
        self.fake.keys.add(self.headers.get("Authorization", ""))
        lie = self.fake.lies.get(address.path)
        with suppress(ConnectionError):
            if callable(lie):
                lie(self)
            else:
                self.send(lie or self.fake.answer(address.path, parse_qs(address.query)))

    def send(self, answer: Json | bytes | None, status: int = 200, **headers: str) -> None:
        if answer is None:
            status, answer = 404, {"error": {"code": "agent_not_found", "message": ""}}
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def fake_source() -> Iterator[FakeSource]:
    fake = FakeSource()
    handler = type("Handler", (FakeSourceHandler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
