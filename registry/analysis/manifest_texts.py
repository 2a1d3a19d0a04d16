"""The texts in agent.json as a client reads them: without the escapes of JSON.

An escape such as `\\u200b` is plain ASCII in the file and an invisible character for the client.
"""

import json
from collections.abc import Iterator

from registry.package.manifest.line_numbers import JsonPath, line_numbers

# Addresses for people. The pages show them; no agent contacts them because of the manifest.
LINKS: frozenset[JsonPath] = frozenset({("homepage",), ("repository",), ("author", "url")})


def manifest_texts(source: str, *, with_links: bool = True) -> list[tuple[int, str]]:
    """Returns each key and string value of a JSON text with its line, from 1.

    An imported text may be no JSON; then its lines are returned as they are.
    """
    try:
        document = json.loads(source)
        lines = line_numbers(source)
    except (ValueError, RecursionError):
        return list(enumerate(source.split("\n"), start=1))
    return [
        (lines.get(path, 1), text)
        for path, text in _texts(document)
        if with_links or path not in LINKS
    ]


def _texts(document: object) -> Iterator[tuple[JsonPath, str]]:
    stack: list[tuple[JsonPath, object]] = [((), document)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            for key, child in value.items():
                yield (*path, key), key
                stack.append(((*path, key), child))
        elif isinstance(value, list):
            stack.extend(((*path, index), child) for index, child in enumerate(value))
