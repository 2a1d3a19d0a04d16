"""Expressions of the project take time linear in the text."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from foundation.text.expressions import compile_bytes, compile_text

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60
BACKTRACKING = r"(a+)+$"


def test_expression_that_backtracks_elsewhere_is_quick() -> None:
    text = "a" * 100_000 + "b"
    process_ids = time.process_time()

    assert compile_text(BACKTRACKING).search(text) is None
    assert compile_bytes(BACKTRACKING.encode()).search(text.encode()) is None
    assert time.process_time() - process_ids < 1


def test_bytes_are_characters() -> None:
    assert compile_bytes(rb"[^a]{3}").fullmatch(b"\xff\0\xc3") is not None


def test_expressions_of_re_are_quick_for_the_longest_texts() -> None:
    """Runs in a process of its own: a search that backtracks cannot be interrupted."""
    command = [sys.executable, "-m", "tests.foundation.text.hostile_expressions"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)

    assert process.returncode == 0, process.stdout + process.stderr
