"""Schemas of the arguments of tools, made of the OpenAPI document of the API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from clawstore.about.api_docs import openapi_document
from clawstore.mcp.tool import Tool
from foundation.text.expressions import compile_text
from foundation.web.responses import JSON

JsonSchema = dict[str, Any]
CONVERTER = compile_text(r"\{\w+:")
COMPONENTS = "#/components/schemas/"
# Parameters whose name in the path is not the name of the argument.
ARGUMENT_NAMES = {"payment_hash": "paymentHash"}
MEANINGS = {
    "asset": "The id of an asset.",
    "delivery": "The id of a delivery.",
    "webhook": "The id of a webhook.",
    "agent": "The id of an agent, such as @ada/coach.",
    "contentType": "The name of a content type.",
    "dryRun": "Check everything and store nothing.",
    "expectedVersion": "Refuse the change unless this is the present version of the item.",
    "form": "The name of a form.",
    "idempotencyKey": "A repeated call with the same key gets the first answer once more.",
    "item": "The id of a content item.",
    "offset": "The byte at which the part of the file begins.",
    "task": "The id of a review task.",
}
LATEST = " The latest one if absent."
LIMIT = {"type": "integer", "minimum": 1, "maximum": 100}


@dataclass(frozen=True, slots=True)
class OperationShape:
    """The parameters and the body of an operation, as JSON schemas by name."""

    description: str
    query: Mapping[str, JsonSchema]
    required_query: frozenset[str]
    path: Mapping[str, JsonSchema]
    body: Mapping[str, JsonSchema]
    required_fields: tuple[str, ...]
    has_body: bool
    definitions: Mapping[str, JsonSchema]


@cache
def shape_of(operation: str) -> OperationShape:
    """Return the shape of an operation of the API. Raises KeyError."""
    method, _, path = operation.partition(" ")
    document = openapi_document()
    entry = document["paths"]["/v1" + CONVERTER.sub("{", path)][method.lower()]
    components = document["components"]["schemas"]
    parameters = entry.get("parameters", [])
    content = entry.get("requestBody", {}).get("content", {})
    body = _object_of(content.get(JSON, {}).get("schema", {}), components)
    return OperationShape(
        description=entry.get("description") or entry.get("summary", ""),
        query=_parameters(parameters, "query"),
        required_query=frozenset(
            entry["name"] for entry in parameters if entry["in"] == "query" and entry["required"]
        ),
        path=_parameters(parameters, "path"),
        body=body.get("properties", {}),
        required_fields=tuple(body.get("required", ())),
        has_body=bool(content),
        definitions=_definitions(body, components),
    )


def _parameters(parameters: list[JsonSchema], place: str) -> dict[str, JsonSchema]:
    return {
        entry["name"]: entry["schema"]
        | ({"description": entry["description"]} if "description" in entry else {})
        for entry in parameters
        if entry["in"] == place
    }


def _object_of(schema: JsonSchema, components: Mapping[str, JsonSchema]) -> JsonSchema:
    """Return the schema of a body, which may be a reference, and may be optional."""
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            return _object_of(option, components)
    if "$ref" in schema:
        return components[schema["$ref"].removeprefix(COMPONENTS)]
    return schema


def _definitions(schema: JsonSchema, components: Mapping[str, JsonSchema]) -> dict[str, JsonSchema]:
    """Return the components that a schema needs, by name."""
    definitions: dict[str, JsonSchema] = {}
    names = list(_references(schema))
    while names:
        name = names.pop()
        if name not in definitions:
            definitions[name] = components[name]
            names.extend(_references(components[name]))
    return definitions


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(COMPONENTS)
        for child in value.values():
            yield from _references(child)
    elif isinstance(value, list):
        for child in value:
            yield from _references(child)


def argument_name(tool: Tool, parameter: str) -> str:
    """Return the name of the argument for a parameter of the path."""
    if parameter == "slug":
        return tool.slug
    return ARGUMENT_NAMES.get(parameter) or parameter.removesuffix("_id")


@cache
def path_arguments(tool: Tool) -> dict[str, str]:
    """Return the parameter of each argument that is a part of the path.

    ``agent``, which is two parts, is not among them.
    """
    parameters = tool.parameters
    if takes_agent(tool):
        parameters = tuple(name for name in parameters if name not in ("scope", "name"))
    return {argument_name(tool, name): name for name in parameters}


@cache
def takes_agent(tool: Tool) -> bool:
    return {"scope", "name"} <= set(tool.parameters)


@cache
def input_schema(tool: Tool) -> JsonSchema:
    """Return the JSON schema of a tool's arguments."""
    properties: dict[str, JsonSchema] = {}
    required_names: list[str] = []
    definitions: Mapping[str, JsonSchema] = {}
    if tool.run is None:
        properties, required_names = _operation_arguments(tool)
        definitions = shape_of(tool.operation).definitions
    properties |= _arguments_of_tool(tool)
    required_names += [name for name, schema in tool.arguments.items() if "isRequired" in schema]
    for name, schema in properties.items():
        if name in MEANINGS:
            schema.setdefault("description", MEANINGS[name])
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required_names:
        schema["required"] = required_names
    if definitions:
        schema["$defs"] = dict(definitions)
    return _with_local_references(schema)


def _arguments_of_tool(tool: Tool) -> dict[str, JsonSchema]:
    """Return the arguments that the operation does not have."""
    arguments = {
        name: {key: value for key, value in schema.items() if key != "isRequired"}
        for name, schema in tool.arguments.items()
    }
    if not tool.is_read_only:
        arguments["dryRun"] = {"type": "boolean", "default": False}
    if tool.takes_idempotency_key:
        arguments["idempotencyKey"] = {"type": "string", "maxLength": 255}
    if tool.has_version:
        arguments["expectedVersion"] = {"type": "integer", "minimum": 1}
    return arguments


def _operation_arguments(tool: Tool) -> tuple[dict[str, JsonSchema], list[str]]:
    shape = shape_of(tool.operation)
    properties: dict[str, JsonSchema] = {}
    required_names: list[str] = []
    if takes_agent(tool):
        properties["agent"] = {"type": "string"}
        required_names.append("agent")
    for argument, parameter in path_arguments(tool).items():
        schema = dict(shape.path.get(parameter, {"type": "string"}))
        properties[argument] = schema
        if argument == "version" and tool.takes_latest:
            schema["description"] = schema.get("description", "") + LATEST
        else:
            required_names.append(argument)
    for name, schema in shape.query.items():
        # A dry run is the argument dryRun.
        if name != "mode":
            is_limit = name == "limit"
            properties[name] = _limit(schema) if is_limit else dict(schema)
    required_names.extend(shape.required_query)
    properties.update({name: dict(schema) for name, schema in shape.body.items()})
    required_names.extend(shape.required_fields)
    return properties, required_names


def _limit(schema: JsonSchema) -> JsonSchema:
    """Return the schema of a limit, which is a text in the query, as a number."""
    return LIMIT | {"description": schema["description"]}


def _with_local_references(value: Any) -> Any:
    """Return a schema whose references lead to its own definitions, without titles."""
    if isinstance(value, list):
        return [_with_local_references(child) for child in value]
    if not isinstance(value, dict):
        return value
    return {
        key: child.replace(COMPONENTS, "#/$defs/")
        if key == "$ref" and isinstance(child, str)
        else _with_local_references(child)
        for key, child in value.items()
        # A title repeats the name; a property may be called title, and is no text.
        if key != "title" or not isinstance(child, str)
    }
