"""The shop's own static files as they are served: a stylesheet has in it what it imports.

A page names one stylesheet, whose source is a list of imports, one file per family; a browser that
had to fetch them one by one would wait for the list first. So whoever looks for a static file of
ours (the web server in development, `collectstatic` for production) finds it here, put together
in `settings.STATIC_SERVED`. Nothing is to be run after an edit but the shop, and what has not
changed is not written again. See ADR 13.
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
WORTH_PACKING = {".css", ".js", ".svg"}


class ServedFiles(FileSystemFinder):
    """Finds what lies in `STATICFILES_DIRS`, as it is served."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.served = FileSystemStorage(location=settings.STATIC_SERVED)

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        source = super().find_location(root, path, prefix)
        if not source or not os.path.isfile(source):
            return source
        return str(serve(Path(source), Path(self.served.path(path)))[0])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        base = Path(self.served.location)
        for path, storage in super().list(ignore_patterns):
            for made in serve(Path(storage.path(path)), base / path):
                yield str(made.relative_to(base)), self.served


def serve(source: Path, target: Path) -> list[Path]:
    """Write what is served of a file; gives where: itself and, where nothing else packs it
    afterwards, a packed copy beside it, which the web server hands to those who read that."""
    content = whole_stylesheet(source).encode() if source.suffix == ".css" else source.read_bytes()
    files = {target: content}
    if settings.WHITENOISE_USE_FINDERS and source.suffix in WORTH_PACKING:
        packed = target.with_name(f"{target.name}.gz")
        files[packed] = gzip.compress(content, mtime=0)
    for path, data in files.items():
        _write(path, data)
    return list(files)


def whole_stylesheet(source: Path) -> str:
    """Its text without comments and indentation, which are for those who read the sources, and each
    import replaced by the file of that name beside it, in their order."""
    lines = COMMENT.sub("", source.read_text(encoding="utf-8")).splitlines()
    text = "\n".join(line.strip() for line in lines if line.strip())
    return IMPORT.sub(lambda found: whole_stylesheet(source.with_name(found[1])), text)


def _write(path: Path, data: bytes) -> None:
    if path.is_file() and path.read_bytes() == data:
        return  # Its date stays, and with it whatever browsers have of it.
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may start at once, and a third read: a file is there whole or not at all.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        draft.write(data)
    os.chmod(draft.name, 0o644)
    os.replace(draft.name, path)
