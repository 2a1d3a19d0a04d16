"""Names of columns at the desk."""

import pytest
from django.utils.safestring import mark_safe

from foundation.desk.labels import plain_label

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("License", "licence"),
        ("yanked by user", "yanked by"),
        ("reviewer user", "reviewer"),
        ("Delisted at", "delisted"),
        ("API key", "API key"),
        (mark_safe("<input id=user>"), "<input id=user>"),
    ],
)
def test_column_has_a_plain_name(label: str, words: str) -> None:
    assert plain_label(label) == words
