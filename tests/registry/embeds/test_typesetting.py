"""Fonts, line breaks and languages of the text in preview pictures."""

import pytest

from registry.embeds import typesetting
from registry.embeds.typesetting import (
    CJK,
    FONTS,
    HAS_RAQM,
    SANS,
    SERIF,
    SERIF_BOLD,
    TextStyle,
    choose_font,
    clean_text,
    has_glyph,
    is_right_to_left,
    language_of,
    load_font,
    set_text,
    wrap,
)

pytestmark = pytest.mark.once

STYLE = TextStyle((SERIF_BOLD, SANS, CJK), 60, 72, (0, 0, 0))
# Pillow's wheels contain Raqm, but load FriBidi from the system, which not every machine has. What
# happens without it is tested below on every machine.
needs_raqm = pytest.mark.skipif(not HAS_RAQM, reason="FriBidi is not installed")


def count(text: str) -> float:
    """A measure of one pixel per character."""
    return len(text)


def test_fonts_are_shipped_with_their_licence() -> None:
    files = [SERIF_BOLD, SERIF, SANS, CJK]

    assert sorted(path.name for path in FONTS.glob("*.?tf")) == sorted(files)
    for file in files:
        family, _ = load_font(file, 20).getname()
        assert family in (FONTS / "OFL.txt").read_text()
        assert "Source" not in family
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 6_000_000


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("Plain words, 12 · @ada/coach", SERIF),
        ("Łódź, Øre, Đà Nẵng, façade, İ, Gruß – cœur", SERIF),
        ("Ημερολόγιο Γευμάτων", SERIF),
        ("Личный бухгалтер, їжа", SERIF),
        ("ῥόδον, Ҧ", SANS),
        ("Tandem ・ 言語交換パートナー", CJK),
        ("会议纪要助手", CJK),
        ("會議紀錄小幫手", CJK),
        ("회의록 도우미", CJK),
        pytest.param("مساعد الاجتماعات (Slack)", SANS, marks=needs_raqm),
        pytest.param("עוזר הפגישות", SANS, marks=needs_raqm),
        ("ไทย", None),
        ("Coach ไทย", None),
        ("😀", None),
        ("\u3164", None),  # A letter without ink.
        ("", None),
    ],
)
def test_first_font_with_all_letters_is_chosen(text: str, file: str | None) -> None:
    assert choose_font(text, (SERIF, SANS, CJK)) == file


def test_right_to_left_text_is_not_drawn_without_raqm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "HAS_RAQM", False)

    assert choose_font("مساعد", (SANS,)) is None
    assert choose_font("Coach", (SANS,)) == SANS


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("e\u0301te\u0301", "été"),
        ("Recipe Scaler 🍲👩🏽\u200d🍳", "Recipe Scaler"),
        ("🍲 Recipe", "Recipe"),
        ("for guests 👨\u200d👩\u200d👧, now", "for guests, now"),
        ("a 🥕 b", "a b"),
        ("1\ufe0f\u20e3 first", "1 first"),
        ("🇩🇪", ""),
        ("a\u200bb \u202eevil\u00a0 \n c", "ab evil c"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("C++ ^ ` © °", "C++ ^ ` © °"),
    ],
)
def test_invisible_characters_and_pictographs_are_dropped(text: str, clean: str) -> None:
    assert clean_text(text, SANS) == clean


def test_missing_character_is_recognised() -> None:
    assert has_glyph(CJK, "文")
    assert not has_glyph(SERIF, "文")
    assert not has_glyph(SANS, "\U0001f600")


def test_fonts_have_the_characters_of_national_encodings() -> None:
    for encoding, text in (
        ("shift_jis", "亜腕弌熙"),
        ("gb2312", "啊座亍齄"),
        ("big5", "一乙籲"),
        ("euc_kr", "가힝伽詰"),
    ):
        assert text.encode(encoding)
        assert all(has_glyph(CJK, char) for char in text), encoding


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four", ["one two", "three four"]),
        ("incomprehensible", ["incomprehe", "nsible"]),
        ("日本語、日本語。日本語", ["日本語、日本語。日本", "語"]),
        ("一二三四五六七八九十、二", ["一二三四五六七八九", "十、二"]),
        ("一二三四五六七八「十」", ["一二三四五六七八", "「十」"]),
        ("Tandem 言語交換パートナー", ["Tandem", "言語交換パートナー"]),
        ("회의록도 도우미입니다", ["회의록도", "도우미입니다"]),
    ],
)
def test_lines_break_where_readers_expect_it(text: str, lines: list[str]) -> None:
    assert wrap(text, 10, count, 5) == (lines, False)


def test_cut_text_ends_in_an_ellipsis_and_fits() -> None:
    lines, is_cut = wrap("word " * 60, 10, count, 3)

    assert is_cut
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert all(len(line) <= 10 for line in lines)
    assert wrap("", 10, count, 3) == ([], False)


def test_a_mark_stays_with_its_letter() -> None:
    lines, _ = wrap("abcdefghi\u0335" * 2, 9, count, 3)

    assert all(not line.startswith("\u0335") for line in lines)


def test_lines_have_about_the_same_width() -> None:
    block = set_text("A name of seven words, not one alone", STYLE, 700, max_lines=2)

    first, second = block.lines
    assert abs(len(first) - len(second)) < 10
    assert block.width <= 700
    assert block.height == 2 * STYLE.line_height


def test_text_without_a_font_has_no_lines() -> None:
    block = set_text("ไทย", STYLE, 700, max_lines=2)

    assert (block.lines, block.height, block.width) == ((), 0, 0)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("言語交換パートナー", "ja"),
        ("회의록 會議", "ko"),
        ("会议纪要助手", "zh-Hans"),
        ("會議紀錄小幫手", "zh-Hant"),
        ("Coach", None),
    ],
)
def test_language_follows_from_the_characters(text: str, language: str | None) -> None:
    assert language_of(text) == language


@needs_raqm
def test_chinese_and_japanese_forms_differ() -> None:
    font = load_font(CJK, 60)
    japanese, chinese = (bytes(font.getmask("直", language=tag)) for tag in ("ja", "zh-Hans"))

    assert japanese != chinese


def test_direction_of_a_text_follows_its_first_letter() -> None:
    assert is_right_to_left("123 عوزר")
    assert not is_right_to_left("Slack عوزר")
    assert not is_right_to_left("123")
