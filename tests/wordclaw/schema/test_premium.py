"""Documents with premium fields as readers without a right get them."""

from typing import Any

import pytest

from wordclaw.schema.premium import hidden_names, visible_data

pytestmark = pytest.mark.once

PREMIUM = {"type": "string", "premium": True}
TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"teaser": TEXT, "body": PREMIUM}}


@pytest.mark.parametrize(
    ("schema", "visible"),
    [
        (SCHEMA, {"teaser": "t"}),
        # The old name of a field that became `body` later.
        (SCHEMA | {"additionalProperties": True}, {"teaser": "t"}),
        (SCHEMA | {"additionalProperties": TEXT}, {"teaser": "t", "text": "secret"}),
        (SCHEMA | {"patternProperties": {"^text$": TEXT}}, {"teaser": "t", "text": "secret"}),
    ],
)
def test_properties_without_a_schema_are_hidden(schema: dict[str, Any], visible: dict[str, str]):
    document = {"teaser": "t", "body": "secret", "text": "secret"}

    assert visible_data(schema, document) == visible


def test_type_without_a_premium_field_hides_everything():
    schema = {"type": "object", "properties": {"teaser": TEXT}}

    assert visible_data(schema, {"teaser": "t"}) == {}
    assert hidden_names(schema) is None
    assert hidden_names(SCHEMA) == {"body"}
