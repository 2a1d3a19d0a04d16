"""API documentation page, rendered from the OpenAPI document without JavaScript."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clawstore.api import api


def api_docs(request: HttpRequest) -> HttpResponse:
    """Every operation by tag, with parameters, bodies and responses."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/v1/")
    groups: dict[str, list[dict[str, Any]]] = {}
    for address, operations in schema["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["service"])[0]
            groups.setdefault(tag, []).append(_operation(address, method, operation))
    return render(request, "api/docs.html", {"schema": schema, "groups": sorted(groups.items())})


def _operation(address: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": address,
        "method": method.upper(),
        "anchor": operation["operationId"],
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": operation.get("parameters", []),
        "body": _body(operation),
        "answers": sorted(operation.get("responses", {}), key=str),
        "needs_credential": bool(operation.get("security")),
    }


def _body(operation: dict[str, Any]) -> list[str]:
    return sorted(operation.get("requestBody", {}).get("content", {}))
