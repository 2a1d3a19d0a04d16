"""Text diffs: exact, and limited in size."""

import random

import pytest

from foundation.text.diff import MAX_LINE_LENGTH, DiffBudget, Row, TextDiff, diff_texts
from foundation.text.words import MAX_TOKENS, diff_words
from registry.analysis.diff.html import render_hunk
from registry.analysis.source_html import display_length

pytestmark = pytest.mark.once


def diff(old: str, new: str, *, is_prose: bool = False, **budget: int) -> TextDiff:
    full_budget = DiffBudget(**budget, display_length=display_length)
    return diff_texts(old, new, is_prose=is_prose, budget=full_budget)


def rows(diff_result: TextDiff) -> list[tuple[str, int | None, int | None]]:
    return [(row.sign, row.old, row.new) for hunk in diff_result.hunks for row in hunk.rows]


def lines(count: int, word: str = "line") -> list[str]:
    return [f"{word} {number}" for number in range(1, count + 1)]


def text(of: list[str]) -> str:
    return "\n".join(of) + "\n"


def test_data_rows_have_the_line_numbers_of_both_sides() -> None:
    result = diff("a\nb\nc\n", "a\nB\nC\nc\n")

    assert rows(result) == [
        ("=", 1, 1),
        ("-", 2, None),
        ("+", None, 2),
        ("+", None, 3),
        ("=", 3, 4),
    ]
    assert (result.added, result.removed) == (2, 1)


def test_long_unchanged_stretches_are_folded() -> None:
    old = lines(40)
    new = [*old[:19], "other", *old[20:]]

    result = diff(text(old), text(new))

    (hunk,) = result.hunks
    assert (hunk.skipped, result.skipped_after) == (16, 17)
    assert rows(result)[0] == ("=", 17, 17)
    assert rows(result)[-1] == ("=", 23, 23)


@pytest.mark.parametrize(
    ("old", "new", "added_count", "removed_count"),
    [("", "", 0, 0), ("", "one\n", 1, 0), ("one\n", "", 0, 1), ("\n", "\n\n", 1, 0)],
)
def test_empty_texts_have_no_hunks(
    old: str, new: str, added_count: int, removed_count: int
) -> None:
    result = diff(old, new)

    assert (result.added, result.removed) == (added_count, removed_count)


@pytest.mark.parametrize(
    ("old", "new"), [("a\r\nb\r\n", "a\nb\n"), ("a\nb", "a\nb\n"), ("a\nb\n", "a\nb")]
)
def test_other_line_ends_are_reported_and_change_no_line(old: str, new: str) -> None:
    result = diff(old, new)

    assert (result.hunks, result.line_ends_changed, result.added) == ((), True, 0)
    assert result.skipped_after == 2


def test_moved_paragraph_is_recognised() -> None:
    old = lines(50, "a longer line of words")
    new = old[:4] + old[7:30] + old[4:7] + old[30:]

    result = diff(text(old), text(new), is_prose=True)

    redirect = [row for hunk in result.hunks for row in hunk.rows if row.is_moved]
    assert [(row.sign, row.old, row.new) for row in redirect] == [
        *(("-", number, number + 23) for number in (5, 6, 7)),
        *(("+", number, number + 23) for number in (5, 6, 7)),
    ]


def test_prose_is_edited_word_by_word() -> None:
    old, new = "You plan the day of your user.\n", "You plan the whole week of your user.\n"

    (hunk,) = diff(old, new, is_prose=True).hunks

    assert hunk.rows == (
        Row(
            sign="~",
            old=1,
            new=1,
            pieces=(
                ("=", "You plan the "),
                ("-", "day"),
                ("+", "whole week"),
                ("=", " of your user."),
            ),
        ),
    )


def test_rewrapped_paragraph_has_no_changes() -> None:
    assert diff_words("one two three", "one two\nthree") == (("=", "one two\nthree"),)
    assert diff_words("one\n\ntwo", "one\ntwo") != (("=", "one\ntwo"),)


def test_unrelated_sentences_are_two_lines() -> None:
    result = diff("Completely other.\n", "Nothing alike here!\n", is_prose=True)

    assert rows(result) == [("-", 1, None), ("+", None, 1)]


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert diff_words("今日は良い天気です", "今日は悪い天気です") == (
        ("=", "今日は"),
        ("-", "良"),
        ("+", "悪"),
        ("=", "い天気です"),
    )


def test_diff_contains_both_texts() -> None:
    dice = random.Random(7)
    for _ in range(50):
        old, new = (
            text([dice.choice(["a b", "b c d", "c", ""]) for _ in range(dice.randrange(30))])
            for _ in range(2)
        )
        result = diff(old, new)
        shown_rows = [row for hunk in result.hunks for row in hunk.rows]
        removed_rows = [row for row in shown_rows if row.sign == "-"]
        put = [row for row in shown_rows if row.sign == "+"]
        assert (len(removed_rows), len(put)) == (result.removed, result.added)
        before, after = old.split("\n"), new.split("\n")
        assert all(before[(row.old or 0) - 1] == row.pieces[0][1] for row in removed_rows)
        assert all(after[(row.new or 0) - 1] == row.pieces[0][1] for row in put)


# --- Caps ------------------------------------------------------------------------------------


def test_five_thousand_lines_are_matched_line_by_line() -> None:
    old = lines(5000)
    new = [line for number, line in enumerate(old) if number % 1000]

    result = diff(text(old), text(new))

    assert (result.removed, result.added, result.is_coarse, result.is_cut) == (5, 0, False, False)


def test_text_too_long_to_match_is_removed_and_added() -> None:
    budget = DiffBudget()
    old, new = ["a", "b"] * 10_000, ["b", "c"] * 10_000

    result = diff_texts(text(old), text(new), is_prose=True, budget=budget)

    assert (result.is_coarse, result.is_cut) == (True, True)
    assert (result.removed, result.added) == (20_000, 20_000)
    assert len(rows(result)) == 600
    assert budget.cells == DiffBudget().cells


def test_budget_covers_the_whole_comparison() -> None:
    budget = DiffBudget(rows=10)

    first = diff_texts("", text(lines(8)), is_prose=False, budget=budget)
    second = diff_texts("", text(lines(8)), is_prose=False, budget=budget)

    assert (len(rows(first)), first.is_cut) == (8, False)
    assert (len(rows(second)), second.is_cut, second.added) == (2, True, 8)


def test_long_line_is_cut_and_marked() -> None:
    (hunk,) = diff("", "x" * 100_000).hunks

    assert hunk.rows[0].is_cut
    assert len(hunk.rows[0].pieces[0][1]) == MAX_LINE_LENGTH


def test_word_comparison_is_bounded() -> None:
    many = "word " * (MAX_TOKENS + 1)

    assert diff_words(many, many + "more") is None


def test_invisible_characters_count_in_the_displayed_length() -> None:
    hidden_text = text(["\u200b" * 2000] * 100)

    result = diff("", hidden_text)

    page = "".join(render_hunk(hunk) for hunk in result.hunks)
    assert result.is_cut
    assert len(page) < 500_000


# --- As HTML ---------------------------------------------------------------------------------


def test_markup_is_escaped_and_hidden_characters_are_shown() -> None:
    (hunk,) = diff("", "<script>\u202e</script>\n").hunks

    html = render_hunk(hunk)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert 'title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</mark>' in html


def test_changes_are_marked_without_colour() -> None:
    (hunk,) = diff("one two three\n", "one 2 three\n", is_prose=True).hunks
    assert "<del>two</del><ins>2</ins>" in render_hunk(hunk)

    (hunk,) = diff("a\n", "b\n").hunks
    assert '<span class="sign">\N{MINUS SIGN}</span>' in render_hunk(hunk)
    assert '<span class="sign">+</span>' in render_hunk(hunk)


def test_unusual_spaces_are_marked() -> None:
    (hunk,) = diff("one two\n", "one  two\n", is_prose=True).hunks

    assert '<span class="sign">¶</span>' in render_hunk(hunk)
