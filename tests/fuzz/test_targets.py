"""Each parser keeps its promises for the same inputs in each run.

`make fuzz` runs the same targets with other inputs, for as long as wanted.
"""

import pytest

from tests.fuzz.run import fuzz
from tests.fuzz.targets import TARGETS, Target, as_text

pytestmark = pytest.mark.once

INPUTS = {"markdown": 25, "colours": 25}


@pytest.mark.parametrize("name", TARGETS)
def test_parser_is_quick_bounded_and_raises_nothing(name, capsys):
    assert not fuzz(name, seconds=0, input_count=INPUTS.get(name, 60), seed=1), capsys.readouterr()


@pytest.mark.parametrize(
    ("run", "complaint"),
    [
        (lambda data: 1 // 0, "raised ZeroDivisionError"),
        (lambda data: 10**9, "gave 1000000000 characters"),
        (lambda data: sum(range(30_000_000)) * 0, "took"),
    ],
)
def test_broken_promise_is_reported(monkeypatch, capsys, run, complaint):
    broken_cache = Target(run, (b"a",), base_seconds=0.01)
    monkeypatch.setitem(TARGETS, "broken", broken_cache)

    assert fuzz("broken", seconds=0, input_count=3, seed=1)
    assert complaint in capsys.readouterr().out


def test_same_seed_gives_the_same_inputs():
    from random import Random

    from tests.fuzz.mutations import Mutator

    def inputs(seed):
        mutator = Mutator((b"abc", b"xyz"), (b"<a>",), Random(seed))
        return [as_text(mutator.next_input(500)) for _ in range(50)]

    assert inputs(1) == inputs(1)
    assert inputs(1) != inputs(2)
    assert max(map(len, inputs(1))) <= 500
