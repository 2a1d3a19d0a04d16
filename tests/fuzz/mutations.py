"""Makes hostile inputs from seeds: repeats, splices, flips, words."""

import random
from collections.abc import Sequence

INTERESTING = (b"\0", b"\xff", b"\n", b"\r\n", b" ", b"\t", b"-", b"=", b"/", b"\\", b'"', b"'")


class Mutator:
    """Changes inputs. The same seed gives the same inputs."""

    def __init__(self, seeds: Sequence[bytes], words: Sequence[bytes], chance: random.Random):
        self._seeds = list(seeds)
        self._words = [*words, *INTERESTING]
        self._chance = chance

    def next_input(self, largest: int) -> bytes:
        """Returns an input of at most `largest` bytes."""
        chance = self._chance
        data = chance.choice(self._seeds) if chance.random() < 0.8 else chance.choice(self._words)
        for _ in range(chance.randint(1, 5)):
            data = chance.choice(self._changes)(self, data)[:largest]
        # One in three inputs is a repetition: that is how work becomes quadratic.
        if chance.random() < 0.35 and data:
            data = self._repeat(data, largest)
        return data[:largest]

    def _repeat(self, data: bytes, largest: int) -> bytes:
        size = self._chance.choice([1, 2, 3, 5, 9, 20, 60, 200])
        start = self._chance.randrange(len(data))
        unit = data[start : start + size]
        count = self._chance.randrange(1, max(2, largest // len(unit)))
        return data[:start] + unit * count + data[start + size :]

    def _insert_word(self, data: bytes) -> bytes:
        place = self._chance.randint(0, len(data))
        return data[:place] + self._chance.choice(self._words) + data[place:]

    def _flip(self, data: bytes) -> bytes:
        if not data:
            return data
        mutation = bytearray(data)
        for _ in range(self._chance.randint(1, 8)):
            mutation[self._chance.randrange(len(data))] = self._chance.randrange(256)
        return bytes(mutation)

    def _cut(self, data: bytes) -> bytes:
        first, last = sorted(self._chance.choices(range(len(data) + 1), k=2))
        return data[:first] + data[last:]

    def _splice(self, data: bytes) -> bytes:
        other = self._chance.choice(self._seeds)
        place, from_place = self._chance.randint(0, len(data)), self._chance.randint(0, len(other))
        return data[:place] + other[from_place:]

    def _repeat_words(self, data: bytes) -> bytes:
        words = self._chance.choices(self._words, k=self._chance.randint(1, 3))
        place = self._chance.randint(0, len(data))
        return data[:place] + b"".join(words) * self._chance.randint(1, 400) + data[place:]

    _changes = (_insert_word, _flip, _cut, _splice, _repeat_words, _insert_word)
