"""Generated code: Pydantic agrees with the validator."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from tests.support.documents import SCHEMA, documents
from wordclaw.schema.artifacts.python import print_python
from wordclaw.schema.artifacts.typescript import print_typescript, print_zod
from wordclaw.schema.compiled import compile_schema
from wordclaw.schema.errors import SchemaError

pytestmark = pytest.mark.once


@pytest.fixture
def model() -> Iterator[type[BaseModel]]:
    module = ModuleType("generated_models")
    sys.modules[module.__name__] = module
    exec(print_python(SCHEMA, "Blog post"), module.__dict__)
    yield module.BlogPost
    del sys.modules[module.__name__]


def accepts(model: type[BaseModel], document: Any) -> bool:
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True


def test_models_of_pydantic_agree_with_the_validator(model: type[BaseModel]):
    schema = compile_schema(SCHEMA)
    samples = list(documents(400))

    different = [
        document
        for document in samples
        if accepts(model, document) != (schema.errors(document) == [])
    ]

    assert different == []
    assert 50 < sum(schema.errors(document) == [] for document in samples) < 350


@pytest.mark.parametrize("printer", [print_typescript, print_zod, print_python])
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "patternProperties": {"a": {}}},
        {"type": "object", "if": {}, "then": {}},
        {"type": "object", "properties": {"a": {"$ref": "#/properties/b"}, "b": {}}},
        {"type": "object", "properties": {"a": {"not": {}}}},
    ],
)
def test_keyword_without_counterpart_is_refused(printer: Any, schema: dict[str, Any]):
    with pytest.raises(SchemaError):
        printer(schema, "Post")


@pytest.mark.parametrize("printer", [print_typescript, print_zod, print_python])
def test_words_of_a_schema_cannot_leave_their_literals(printer: Any):
    hostile = '*/ """ \'\'\' </script> \\ \u2028 \n import os; os.system("x")'
    schema = {
        "type": "object",
        "title": hostile,
        "description": hostile,
        "properties": {hostile: {"const": hostile, "description": hostile}},
    }

    code = printer(schema, hostile)

    assert "\u2028" not in code
    if printer is print_python:
        compile(code, "generated", "exec")
    else:
        assert "</script>" not in code
        comments = [line for line in code.splitlines() if line.strip().startswith("/**")]
        assert comments
        assert all(line.find("*/") == len(line) - 2 for line in comments)
