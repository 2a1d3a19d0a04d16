"""Tasks whose module takes long to load. They run in a child only."""

import os
import time
from collections.abc import Sequence
from typing import BinaryIO

from foundation.sandbox.process import URGENT_SECONDS

_end = time.process_time() + 3 * URGENT_SECONDS
while time.process_time() < _end:
    pass


class SlowStart:
    def process_id(self, argument: None, files: Sequence[BinaryIO]) -> int:
        return os.getpid()
