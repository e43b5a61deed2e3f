"""When this process began to read the package, of which this is the first module that does anything."""

from __future__ import annotations

import time

IMPORTED = time.time_ns()
"""What is edited later is not what this process runs: nanoseconds, as of files."""
