"""Which part of evaluation.yaml a task depends on, each as a hash, so that a changed title does not compute anew."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from fewdistricts.design import Design

# words and pages; what is not named here may change a number, also keys yet to come
WORDS: dict[str, Any] = {
    "title": True,
    "caution": True,
    "families": True,
    "published": True,
    "report": True,
    "chapters": True,
    "notebooks": True,
    "plan": True,
    "intervention": {"name", "description"},
    "data": {"source"},
    "waves": {"__all__": {"label", "phase_reason"}},
    "districts": {"__all__": {"name"}},
    "indicators": {"__all__": {"label", "question", "unit"}},
}
FILES = {"files"}
# what of these words the analysis notebooks show
SHOWN: dict[str, Any] = {
    "title": True,
    "waves": {"__all__": {"label"}},
    "districts": {"__all__": {"name"}},
    "report": {"authors", "date"},
}


def whole(design: Design) -> str:
    """All of evaluation.yaml, as a hash."""
    return _digest(design.model_dump(mode="json"))


def read(design: Design) -> str:
    """What the survey depends on, as a hash: all that can change a number."""
    return _digest(design.model_dump(mode="json", exclude=WORDS))


def shown(design: Design) -> str:
    """All of evaluation.yaml but the survey's files, as a hash: for what reads the survey that was built from them.

    So the declared hash of a file that has changed makes nothing anew where the answers are the same.
    """
    return _digest(design.model_dump(mode="json", exclude={"data": FILES}))


def statistical(design: Design) -> str:
    """What of that can change a number, as a hash."""
    return _digest(design.model_dump(mode="json", exclude={**WORDS, "data": WORDS["data"] | FILES}))


def analysed(design: Design) -> str:
    """What can change a number or is shown by the analysis notebooks, as a hash."""
    return _digest(statistical(design), design.model_dump(mode="json", include=SHOWN))


def _digest(*values: Any) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
