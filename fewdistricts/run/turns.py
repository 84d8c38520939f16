"""Turns at a limited number of places, taken in the order of preference and not in that of arrival."""

from __future__ import annotations

import contextlib
import heapq
import threading
from collections.abc import Iterator


class Turns:
    """A semaphore whose waiting threads are let in by their rank."""

    def __init__(self, places: int) -> None:
        """`places`: how many threads are inside at once."""
        self._free = places
        self._waiting: list[int] = []
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def take(self, rank: int) -> Iterator[None]:
        """Wait for a place; the lowest rank comes first, and no two threads have the same."""
        with self._changed:
            heapq.heappush(self._waiting, rank)
            self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] == rank)
            heapq.heappop(self._waiting)
            self._free -= 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()
