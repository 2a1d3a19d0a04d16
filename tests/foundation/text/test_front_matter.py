"""YAML front matter, told apart from a text that begins with a horizontal rule."""

import pytest

from foundation.text.front_matter import MAX_CHARACTERS, Field, read_front_matter

pytestmark = pytest.mark.once


def test_front_matter_has_its_fields_with_lines() -> None:
    text = "---\nname: quiet\n\ndescription: |\n  One.\n  Two.\ntags: [a, b]\n---\nText.\n"

    front_matter = read_front_matter(text)

    assert front_matter is not None
    assert front_matter.fields == (
        Field("name", "quiet", 2),
        Field("description", "One.\nTwo.", 4),
        Field("tags", "[a, b]", 7),
    )
    assert text.split("\n")[front_matter.line_count :] == ["Text.", ""]


@pytest.mark.parametrize("ending", ["\r\n", " \n"])
def test_line_endings_make_no_difference(ending: str) -> None:
    front_matter = read_front_matter(f"---{ending}name: a{ending}---{ending}b")

    assert front_matter is not None
    assert front_matter.fields == (Field("name", "a", 2),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\nno end\n",
        "---\nOnly words, so this is a rule.\n---\n",
        "---\n- a\n- list\n---\n",
        "---\n\n---\n",
        "---\na: [\n---\n",
        "---\na: &x [1]\nb: *x\n---\n",
        "---\na: " + "[" * 200 + "\n---\n",
        "---\na: " + "[" * 10_000 + "]" * 10_000 + "\n---\n",
        "---\na: \x00\n---\n",
        "text first\n---\na: b\n---\n",
        "---\na: b\n" + "#" * MAX_CHARACTERS + "\n---\n",
        "".join(["---\n", *(f"k{n}: v\n" for n in range(101)), "---\n"]),
    ],
)
def test_text_without_front_matter_is_read_as_none(text: str) -> None:
    assert read_front_matter(text) is None
