"""API documentation page, rendered from the OpenAPI document without JavaScript."""

import json
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from clawstore.about.api_examples import NAMES, SchemaReader, shown_default
from clawstore.about.api_parameters import describe_parameters
from clawstore.about.api_refusals import DEFAULT, add_refusals
from clawstore.api import api
from foundation.web.responses import JSON, json_response

Operation = dict[str, Any]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return json_response(openapi_document())


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every operation by tag, with parameters, body, responses and an example."""
    version, groups = _read_document()
    mcp_address = f"{settings.BASE_URL}/mcp" if settings.MCP_ON else ""
    context = {
        "version": version,
        "groups": groups,
        "mcp_address": mcp_address,
        "has_oauth": settings.OAUTH_ON,
    }
    return render(request, "api/docs.html", context)


# The operations are part of the release, so they stay the same while the process runs.
@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document of the API. It must not be changed."""
    schema = api.get_openapi_schema(path_prefix="/v1/")
    # The framework has numbers for the keys of responses; JSON has only text.
    document: dict[str, Any] = orjson.loads(orjson.dumps(schema, option=orjson.OPT_NON_STR_KEYS))
    describe_parameters(document)
    _add_examples(document)
    add_refusals(document)
    return document


def _add_examples(document: dict[str, Any]) -> None:
    """Give each JSON body and response the example that the page shows."""
    reader = SchemaReader(document.get("components", {}).get("schemas", {}))
    for operations in document["paths"].values():
        for operation in operations.values():
            parts = [operation.get("requestBody", {}), *operation.get("responses", {}).values()]
            for part in parts:
                content = part.get("content", {}).get(JSON, {})
                if "schema" in content:
                    content["example"] = reader.example(content["schema"])


def find_read(operation_id: str) -> Operation | None:
    """Return the operation of a GET by its ID, as the page shows it, or None."""
    _, groups = _read_document()
    operations = (operation for _tag, group in groups for operation in group)
    return next((o for o in operations if o["anchor"] == operation_id and o["is_read"]), None)


@cache
def _read_document() -> tuple[str, list[tuple[str, list[Operation]]]]:
    """The version of the API, and its operations by tag."""
    document = openapi_document()
    reader = SchemaReader(document.get("components", {}).get("schemas", {}))
    groups: dict[str, list[Operation]] = {}
    for address, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["service"])[0]
            groups.setdefault(tag, []).append(_operation(reader, address, method, operation))
    return document["info"]["version"], sorted(groups.items())


def _operation(reader: SchemaReader, address: str, method: str, operation: Operation) -> Operation:
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "address": address,
        "method": method.upper(),
        "anchor": operation["operationId"],
        "paragraphs": with_code(operation.get("description") or operation.get("summary", "")),
        "parameters": [
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "type": reader.type_of(parameter["schema"]),
                "required": parameter.get("required", False),
                "default": shown_default(parameter["schema"]),
                "meaning": with_code(parameter.get("description", "")),
                "sample": NAMES.get(parameter["name"], "") if parameter["in"] == "path" else "",
            }
            for parameter in operation.get("parameters", [])
        ],
        "bodies": [(kind, reader.fields(part.get("schema", {}))) for kind, part in body.items()],
        "responses": [
            _response(status, response)
            for status, response in sorted(operation.get("responses", {}).items(), key=str)
            # The same for all, so the page does not repeat it.
            if status != DEFAULT
        ],
        "curl": _curl(address, method.upper(), operation),
        "needs_credential": bool(operation.get("security")),
        "is_read": method == "get",
    }


def _response(status: object, response: Operation) -> Operation:
    content = response.get("content", {})
    example = content.get(JSON, {}).get("example")
    return {
        "status": status,
        "kinds": list(content),
        "example": "" if example is None else json.dumps(example, indent=2, ensure_ascii=False),
    }


def _curl(address: str, method: str, operation: Operation) -> str:
    """A command that sends the request, with values that stand for the caller's own."""
    for name, value in NAMES.items():
        address = address.replace(f"{{{name}}}", value)
    parts = ["curl" if method == "GET" else f"curl -X {method}"]
    if operation.get("security"):
        parts.append('-H "Authorization: Bearer $CLAWSTORE_KEY"')
    example = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")
    if example is not None:
        body = json.dumps(example, ensure_ascii=False)
        parts += [f'-H "Content-Type: {JSON}"', f"-d '{body}'"]
    return " ".join([*parts, settings.BASE_URL + address])


def with_code(text: str) -> list[SafeString]:
    """The paragraphs of a description; what stands between backticks becomes code."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        texts: list[str] = [escape(part) for part in paragraph.split("`")]
        texts[1::2] = [f"<code>{part}</code>" for part in texts[1::2]]
        # All parts are escaped, so the tags of code are the only markup.
        paragraphs.append(mark_safe("".join(texts)))
    return paragraphs
