"""One thread a process for sums: notebooks run side by side, and sums keep one order."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

SETTINGS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Arrow's allocator would start a thread, and a process with threads must not be forked
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


def limit(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set what numerical libraries read when they are imported, unless it is set."""
    for name, value in SETTINGS.items():
        environment.setdefault(name, value)
