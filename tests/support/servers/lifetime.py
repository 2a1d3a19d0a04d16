"""End started servers together with the tests, even if the tests are killed."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Make the kernel end this child when its parent ends (Linux).

    For ``Popen(preexec_fn=…)``.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
