"""Forms made from schemas: what they send back, and what they refuse."""

import json
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from clawstore.studio.editor.form import DocumentForm
from clawstore.studio.merging import merge_documents
from tests.clawstore.studio.conftest import FormOfPage

pytestmark = pytest.mark.once

TEXT = {"type": "string"}
RECURSIVE = {
    "type": "object",
    "properties": {"name": TEXT, "child": {"$ref": "#"}, "next": {"$ref": "#/$defs/list"}},
    "$defs": {"list": {"type": "array", "items": {"$ref": "#"}}},
}
LOCALIZED = {
    "type": "object",
    "x-wordclaw-localization": {
        "supportedLocales": ["en", "nl", "de", "fr", "pt-BR"],
        "defaultLocale": "en",
    },
    "properties": {
        "a": {"x-wordclaw-localized": True, **TEXT},
        "b": {"type": "array", "items": {"x-wordclaw-localized": True, **TEXT}},
    },
}
PROPERTIES: dict[str, Any] = {
    "text": TEXT,
    "lines": {"type": "string", "x-wordclaw-field-kind": "textarea"},
    "mail": {"type": "string", "format": "email"},
    "day": {"type": "string", "format": "date"},
    "number": {"type": "number"},
    "whole": {"type": "integer"},
    "flag": {"type": "boolean"},
    "choice": {"enum": ["a", 1, True, None, {"x": 1}]},
    "nullable": {"type": ["string", "null"]},
    "nothing": {"type": "null"},
    "any": {},
    "tuple": {"type": "array", "prefixItems": [TEXT, {"type": "number"}]},
    "list": {"type": "array", "items": TEXT},
    "numbers": {"type": "array", "items": {"type": ["number", "null"]}},
    "group": {"type": "object", "properties": {"a/b~c": TEXT, "x.y": {"type": "boolean"}}},
    "either": {"anyOf": [TEXT, {"type": "number"}, {"type": "object", "properties": {"k": TEXT}}]},
    "blocks": {
        "type": "array",
        "items": {
            "oneOf": [
                {"type": "object", "properties": {"t": {"const": "p"}, "text": TEXT}},
                {"type": "object", "properties": {"t": {"const": "q"}, "n": {"type": "number"}}},
            ]
        },
    },
}
ALL = {"type": "object", "properties": PROPERTIES}


def sent_back(schema: dict[str, Any], document: dict[str, Any]) -> DocumentForm:
    """The form that a browser sends for a document."""
    node = DocumentForm(schema, document).node()
    html = render_to_string(node.template, {"node": node, "is_root": True})
    form = FormOfPage(f'<form id="x">{html}</form>', "x")
    return DocumentForm.read(schema, form.fields)


DEEP: dict[str, Any] = {"name": "x"}
for _ in range(40):
    DEEP = {"name": "x", "child": DEEP}
ROUND_TRIPS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (ALL, {}),
    (ALL, {"text": "", "nullable": None, "flag": False, "list": [], "group": {}}),
    (ALL, {"text": "a\nb", "lines": "\n\nfirst", "nullable": "", "flag": True}),
    (ALL, {"day": "no day", "mail": "<x@y>", "text": " blanks "}),
    (ALL, {"number": -0.5, "whole": 2**63, "numbers": [1, None, 2.5e300], "list": ["", "x", ""]}),
    *[(ALL, {"choice": value}) for value in PROPERTIES["choice"]["enum"]],
    (ALL, {"choice": "other", "flag": "yes", "number": "many", "list": "none", "group": 3}),
    (ALL, {"tuple": ["a", 1], "any": {"deep": [1, {"x": None}]}, "nothing": None}),
    (ALL, {"group": {"a/b~c": "1", "x.y": False, "extra": [1]}, "unknown": {"k": 1}}),
    *[(ALL, {"either": value}) for value in ("x", 1.5, {"k": "v"}, {}, [1])],
    (ALL, {"blocks": [{"t": "p", "text": "x"}, {"t": "q", "n": 1}, {"t": "r"}, {"t": "q"}]}),
    (ALL, {"list": [str(number) for number in range(500)]}),
    (RECURSIVE, DEEP),
    (RECURSIVE, {"next": [{"name": "a", "next": [{"name": "b"}]}]}),
    (LOCALIZED, {"a": {"en": "A", "de": "B", "xx": "?"}, "b": [{"en": "1"}, {"fr": "2"}]}),
    ({"type": "object"}, {"anything": {"at": ["all"]}}),
    ({"$ref": "#/$defs/x", "$defs": {"x": ALL}}, {"text": "x"}),
]


@pytest.mark.parametrize(("schema", "document"), ROUND_TRIPS)
def test_form_sends_back_its_document(schema: dict[str, Any], document: dict[str, Any]) -> None:
    form = sent_back(schema, document)

    assert (form.data, form.problems, form.unread_fields) == (document, {}, {})


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abt/~", max_size=3), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*PROPERTIES, "other"]), JSON_VALUES, max_size=5))
def test_form_sends_back_any_document(document: dict[str, Any]) -> None:
    """Also values that the schema does not allow: they are edited as JSON."""
    assert json.dumps(sent_back(ALL, document).data, sort_keys=True) == json.dumps(
        document, sort_keys=True
    )


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"v:/number": "1e999"}, "/number"),
        ({"v:/number": "NaN"}, "/number"),
        ({"v:/whole": "9" * 5000}, "/whole"),
        ({"v:/choice": "99"}, "/choice"),
        ({"v:/any": '{"a": NaN}'}, "/any"),
        ({"v:/any": '"\\ud800"'}, "/any"),
        ({"v:/any": "[" * 5000}, "/any"),
        ({"x:": "[1]"}, ""),
    ],
)
def test_unreadable_text_is_a_problem_and_stays(fields: dict[str, str], pointer: str) -> None:
    form = DocumentForm.read(ALL, fields)

    assert list(form.problems) == [pointer]
    if pointer in ("/number", "/any"):
        [text] = fields.values()
        nodes = {node.pointer: node for node in form.node().walk()}
        assert nodes[pointer].value == text


@pytest.mark.parametrize(
    "step",
    ["add:/nothing", "remove:/list/9", "up:/list/x", "set:/a/b/c", "add:", "x", "down:/list"],
)
def test_step_that_does_not_fit_changes_nothing(step: str) -> None:
    form = DocumentForm.read(ALL, {"v:/text": "x", "n:/list": "1", "v:/list/0": "y", "do": step})
    form.take_step({"do": step})

    assert form.data == {"text": "x", "list": ["y"]}
    assert form.node()


def test_form_has_a_limit_of_controls() -> None:
    names = {f"f{number}": TEXT for number in range(2_500)}
    groups = {f"g{number}": {"type": "object", "properties": names} for number in range(3)}
    schema = {"type": "object", "properties": groups}

    assert len(DocumentForm(schema, {"g2": {"f1": "x"}}).node().walk()) < 6_000
    assert sent_back(schema, {"g2": {"f1": "x"}}).data == {"g2": {"f1": "x"}}


@pytest.mark.parametrize(
    ("base", "own", "other", "result", "conflicts"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1, "b": 3}, {"a": 2, "b": 3}, []),
        ({"a": 1}, {"a": 2}, {"a": 3}, {"a": 2}, ["/a"]),
        ({"a": 1, "b": 1}, {"b": 1}, {"a": 1, "b": 2}, {"b": 2}, []),
        ({"a": 1}, {}, {"a": 2}, {}, ["/a"]),
        ({"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}, {"a": {"x": 3}}, {"a": {"x": 3, "y": 2}}, []),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [0, 1]}, {"a": [1, 2]}, ["/a"]),
        ({}, {"a": True}, {"a": 1}, {"a": True}, ["/a"]),
        ({}, {"a": 1}, {"a": 1}, {"a": 1}, []),
    ],
)
def test_merge(base: Any, own: Any, other: Any, result: Any, conflicts: list[str]) -> None:
    merge = merge_documents(base, own, other)

    assert (merge.document, merge.conflicts) == (result, conflicts)
