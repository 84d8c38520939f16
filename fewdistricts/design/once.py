"""What follows from a whole design, found once: a design is frozen, and thousands of districts ask the same of it."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

Design = TypeVar("Design")
T = TypeVar("T")


def once(function: Callable[[Design], T]) -> Callable[[Design], T]:
    """Remember what a function says of a design for as long as that design lives."""
    known: dict[int, Any] = {}

    @functools.wraps(function)
    def remembered(design: Design) -> T:
        key = id(design)
        if key not in known:
            said = function(design)
            weakref.finalize(design, known.pop, key, None)
            known[key] = said
        return known[key]

    return remembered
