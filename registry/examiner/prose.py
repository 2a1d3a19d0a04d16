"""The prose of a version as HTML: its description and its README."""

import posixpath
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, unquote

from foundation.sandbox.place import working_on
from foundation.text.markdown import Rendered, render_markdown
from registry.package.manifest.schema import MANIFEST

FILE_PAGE = re.compile(r"/agents/@[a-z0-9-]+/[a-z0-9-]+/versions/[0-9A-Za-z.+-]+/files/")


def is_file_page(path: str) -> bool:
    """Whether a URL path is the page of a version's file."""
    return FILE_PAGE.match(path) is not None


def render_documents(
    manifest: Mapping[str, Any], texts: Mapping[str, str], paths: Collection[str]
) -> dict[str, Rendered]:
    """Render the description, and the README if there is one, by document name.

    Relative links lead to the file pages of ``paths``; other relative links become plain text.
    """
    folder = f"/agents/{manifest['id']}/versions/{manifest['version']}/files/"

    def file_page(target: str) -> str:
        relative, hash_sign, fragment = target.partition("#")
        path = posixpath.normpath(unquote(relative))
        return f"{folder}{quote(path)}{hash_sign}{fragment}" if path in paths else ""

    description = str(manifest["description"])
    working_on(MANIFEST)
    documents = {"description": render_markdown(description, resolve_link=file_page)}
    readme = next((path for path in texts if path.casefold() == "readme.md"), None)
    if readme and texts[readme]:
        working_on(readme)
        documents["readme"] = render_markdown(texts[readme], resolve_link=file_page)
    return documents
