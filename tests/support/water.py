"""A survey on water in comunas, of families, by visits, of an initiative: every noun of it is feminine in Spanish."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

PILOTS = ("alba", "bruma", "cauce", "duna")
OTHERS = ("estero", "fuente", "gruta", "hoya", "isla")
VISITS, BLOCKS = 36, 6


def write(folder: Path) -> None:
    """Writes survey.csv and evaluation.yaml."""
    folder.mkdir(parents=True)
    survey().to_csv(folder / "survey.csv", index=False, lineterminator="\n")
    declared = Path(__file__).with_name("water.yaml").read_text(encoding="utf-8")
    (folder / "evaluation.yaml").write_text(declared, encoding="utf-8")


def survey() -> pd.DataFrame:
    """A row a visit; in the last wave 15 points more of a pilot's families have piped water, 12 minutes nearer."""
    rng = np.random.default_rng(14)
    parts = []
    for comuna in (*PILOTS, *OTHERS):
        level = 0.35 + 0.1 * rng.random()
        for year in (2020, 2021, 2022):
            has = comuna in PILOTS and year == 2022
            block = np.repeat(np.arange(BLOCKS), VISITS // BLOCKS)
            mood = 0.05 * rng.standard_normal(BLOCKS)[block] + 0.02 * rng.standard_normal()
            piped = _yes(rng, level + mood + 0.15 * has)
            minutes = np.clip(np.round(40 + 8 * rng.standard_normal(VISITS) - 12 * has), 0, 180)
            parts.append(
                pd.DataFrame(
                    {
                        "comuna": comuna,
                        "year": year,
                        "area": np.where(block < BLOCKS // 2, "town", "hills"),
                        "block": block + 1,
                        "weight": np.round(80 + 40 * rng.random(VISITS), 1),
                        "piped": np.where(rng.random(VISITS) < 0.02, -9, piped),
                        "minutes": np.where(rng.random(VISITS) < 0.03, -8, minutes).astype(int),
                        "clear": np.clip(np.round(3 + rng.standard_normal(VISITS) + 0.4 * has), 1, 5).astype(int),
                        "boils": _yes(rng, 0.6),
                        "committee": _yes(rng, 0.3 + 0.3 * has),
                        "diarrhoea": _yes(rng, 0.2),
                        "radio": _yes(rng, 0.7),
                        "woman": _yes(rng, 0.4),
                        "size": rng.integers(1, 9, VISITS),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _yes(rng: np.random.Generator, share: float | np.ndarray) -> np.ndarray:
    return (rng.random(VISITS) < share).astype(int)
