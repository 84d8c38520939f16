"""`python -m fewdistricts`: runs a command, and ends quietly whenever it is interrupted."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

STOPPED = 130
"""Exit status of a program that was interrupted, as shells have it."""
UNREAD = 141
"""Exit status of a program whose output nobody reads any more, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    try:
        # imports take most of the time in which nothing is seen yet, and may be interrupted too
        from fewdistricts import commands

        status = commands.run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # `head` has seen enough; what is still held back has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr, flush=True)
        return STOPPED


def _stop(*_: Any) -> None:
    """End what runs; a second interrupt does not disturb that."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
