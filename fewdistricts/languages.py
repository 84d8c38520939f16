"""The languages that reports can be written in: those with a folder of texts."""

from __future__ import annotations

import functools

from fewdistricts import paths

LABELS = "labels.yaml"
"""The file of words that makes a folder a language."""


@functools.cache
def available() -> tuple[str, ...]:
    """Codes of the languages, in alphabetical order."""
    folders = (file.parent for file in paths.TEXTS.glob(f"*/{LABELS}"))
    return tuple(sorted(folder.name for folder in folders))
