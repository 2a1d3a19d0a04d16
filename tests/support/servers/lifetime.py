"""Servers that the tests start end with them, also when the tests themselves are killed."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """For ``Popen(preexec_fn=…)``: on Linux the kernel ends the child when its parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
