"""A drafted evaluation.yaml as somebody fills it in."""

from __future__ import annotations

from typing import Any


def fill_in(given: dict[str, Any]) -> None:
    """Writes what no file can say: title, source, programme, date, and when each wave was in the field."""
    given["title"], given["data"]["source"] = "Prueba", "Hecha a mano"
    given["intervention"] |= {"name": "Patrullas", "start": "2004-06", "description": "Patrullas de noche"}
    given["report"]["date"] = "2006-01-01"
    for k, wave in enumerate(given["waves"]):
        wave["fieldwork"] = [f"{2003 + 2 * k}-03", f"{2003 + 2 * k}-04"]
