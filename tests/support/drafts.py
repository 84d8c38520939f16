"""A drafted evaluation.yaml as somebody fills it in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from fewdistricts.design import PLACEHOLDER

OFFER = re.compile(r"( *)# (?!check:)(?:- )?[a-z_]+:.*(?:  # |\.svg$)")
"""The first line of what a draft offers: a key behind a `# `, and the reason."""


def fill_in(given: dict[str, Any]) -> None:
    """Writes what no file can say: title, source, programme, date, and when each wave was in the field."""
    given["title"], given["data"]["source"] = "Prueba", "Hecha a mano"
    given["intervention"] |= {"name": "Patrullas", "start": "2004-06", "description": "Patrullas de noche"}
    given["report"]["date"] = "2006-01-01"
    for k, wave in enumerate(given["waves"]):
        if wave["fieldwork"] == PLACEHOLDER:
            wave["fieldwork"] = [f"{2003 + 2 * k}-03", f"{2003 + 2 * k}-04"]


def offers(text: str) -> list[range]:
    """The lines of each key that a draft offers, from 0; a logo and what it says go together."""
    lines = text.splitlines()
    found: list[range] = []
    for start, line in enumerate(lines):
        match = OFFER.match(line)
        if not match or (found and start in found[-1]):
            continue
        end = start + 1
        while end < len(lines) and lines[end].startswith((f"{match[1]}#   ", f"{match[1]}# logo_alt:")):
            end += 1
        found.append(range(start, end))
    return found


def taken_in(text: str, chosen: Collection[range]) -> str:
    """The draft with some of its offers taken in, as a person does: without the `# ` before their lines."""
    inside = {place for lines in chosen for place in lines}
    return "\n".join(
        line.replace("# ", "", 1) if place in inside else line for place, line in enumerate(text.splitlines())
    )


NUMBERS = {"amount": 120000, "value": 0.3, "worthwhile": 0.05, "recall_months": 12}


def answer(tree: Any, key: str = "") -> Any:
    """What is still open, filled in: numbers by their key, shares of a margin alike, else a text."""
    if isinstance(tree, list):
        return [answer(each, key) for each in tree]
    if not isinstance(tree, dict):
        return NUMBERS.get(key, "Texto") if tree == PLACEHOLDER else tree
    if key == "calibrate":
        return {column: dict.fromkeys(shares, 1 / len(shares)) for column, shares in tree.items()}
    return {name: "PEN" if name == "currency" else answer(value, name) for name, value in tree.items()}


def keys(tree: Any) -> Iterator[str]:
    """Every key of a declaration, at any depth."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        yield key
        yield from keys(value)
    for value in tree if isinstance(tree, list) else ():
        yield from keys(value)
