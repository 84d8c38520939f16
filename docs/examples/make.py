"""The small surveys of docs/examples: invented, drawn with a fixed seed, one for each kind of design.

python docs/examples/make.py      writes survey.csv in every folder beside this file, and a map in one
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
PLACES = ("Aldea", "Barranca", "Cumbre", "Dehesa", "Encina", "Fuente", "Granja", "Huerta")
IN_PAIRS = (*PLACES, "Isla", "Jara", "Laguna", "Molino")
"""Six pairs: the fewest with which a lottery within pairs can give a 95 % interval."""
INTERVIEWS = 30
"""Of a district and wave, in six blocks of five."""


def interviews(
    rng: np.random.Generator, waves: Iterable[str], starts: Mapping[str, str], places: Iterable[str]
) -> pd.DataFrame:
    """A row an interview: in a district that has started, ten points more feel safe, and trust is half a point up."""
    rows = []
    for place in places:
        level = 0.45 + 0.1 * rng.random()
        for wave in waves:
            started = place in starts and wave >= starts[place]
            share = level + 0.03 * rng.standard_normal() + (0.10 if started else 0.0)
            for block in range(1, 7):
                mood = 0.08 * rng.standard_normal()
                for _ in range(INTERVIEWS // 6):
                    safe = rng.random() < np.clip(share + mood, 0.02, 0.98)
                    trust = np.clip(round(4 + 1.5 * rng.standard_normal() + (0.5 if started else 0.0)), 1, 7)
                    woman = int(rng.random() < 0.5)
                    rows.append((place, wave, f"{place[0]}{wave}-{block}", "yes" if safe else "no", int(trust), woman))
    return pd.DataFrame(rows, columns=["district", "wave", "block", "safe", "trust", "woman"])


def records(rng: np.random.Generator) -> pd.DataFrame:
    """A row a district and month: thefts per ten thousand inhabitants, two fewer where the programme has begun."""
    months = [f"{year}-{month:02d}" for year in (2003, 2004) for month in range(1, 13)]
    rows = []
    for i, place in enumerate(PLACES):
        level = 14 + 4 * rng.random()
        for month in months:
            begun = i < 3 and month >= "2004-01"
            rows.append((place, month, round(level + rng.standard_normal() - (2 if begun else 0), 1)))
    return pd.DataFrame(rows, columns=["district", "month", "thefts"])


def an_invented_map() -> str:
    """A row of four districts above another on an invented coast, in the open sea around 0, 0."""
    features = []
    for k, place in enumerate(PLACES):
        west, south = 0.1 * (k % 4), 0.08 * (1 - k // 4)
        shore = [[west + 0.1 * step / 10, south + 0.006 * np.sin(3 * (west * 10 + step / 10))] for step in range(11)]
        ring = [*shore, [west + 0.1, south + 0.08], [west, south + 0.08], shore[0]]
        if k < 4:  # their lower border is the upper one of the row below
            ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.08], [west, south + 0.08], [west, south]]
        rounded = [[round(float(x), 5), round(float(y), 5)] for x, y in ring]
        geometry = {"type": "Polygon", "coordinates": [rounded]}
        features.append({"type": "Feature", "properties": {"name": place}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features}) + "\n"


def write() -> None:
    """Writes every survey and the map."""
    pilots = dict.fromkeys(PLACES[:4], "2005")
    several = ("2003", "2005")
    surveys = {
        "two-waves": interviews(np.random.default_rng(1), several, pilots, PLACES),
        "baseline-only": interviews(np.random.default_rng(2), ("2003",), {}, PLACES),
        "one-pilot": interviews(np.random.default_rng(3), several, {PLACES[0]: "2005"}, PLACES),
        "staggered": interviews(
            np.random.default_rng(4),
            ("2002", "2003", "2004", "2005"),
            {PLACES[0]: "2003", PLACES[1]: "2003", PLACES[2]: "2004", PLACES[3]: "2004"},
            PLACES,
        ),
        "by-lot-in-pairs": interviews(
            np.random.default_rng(5), several, dict.fromkeys(IN_PAIRS[::2], "2005"), IN_PAIRS
        ),
        "monthly-records": records(np.random.default_rng(6)),
    }
    for name, survey in surveys.items():
        (HERE / name).mkdir(exist_ok=True)
        survey.to_csv(HERE / name / "survey.csv", index=False, lineterminator="\n")
    (HERE / "two-waves" / "districts.geojson").write_text(an_invented_map(), encoding="utf-8")


if __name__ == "__main__":
    write()
