"""Meanings of the parameters of the API: one name means the same everywhere.

The order of results has a meaning of its own in each list, and is described there.
"""

from typing import Any

from registry.models import Channel
from registry.search import BEST_MATCH, SORTS

MEANINGS = {
    "asset_id": "The id of an icon or a screenshot.",
    "category": "The id of a category, as `/v1/categories` lists them.",
    "channel": f"One of {', '.join(Channel.values)}.",
    "createdAfter": "A time in ISO 8601.",
    "createdBefore": "A time in ISO 8601.",
    "cursor": "`nextCursor` of the page before; absent for the first page.",
    "days": "A number of days that end today, 1 to 90.",
    "domain": "The name of a domain of content.",
    "draft": "Whether drafts are read, too; this needs a key.",
    "item_id": "The id of a content item.",
    "job_id": "The id of a scheduled change.",
    "language": "A code of two letters, such as de.",
    "license": "An SPDX expression, such as MIT.",
    "limit": "How many items at most, 1 to 100; 20 if absent.",
    "locale": "A language tag, such as de or pt-BR.",
    "fallbackLocale": "The language tag that is read where the locale has no text.",
    "login": "The login of a person, without @.",
    "name": "The part of the agent's id behind the slash.",
    "new": "The version that is compared, such as 1.1.0.",
    "old": "The version that it is compared with, such as 1.0.0.",
    "path": "The path of a file in the package.",
    "provider": "A model provider, such as anthropic.",
    "report_id": "The id on the receipt of a report.",
    "review_id": "The id of a review.",
    "scope": "The part of the agent's id before the slash, without @.",
    "secrets": "`none`: only agents that ask for no secrets.",
    "since": "The cursor of the response before; absent for everything.",
    "slug": "The name of a content type or a page.",
    "tag": "A tag. It may be repeated; an agent then has all of them.",
    "version": "A version number, such as 1.0.0.",
}
# By operation, where a name means something else.
OF_OPERATION = {
    ("/v1/agents", "sort"): f"One of {', '.join((*SORTS, BEST_MATCH))}.",
    ("/v1/agents", "q"): "Words to search for; at most 256 characters.",
}


def describe_parameters(document: dict[str, Any]) -> None:
    """Describe each parameter of an OpenAPI document that has a known meaning."""
    for address, operations in document["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                name = parameter["name"]
                meaning = OF_OPERATION.get((address, name)) or MEANINGS.get(name)
                if meaning and not parameter.get("description"):
                    parameter["description"] = meaning
