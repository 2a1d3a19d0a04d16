"""`python -m foundation.sandbox TASKS SOCKET PAGE SECONDS`, by `ChildProcess`."""

import gc
import sys

# What is loaded stays until the end, so the collector would look at it in vain.
gc.disable()

from foundation.sandbox.child import run_child  # noqa: E402

if __name__ == "__main__":
    run_child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
