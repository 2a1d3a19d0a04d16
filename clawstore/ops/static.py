"""Static files finder that inlines the imports of stylesheets (ADR 13).

Pages load one stylesheet, whose source is a list of imports. The finder writes the assembled file
into `settings.STATIC_SERVED`, for the web server in development and for `collectstatic`.
"""

import gzip
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

IMPORT = re.compile(r'^@import "([\w.-]+)";$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
COMPRESSIBLE = {".css", ".js", ".svg"}


class ServedFiles(FileSystemFinder):
    """Finder for `STATICFILES_DIRS` that returns assembled files."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=settings.STATIC_SERVED)

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        source = super().find_location(root, path, prefix)
        if not source or not os.path.isfile(source):
            return source
        return str(serve(Path(source), Path(self.storage.path(path)))[0])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        base = Path(self.storage.location)
        for path, storage in super().list(ignore_patterns):
            for file in serve(Path(storage.path(path)), base / path):
                yield str(file.relative_to(base)), self.storage


def serve(source: Path, target: Path) -> list[Path]:
    """Write the served form of a file; return the paths written.

    In development a gzip copy is written beside it; in production `collectstatic` compresses.
    """
    content = (
        assembled_stylesheet(source).encode() if source.suffix == ".css" else source.read_bytes()
    )
    files = {target: content}
    if settings.WHITENOISE_USE_FINDERS and source.suffix in COMPRESSIBLE:
        compressed_file = target.with_name(f"{target.name}.gz")
        # Without a time, so that equal content gives equal bytes and the file is not written again.
        files[compressed_file] = gzip.compress(content, mtime=0)
    for path, data in files.items():
        _write(path, data)
    return list(files)


def assembled_stylesheet(source: Path) -> str:
    """The stylesheet with its imports inlined, without comments and indentation."""
    lines = COMMENT.sub("", source.read_text(encoding="utf-8")).splitlines()
    text = "\n".join(line.strip() for line in lines if line.strip())
    return IMPORT.sub(lambda match: assembled_stylesheet(source.with_name(match[1])), text)


def _write(path: Path, data: bytes) -> None:
    if path.is_file() and path.read_bytes() == data:
        return  # An unchanged date keeps the copies that browsers have.
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may start at once while a third reads, so the file is replaced atomically.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        draft.write(data)
    # Temporary files are private, and a web server with another user reads these.
    os.chmod(draft.name, 0o644)
    os.replace(draft.name, path)
