"""The word lists: which words are known, and the files that processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.text import dictionary
from foundation.text.dictionary import is_dictionary_word, keep_packed_in, rarity_of

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder without packed lists, in which they will be."""
    previous_folder = dictionary._folder
    keep_packed_in(tmp_path)
    dictionary._word_lists.cache_clear()
    yield tmp_path
    dictionary._word_lists.cache_clear()
    dictionary._folder = previous_folder


def assert_words_are_known() -> None:
    assert [word for word in ("taxes", "maison", "receta") if not is_dictionary_word(word)] == []
    assert not is_dictionary_word("plannr")
    assert rarity_of("the") < 0.1 < rarity_of("ledger") < rarity_of("plannr") == 1


def test_word_lists_are_packed_once_and_made_again_if_damaged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_words_are_known()
    files = sorted(folder.rglob("*.npy"))
    assert len(files) == 3

    with monkeypatch.context() as patch:
        patch.setattr(dictionary, "read_word_lists", lambda: pytest.fail("read again"))
        dictionary._word_lists.cache_clear()
        assert_words_are_known()

    files[0].write_bytes(b"damaged")
    dictionary._word_lists.cache_clear()
    assert_words_are_known()
    assert files[0].stat().st_size > 1000


def test_word_lists_need_no_place_on_the_disk(folder: Path) -> None:
    keep_packed_in(folder / "file" / "no-folder")
    (folder / "file").write_text("")
    dictionary._word_lists.cache_clear()

    assert_words_are_known()
