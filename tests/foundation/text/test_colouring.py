"""Syntax colours: only of known languages, within a budget, and never other text."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers.markup import MarkdownLexer
from pygments.token import Text

from foundation.text.colouring import (
    LANGUAGES,
    MAX_COLOURED_CHARACTERS,
    ColourBudget,
    PlainWordsLexer,
    _lexer_class,
    lex,
)
from foundation.text.markdown import render_markdown

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]


def test_every_language_has_a_lexer():
    assert {language for language in LANGUAGES if not _lexer_class(language)} == set()
    assert 25 <= len(set(LANGUAGES.values())) <= 45


@pytest.mark.parametrize("language", ["mcschema", "console", "no such language", "", "c'"])
def test_other_language_stays_plain(language):
    assert list(lex("let x = 1", language, ColourBudget())) == [(Text, "let x = 1")]
    assert "<span" not in render_markdown(f"```{language}\nlet x = 1\n```\n").html


def test_source_that_is_too_long_stays_plain():
    source = "x = 1\n" * MAX_COLOURED_CHARACTERS

    assert list(lex(source, "python", ColourBudget())) == [(Text, source)]


def test_spent_budget_leaves_the_rest_plain():
    assert list(lex("x = 1", "python", ColourBudget(seconds=-1))) == [(Text, "x = 1")]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.text(
        st.sampled_from("ab1 \r\n\t'\"{}[]()<>/*#$\\:-") | st.characters(codec="utf-8"), max_size=80
    ),
)
def test_tokens_are_the_text(language, source):
    assert "".join(text for _, text in lex(source, language, ColourBudget())) == source


def merge_plain_tokens(lexer, source):
    tokens = []
    for _, kind, part in lexer().get_tokens_unprocessed(source):
        if tokens and kind is Text is tokens[-1][0]:
            tokens[-1][1] += part
        else:
            tokens.append([kind, part])
    return tokens


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"ab1 \n\t*_`~[](){}#@!\\-.:/'\"é|>=+", "two words ", "```py\n", "- ", "1. "]
        ),
        max_size=40,
    )
)
def test_words_of_markdown_are_read_as_by_the_library(parts):
    source = "".join(parts) + "\n"

    expectation = merge_plain_tokens(MarkdownLexer, source)
    assert merge_plain_tokens(PlainWordsLexer, source) == expectation


def test_hostile_source_is_coloured_in_bounded_time():
    """Runs in its own process: a search that backtracks cannot be interrupted."""
    command = [sys.executable, "-m", "tests.foundation.text.hostile_sources", "4"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)

    assert process.returncode == 0, process.stdout[-500:] + process.stderr
