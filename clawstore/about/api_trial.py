"""Forms of the API page that try a read: the answer opens as a page of its own."""

from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from clawstore.about.api_docs import find_read
from foundation.refusals import NotFound

MAX_VALUE_LENGTH = 500
"""Characters of one parameter."""


@require_safe
def try_read(request: HttpRequest, operation_id: str) -> HttpResponse:
    """Lead to the answer of a read, or back to its form without a part of the path."""
    operation = find_read(operation_id)
    if operation is None:
        raise NotFound("There is no read of this name.")
    address = fill_address(operation["address"], operation["parameters"], request.GET)
    return HttpResponseRedirect(address or f"{reverse('api_docs')}#{operation_id}")


def fill_address(address: str, parameters: list[dict[str, str]], values: QueryDict) -> str:
    """Return the address with these values; blank if a part of the path has none."""
    query: list[tuple[str, str]] = []
    for parameter in parameters:
        name = parameter["name"]
        value = values.get(name, "").strip()[:MAX_VALUE_LENGTH]
        if parameter["place"] == "query":
            query += [(name, value)] if value else []
        elif parameter["place"] == "path":
            # The path of a file has slashes.
            safe = "/" if name == "path" else ""
            # Dots alone would be read as steps in the path.
            if any(part.strip(".") == "" for part in (value.split("/") if safe else [value])):
                return ""
            address = address.replace(f"{{{name}}}", quote(value, safe=safe))
    return f"{address}?{urlencode(query)}" if query else address
