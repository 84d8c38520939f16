"""A survey of nine interviews in two districts and its declaration, for tests that break it one way each."""

from __future__ import annotations

from typing import Any

ROWS = [  # district, wave, weight, stratum, psu, id, safe, victim, trust, sex
    ("north", "2003", 1, "urban", "p1", 1, "yes", 1, 5, "f"),
    ("north", "2003", 3, "urban", "p1", 2, "no", 0, 3, "m"),
    ("north", "2003", 1, "rural", "p2", 3, -9, 1, -8, "f"),
    ("north", "2005", 2, "urban", "p1", 1, "yes", 0, 7, "f"),
    ("north", "2005", 2, "rural", "p2", 3, "yes", 1, 1, "m"),
    ("south", "2003", 1, "urban", "p1", 4, "no", 1, 4, "m"),
    ("south", "2003", 1, "rural", "p2", 5, "yes", 1, 4, "f"),
    ("south", "2005", 1, "urban", "p1", 4, "no", 0, 2, "m"),
    ("south", "2005", 1, "rural", "p2", 5, "no", 1, "", "f"),
]
HEADER = ["district", "wave", "weight", "stratum", "psu", "id", "safe", "victim", "trust", "sex"]

DECLARATION: dict[str, Any] = {
    "title": {"en": "A small evaluation"},
    "intervention": {"name": "Patrols", "start": "2004-01", "description": "Patrols by night"},
    "data": {
        "kind": "synthetic",
        "source": "Made up by hand",
        "files": [{"path": "survey.csv"}],
        "columns": {"district": "district", "wave": "wave", "weight": "weight", "stratum": "stratum", "psu": "psu"},
        "missing": {"refused": [-9], "dont_know": [-8]},
    },
    "waves": [
        {"id": "2003", "label": "2003", "fieldwork": ["2003-10", "2003-12"]},
        {"id": "2005", "label": "2005", "fieldwork": ["2005-03", "2005-03"]},
    ],
    "districts": [
        {"id": "north", "name": "North", "arm": "pilot"},
        {"id": "south", "name": "South", "arm": "comparison"},
    ],
    "indicators": [
        {"id": "feels_safe", "label": "Feels safe", "column": "safe", "yes": ["yes"]},
        {"id": "trust", "label": "Trust in the police", "column": "trust", "scale": [1, 7]},
    ],
    "report": {"languages": ["en"], "date": "2005-04-25"},
}


def csv_text(rows: list[tuple[Any, ...]] = ROWS, header: list[str] = HEADER) -> str:
    """The rows as a file; row 0 of the list is row 2 of the file."""
    return "\n".join(",".join(map(str, row)) for row in [tuple(header), *rows]) + "\n"
