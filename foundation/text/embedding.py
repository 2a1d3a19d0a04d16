"""Turns texts into vectors whose angle says how near their meanings are.

The model is a table with a vector for each word or part of a word, so a text costs as much as it
has words. It is a file of the project, made from a model with a free licence (ADR 34).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.text.normalise import is_unspaced
from foundation.text.stop_words import STOP_WORDS
from foundation.text.terms import words_in

Vector = NDArray[Any]

FILE = Path(__file__).parent / "embedding-2.npz"
RULES = 2
"""Increased when texts are read in another way: all vectors are then made anew."""
WORD_START = "\u2581"
"""Before the pieces that begin a word."""
# More words say nothing new about the meaning of a text.
MAX_WORDS = 1_000
MAX_RUN = 400
MAX_PIECE = 16
PART = 0.5
# Endings of forms that the table does not have, and what the word has instead.
ENDINGS = (("s", ""), ("es", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("en", ""), ("n", ""))
MIN_FORM = 5
UNKNOWN = -25.0
"""Logarithm of the probability of a character that no piece has."""


@dataclass(frozen=True, slots=True)
class Embedder:
    """A table of vectors: each row is ``table`` times ``scales``.

    ``pieces`` has the row of each piece, ``logs`` the logarithm of its probability. ``name`` is
    stored beside vectors, which only compare with others of the same model.
    """

    name: str
    pieces: dict[str, int]
    logs: Vector
    table: Vector
    scales: Vector

    @property
    def width(self) -> int:
        return int(self.table.shape[1])

    def embed(self, text: str) -> Vector:
        """The vector of a text, one long; zeros if the table knows none of its words.

        Parts of an unknown word count half, and say nothing alone: a xylophone is no phone.
        """
        rows: list[int] = []
        parts: list[int] = []
        words = words_in(text)[:MAX_WORDS]
        for word in [word for word in words if word not in STOP_WORDS] or words:
            row = self._find_word(word)
            if is_unspaced(word):
                rows += _split(self, word[:MAX_RUN])
            elif row is not None:
                rows.append(row)
            else:
                parts += _split(self, word[:MAX_RUN])
        if not rows:
            return np.zeros(self.width, np.float32)
        return unit(self._sum(rows) + self._sum(parts) * np.float32(PART))

    def _find_word(self, word: str) -> int | None:
        """The row of a word, or of the word that it is a form of."""
        row = self.pieces.get(WORD_START + word)
        if row is not None or len(word) < MIN_FORM:
            return row
        bases = (word.removesuffix(ending) + replacement for ending, replacement in ENDINGS)
        rows = (self.pieces.get(WORD_START + base) for base in bases if base != word)
        return next((row for row in rows if row is not None), None)

    def _sum(self, rows: Sequence[int]) -> Vector:
        total: Vector = self.scales[rows] @ self.table[rows].astype(np.float32)
        return total


def unit(vector: Vector) -> Vector:
    """A vector of length one in the same direction."""
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def load_embedder() -> Embedder | None:
    """The model of this process, loaded at the first call; None without its file."""
    return _load(FILE)


def has_embedder() -> bool:
    """Whether the model is there, without loading it."""
    return FILE.exists()


@lru_cache(maxsize=1)
def _load(path: Path) -> Embedder | None:
    if not path.exists():
        return None
    with np.load(path) as file:
        pieces = file["pieces"].tobytes().decode().split("\n")
        return Embedder(
            f"{path.stem}.{RULES}",
            {piece: row for row, piece in enumerate(pieces)},
            file["logs"].astype(np.float32),
            file["table"],
            file["scales"].astype(np.float32),
        )


@lru_cache(maxsize=20_000)
def _split_cached(embedder_name: str, word: str) -> tuple[int, ...]:
    embedder = load_embedder()
    return _best_pieces(embedder, word) if embedder else ()


def _split(embedder: Embedder, word: str) -> Sequence[int]:
    return _split_cached(embedder.name, word)


def _best_pieces(embedder: Embedder, word: str) -> tuple[int, ...]:
    """The rows of the most probable pieces of a word (a Viterbi search)."""
    text = word if is_unspaced(word) else WORD_START + word
    scores = [0.0] + [-np.inf] * len(text)
    steps: list[tuple[int, int]] = [(0, -1)] * (len(text) + 1)
    for start in range(len(text)):
        for end in range(start + 1, min(start + MAX_PIECE, len(text)) + 1):
            row = embedder.pieces.get(text[start:end])
            if row is None and end > start + 1:
                continue
            score = scores[start] + (UNKNOWN if row is None else float(embedder.logs[row]))
            if score > scores[end]:
                scores[end], steps[end] = score, (start, -1 if row is None else row)
    rows: list[int] = []
    end = len(text)
    while end:
        end, row = steps[end]
        rows += [row] if row >= 0 else []
    return tuple(reversed(rows))
