"""Requests over a bare socket: half sent, slow, chunked, with any header."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.servers.shop import LiveShop

BOUNDARY = "----boundary"


@contextmanager
def connection(shop: LiveShop, *, timeout: float = 20) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", shop.port), timeout=timeout) as client:
        yield client


def head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def response(client: socket.socket) -> tuple[int, bytes]:
    """The status and all that follows, until the server closes or pauses."""
    data = b""
    with suppress(ConnectionResetError):
        while chunk := client.recv(65536):
            data += chunk
    return int(data.split(b" ", 2)[1] or 0) if data else 0, data


def chunked(body: bytes, size: int = 4096) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def multipart(fields: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, data in files.items():
        disposition = f'Content-Disposition: form-data; name="{name}"; filename="{name}.tgz"'
        parts.append(f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def open_files_below(folder: Path) -> list[str]:
    """Files below the folder that a process has open, also those without a name."""
    paths = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            paths.append(os.readlink(link))
    return [path for path in paths if path.startswith(f"{folder}/")]
