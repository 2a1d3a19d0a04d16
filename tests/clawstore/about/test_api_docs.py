"""The API page: types, examples and responses, from the OpenAPI document."""

import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from clawstore.about.api_docs import openapi_document, with_code
from clawstore.about.api_examples import SchemaReader
from tests.support.page import Page

pytestmark = pytest.mark.once

READER = SchemaReader(
    {
        "Agent": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "channel": {"enum": ["community", "official"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "parent": {"anyOf": [{"$ref": "#/components/schemas/Agent"}, {"type": "null"}]},
            },
        }
    }
)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"$ref": "#/components/schemas/Agent"}, "object"),
        ({}, "any"),
    ],
)
def test_type_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert READER.type_of(schema) == words


def test_example_has_every_field_and_ends_in_a_schema_that_contains_itself() -> None:
    example = READER.example({"$ref": "#/components/schemas/Agent"})

    assert example["id"] == "@ada/coach"
    assert example["channel"] == "community"
    assert example["tags"] == ["…"]
    assert example["parent"]["id"] == "@ada/coach"


def test_description_has_paragraphs_and_code_and_no_html_of_its_own() -> None:
    assert with_code("A `q` <b>.\n\nTwo.") == ["A <code>q</code> &lt;b&gt;.", "Two."]


def test_page_has_types_commands_and_responses(db: None, read: Any) -> None:
    page: Page = read("/v1/docs")

    assert "`" not in page.text
    assert "integer" in page.text or "string or null" in page.text
    assert "curl http://127.0.0.1:8000/v1/agents/ada/coach" in page.text
    assert "Response 200" in page.text
    assert '"displayName"' in page.text or '"name"' in page.text


def test_every_body_and_response_has_an_example() -> None:
    missing_examples = [
        (method, address)
        for address, operations in openapi_document()["paths"].items()
        for method, operation in operations.items()
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in [part.get("content", {}).get("application/json", {})]
        if "schema" in content and "example" not in content
    ]

    assert missing_examples == []


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({"scope": "ada", "name": "coach"}, "/v1/agents/ada/coach"),
        ({"scope": "a/b?c", "name": "ü"}, "/v1/agents/a%2Fb%3Fc/%C3%BC"),
        ({"scope": "//evil.example", "name": "x"}, "/v1/agents/%2F%2Fevil.example/x"),
        ({"scope": "..", "name": "coach"}, "/v1/docs#registry_api_reads_get_agent"),
        ({"scope": "ada"}, "/v1/docs#registry_api_reads_get_agent"),
    ],
)
def test_trial_leads_to_the_answer(client: Client, values: dict[str, str], address: str) -> None:
    answer = client.get("/v1/docs/try/registry_api_reads_get_agent", values)

    assert (answer.status_code, answer["Location"]) == (302, address)


def test_trial_of_a_file_stays_in_its_package(client: Client) -> None:
    address = "/v1/docs/try/registry_api_files_download_file"
    values = {"scope": "ada", "name": "coach", "version": "1.0.0"}

    answer = client.get(address, values | {"path": "skills/notes/SKILL.md"})
    assert answer["Location"].endswith("/versions/1.0.0/files/skills/notes/SKILL.md")
    for path in ("../../signout", "a//b", "./x", "/x"):
        assert client.get(address, values | {"path": path})["Location"].startswith("/v1/docs#")


def test_trial_takes_parameters_and_reads_alone(client: Client) -> None:
    answer = client.get(
        "/v1/docs/try/registry_api_reads_list_agents", {"q": "a&b", "limit": "", "other": "1"}
    )

    assert answer["Location"] == "/v1/agents?q=a%26b"
    assert client.get("/v1/docs/try/registry_api_publish_publish").status_code == 404
    assert client.get("/v1/docs/try/nothing").status_code == 404


def test_document_has_the_codes_of_refusals_and_the_names_of_the_answers() -> None:
    document = openapi_document()

    schema = document["components"]["schemas"]
    refusal = document["x-refusals"]["content_type_slug_conflict"]
    assert refusal["status"] == 409
    assert refusal["remediation"]
    assert {"version_conflict", "schema_breaks_items", "unsupported_locale"} <= set(
        document["x-refusals"]
    )
    operation = document["paths"]["/v1/domains/{domain}/content-types"]["post"]
    content = operation["responses"]["default"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Refusal"}
    # A name with an underscore is that of an attribute, which no answer has.
    wrong_names = {
        (name, field)
        for name, part in schema.items()
        for field in part.get("properties", {})
        if "_" in field
    }
    assert wrong_names == set()


LOAD_ALL = """
import importlib, pkgutil
import django
django.setup()
import clawstore.urls
from clawstore.about.api_refusals import refusals_by_code
codes = set(refusals_by_code())
for name in "clawstore foundation moderation profiles registry reviews wordclaw".split():
    for module in pkgutil.walk_packages([name], f"{name}."):
        if not {"migrations", "management", "__main__"} & set(module.name.split(".")):
            importlib.import_module(module.name)
print(sorted(set(refusals_by_code()) ^ codes))
"""


def test_codes_do_not_depend_on_what_the_process_has_loaded() -> None:
    process = subprocess.run(
        [sys.executable, "-c", LOAD_ALL], cwd=settings.BASE_DIR, capture_output=True, text=True
    )

    assert process.stdout == "[]\n", process.stderr
