"""`python -m foundation.sandbox TASKS SOCKET PAGE SECONDS`, by `ChildProcess`."""

import sys

from foundation.sandbox.child import run_child

if __name__ == "__main__":
    run_child(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
