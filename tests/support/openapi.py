"""The operations of the API, as its description has them."""

from functools import cache
from typing import Any

from clawstore.api import api


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document.

    To build it takes a second, so no test module does that on import.
    """
    return api.get_openapi_schema()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """The method in lower case, the path and the description of each operation."""
    return [
        (method, path, operation)
        for path, by_method in openapi_document()["paths"].items()
        for method, operation in by_method.items()
    ]
