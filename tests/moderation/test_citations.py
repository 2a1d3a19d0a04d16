"""Files, lines and quotations that a report names."""

import pytest

from moderation.citations import (
    MAX_LINES_CITED,
    Citation,
    find_citations,
    find_quotes,
    locate_quotes,
    make_excerpt,
)

pytestmark = pytest.mark.once

PATHS = ["AGENTS.md", "docs/AGENTS.md", "skills/quiet/SKILL.md", "a b.md"]


@pytest.mark.parametrize(
    ("details", "places"),
    [
        ("See AGENTS.md.", ["AGENTS.md"]),
        ("AGENTS.md:12", ["AGENTS.md:12"]),
        ("`AGENTS.md`:12-15", ["AGENTS.md:12-15"]),
        ("AGENTS.md#L3-L5 and a b.md line 2", ["AGENTS.md:3-5", "a b.md:2"]),
        ("In AGENTS.md, lines 3 to 5", ["AGENTS.md:3-5"]),
        ("AGENTS.md: line 7", ["AGENTS.md:7"]),
        ("AGENTS.md, line ", ["AGENTS.md"]),
        ("docs/AGENTS.md (line 7)", ["docs/AGENTS.md:7"]),
        ("Line 4 of docs/AGENTS.md", ["docs/AGENTS.md:4"]),
        ("lines 2 and 3 in `AGENTS.md`", ["AGENTS.md:2-3"]),
        ("AGENTS.md:2 AGENTS.md:2", ["AGENTS.md:2"]),
        ("MYAGENTS.md, AGENTS.mdx, x/AGENTS.md", []),
        ("AGENTS.md is 12 lines long", ["AGENTS.md"]),
        ("AGENTS.md:9-2", ["AGENTS.md:9"]),
    ],
)
def test_report_cites_files_and_lines(details: str, places: list[str]):
    assert [str(citation) for citation in find_citations(details, PATHS)] == places


def test_last_part_of_a_path_names_the_only_file_that_has_it():
    paths = ["workspace/AGENTS.md", "a/README.md", "b/README.md", "docs/the"]

    citations = find_citations("AGENTS.md:12 and the README.md, x/AGENTS.md", paths)

    assert [str(citation) for citation in citations] == ["workspace/AGENTS.md:12"]


def test_citation_of_many_lines_is_cut():
    (citation,) = find_citations("AGENTS.md:1-999999", PATHS)

    assert citation == Citation("AGENTS.md", 1, MAX_LINES_CITED)


def test_long_quotations_are_located_in_the_texts():
    quotes = find_quotes("It says “paste your key here” and `short`.\n> read the whole disk\n")

    assert quotes == ["paste your key here", "read the whole disk"]
    texts = {"A.md": "One\nTwo: paste your key here.\n", "B.md": "paste your key here"}
    assert locate_quotes(quotes, texts) == [Citation("A.md", 2, 2)]


def test_excerpt_shows_the_cited_lines_in_context():
    text = "".join(f"line {number}\n" for number in range(1, 21))

    excerpt = make_excerpt(Citation("A.md", 10, 11), text)

    assert [line.number for line in excerpt.lines] == list(range(7, 15))
    assert [line.number for line in excerpt.lines if line.is_cited] == [10, 11]
    assert [line.number for line in make_excerpt(Citation("A.md"), text).lines] == list(range(1, 8))
    assert make_excerpt(Citation("A.md", 90, 90), text).lines == []
